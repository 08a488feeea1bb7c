"""Whatever is sent, to whichever route: no 500, and every refusal is a problem in the one form.

The generator walks the app's own OpenAPI, so a new route is attacked the day it is written.
"""

import base64
import json
import re
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HOSTILE_TEXTS = (
    "",
    "\x00",
    "a\x00b",
    "..",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "a'b\"c;--",
    "%s%n{0}{x}",
    "${jndi:ldap://x.invalid}",
    "\r\nSet-Cookie: a=b",
    "\u2028\u202e\ufeff",
    "\U0001f9ff" * 50,
    "A" * 3000,
    "-1",
    "0",
    "1e999",
    "NaN",
    "9" * 30,
    "9" * 5000,
    "true",
    "null",
    "[[[[",
    "W1tdXQ",  # [[]]
    "WzFlOTk5XQ",  # [1e999]
    "WzEwMDAwMDAwMDAwMDAwMDAwMDAwMDBd",  # an integer beyond 64 bits
    "WyJcdTAwMDAiXQ",  # a NUL
    "WyJcdWQ4MDAiXQ",  # half a surrogate pair
    "W3RydWVd",
    "W251bGxd",
)
RAW_BYTES = ("%ff%fe", "%ed%a0%80", "%00", "%c0%af", "%0d%0aX: y", "%")
BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"x"',
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"9" * 5000,
    b"[" * 200_000,
    b'{"a":' * 100_000,
    b'{"a":1,"a":2}',
    b"\xff\xfe\x00",
    b'\xef\xbb\xbf{"name":"x"}',
    b'{"\\ud800":1}',
    b'{"\\u0000":1}',
    b'{"constructor":{"prototype":1},"__proto__":1}',
)
VALUES = (
    None,
    True,
    0,
    -1,
    2**63,
    10**40,
    float("nan"),
    float("inf"),
    1e308,
    [],
    {},
    [[]],
    {"a": None},
    *HOSTILE_TEXTS,
    "\ud800",
    "\udfff x",
    {"\ud800": 1},
    {"and": [{"eq": ["\x00", "\ud800"]}]},
    ["\ud800"],
    "agency:admin",
    "2026-99-99",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
)
HEADERS = ("", " ", "a" * 300, "k\x7f", "\xe9", "..", "1", "*", "respond-async;;,", "W/\"'")


def operations(app):
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def body_fields(app, operation):
    """Names of the members that the route's JSON body knows."""
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    names = re.findall(r"#/components/schemas/(\w+)", json.dumps(schema))
    known = app.openapi()["components"]["schemas"]
    return sorted({field for name in names for field in known[name].get("properties", {})})


PLAUSIBLE = {
    "agency": "bpbj",
    "slug": "penerima",
    "code": "bpbj",
    "system": "bpbj",
    "record": "penerima",
    "version": "1.0.0",
    "number": "1",
}
TEXTS = st.one_of(st.sampled_from(HOSTILE_TEXTS), st.text(max_size=20))


@st.composite
def requests(draw, app):
    """One request: each part is plausible or hostile."""
    method, path, operation = draw(st.sampled_from(sorted(operations(app), key=str)))
    hostile = TEXTS.map(lambda text: quote(text.encode("utf-8", "replace"), safe=""))
    hostile |= st.sampled_from(RAW_BYTES)
    for name in re.findall(r"\{(\w+)\}", path):
        good = st.just(PLAUSIBLE.get(name, "01a20bfd69be7290840fb993b27caf54"))
        path = path.replace(f"{{{name}}}", draw(st.one_of(good, good, hostile)))
    query, headers = [], {}
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query" and draw(st.booleans()):
            query.append(f"{parameter['name']}={draw(hostile)}")
        if parameter["in"] == "header" and draw(st.booleans()):
            headers[parameter["name"]] = draw(st.sampled_from(HEADERS)).encode("latin-1")
    fields = body_fields(app, operation)
    whole = st.sampled_from(BODIES)
    parts = st.dictionaries(st.sampled_from([*fields, "x"]), st.sampled_from(VALUES))
    body = draw(st.one_of(whole, parts.map(lambda said: json.dumps(said).encode())))
    if method != "GET":
        kinds = ("application/json", "text/csv", "multipart/form-data; boundary=x", "x")
        headers["content-type"] = draw(st.sampled_from(kinds))
    return method, path + ("?" + "&".join(query) if query else ""), headers, body


CURSORS = (
    [],
    [1],
    [-1],
    [10**30],
    ["a"],
    ["\x00"],
    ["\ud800"],
    [None],
    [True],
    [[]],
    ["a", "b"],
    {},
    1,
)


def test_cursors_that_we_never_made_are_refused_or_an_end(hub, penerima, make_client):
    """In the very form of each list, so that they come further than random text does."""
    penerima("TERBUKA")
    walidata = make_client("walidata", "bpbj")
    for _, path, operation in operations(hub.app):
        if not any(p["name"] == "cursor" for p in operation.get("parameters", [])):
            continue
        url = re.sub(r"\{(\w+)\}", lambda part: PLAUSIBLE.get(part[1], "x"), path)
        for key in CURSORS:
            cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")
            answer = walidata.get(url, params={"cursor": cursor})
            assert answer.status_code in (200, 403, 404, 422), (url, key, answer.text)


HALF = "\\ud800"
BROKEN = (
    ("POST", "/api/v1/query", '{"sql":"SELECT \'%s\'"}'),
    ("POST", "/api/v1/query", '{"%s":1}'),
    ("PATCH", "/api/v1/datasets/bpbj/penerima", '{"intake":[{"step":"%s"}]}'),
    ("PATCH", "/api/v1/datasets/bpbj/penerima", '{"summary":"%s"}'),
    (
        "POST",
        "/api/v1/datasets/bpbj/penerima/requests",
        '{"purpose":"Menyusun RKPD","basis":"Pasal 4","columns":["nama"],"filter":{"eq":["%s","%s"]}}',
    ),
    (
        "POST",
        "/api/v1/sources",
        '{"dataset":"bpbj/penerima","kind":"http-json","stream":"a","options":{"url":"%s"}}',
    ),
)


def test_half_a_surrogate_pair_is_refused_wherever_json_can_spell_it(
    penerima, publish_rows, make_client
):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    steward = make_client("steward", "bpbj")
    for method, path, body in BROKEN:
        content = body.replace("%s", HALF)
        headers = {"Content-Type": "application/json"}
        answer = steward.request(method, path, content=content, headers=headers)
        assert answer.status_code == 422, (path, body, answer.text)
        assert answer.json()["status"] == 422
    wanted = {"filter": '{"eq":["kecamatan","%s"]}'.replace("%s", HALF)}
    answer = steward.get(f"/api/v1/datasets/{dataset}/rows", params=wanted)
    assert answer.status_code == 422


def speaks_problem(path, answer):
    """RFC 6749 has a form of its own for the errors of its endpoints."""
    if path.startswith("/oauth/"):
        return "error" in answer.json()
    problem = "application/problem+json"
    return (
        answer.headers["content-type"] == problem and answer.json()["status"] == answer.status_code
    )


def test_no_request_of_any_shape_is_our_own_fault(hub, penerima, publish_rows, make_client):
    dataset = penerima("TERBUKA")
    publish_rows(dataset)
    callers = [make_client("walidata", "bpbj"), make_client("steward", "bpbj"), hub]
    for caller in callers:
        caller._transport.raise_server_exceptions = False  # as a server would answer

    faults = []

    @settings(
        max_examples=400,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(range(3)), requests(hub.app))
    def attack(who, request):
        method, path, headers, body = request
        content = None if method == "GET" else body
        answer = callers[who].request(
            method, path, headers=headers, content=content, follow_redirects=False
        )
        if answer.status_code >= 500 or (
            answer.status_code >= 400 and not speaks_problem(path, answer)
        ):
            faults.append((method, path[:300], headers, body[:120], answer.text[:300]))

    attack()
    assert faults == []
