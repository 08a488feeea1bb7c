"""What a body may not say, and ids of others: every write route and every route with an id, generated."""

import json
import re

import pytest

from tests.hub.access.conftest import CANARY
from tests.hub.access.test_hostile_requests import operations
from tests.hub.access.test_no_cell_leaks import PATHS

TITLE = "Judul rahasia KENARI-0B1D"
MASS = {"active": True, "password_hash": "x", "role": "walidata", "owner": "x", "granted_by": "x"}
"""Names of columns that somebody would like to set along the way."""


def schema_of(app, operation):
    """The JSON body that a route takes; None for one that takes none."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return None if body is None else body["schema"]


OPEN = {
    "/api/v1/agencies/{code}": "the register of agencies",
    "/api/v1/agencies/{code}/keys": "public keys, to check contracts with",
    "/api/v1/agencies/{code}/posts": "posts without their holders",
    "/api/v1/rules/{book}": "rule books are for everybody",
    "/api/v1/reports/openness/{year}": "the yearly report is of all agencies, for members",
    "/api/v1/schemas/{system}/{record}/config": "schemas are published",
    "/api/v1/schemas/{system}/{record}/versions/{version}": "schemas are published",
    "/schemas/{system}/{record}/{version}.json": "schemas are published",
}
"""GET routes that everybody who has signed in may read."""


class Bodies:
    """Bodies that fit a schema of the OpenAPI document in their form, if not in their sense."""

    def __init__(self, app):
        self._known = app.openapi()["components"]["schemas"]

    def resolved(self, schema):
        if "$ref" in schema:
            return self._known[schema["$ref"].rsplit("/", 1)[1]]
        options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
        return self.resolved(options[0]) if options else schema

    def fitting(self, schema, *, full=False):
        """With what it requires alone, or with every member."""
        schema = self.resolved(schema)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        match schema.get("type"):
            case "object":
                named = schema.get("properties", {})
                wanted = named if full else schema.get("required", ())
                return {name: self.fitting(named[name], full=full) for name in wanted}
            case "array":
                return [self.fitting(schema.get("items", {}), full=full)]
            case "integer" | "number":
                return max(1, schema.get("minimum", 1))
            case "boolean":
                return True
            case _:
                return "x" * max(1, schema.get("minLength", 1))

    def closed_objects(self, schema, at=()):
        """The way to every object of the body whose members are known, the body itself first."""
        schema = self.resolved(schema)
        if schema.get("type") == "array":
            yield from self.closed_objects(schema.get("items", {}), (*at, 0))
        if schema.get("type") == "object" and "properties" in schema:
            yield at
            for name, member in schema["properties"].items():
                yield from self.closed_objects(member, (*at, name))


def url_of(path, ids):
    return re.sub(r"\{(\w+)\}", lambda part: {**PATHS, **ids}.get(part[1], "0" * 32), path)


def unknown_by(answer):
    """The members that the answer does not know."""
    said = answer.json().get("faults", ())
    return {str(one["at"][-1]) for one in said if one["why"] == "Extra inputs are not permitted"}


def test_a_member_that_no_body_knows_is_refused_by_every_route(hub, penerima, make_client):
    penerima("TERBATAS")
    callers, bodies, tried = (
        [make_client(r, "bpbj") for r in ("walidata", "steward")],
        Bodies(hub.app),
        0,
    )
    for method, path, operation in operations(hub.app):
        schema = schema_of(hub.app, operation)
        if schema is None:
            continue
        for way in bodies.closed_objects(schema):
            body = place = bodies.fitting(schema, full=True)
            for step in way:
                place = place[step]
            added = {name: said for name, said in MASS.items() if name not in place}
            place.update(added)
            answers = [who.request(method, url_of(path, {}), json=body) for who in callers]
            assert {a.status_code for a in answers} <= {403, 422}, (method, path, way)
            assert set(added) in [unknown_by(a) for a in answers], (method, path, way, answers)
            tried += 1
    assert tried > 30


@pytest.fixture
def theirs(penerima, publish_rows, make_agency, make_client, make_person):
    """What bpbj has that nobody else may see: an excluded dataset with all that hangs on it."""
    dataset = penerima("DIKECUALIKAN")
    publish_rows(dataset)
    steward, head = (make_client(role, "bpbj") for role in ("steward", "head"))
    walidata, person = make_client("walidata", "dkisp"), make_person("analyst", "bpbj")
    described = steward.patch(
        f"/api/v1/datasets/{dataset}", json={"title": TITLE, "restriction_basis": "Pasal 17"}
    )
    assert described.status_code == 200, described.text
    bad = [{"kode": "99", "nilai": CANARY}]
    pushed = steward.post(f"/api/v1/datasets/{dataset}/batches?format=json", json=bad)
    assert pushed.status_code == 422, pushed.text
    made = {"name": "hitung", "title": TITLE, "groups": [{"column": "kecamatan"}]}
    assert steward.post(f"/api/v1/datasets/{dataset}/aggregates", json=made).status_code == 201
    ran = steward.post("/api/v1/query", json={"sql": f"SELECT '{CANARY}' FROM bpbj.penerima"})
    assert ran.status_code == 200, ran.text
    kept = {"title": TITLE, "sql": f"SELECT '{CANARY}'", "shared": "agency"}
    saved = steward.post("/api/v1/saved-queries", json=kept)
    assert saved.status_code == 201, saved.text
    wanted = {
        "purpose": f"Perkara {CANARY}",
        "basis": "Pasal 4",
        "recipient": make_agency("dinsos"),
    }
    asked = walidata.post(f"/api/v1/datasets/{dataset}/requests", json=wanted)
    assert asked.status_code == 201, asked.text
    decided = head.post(
        f"/api/v1/requests/{asked.json()['id']}/decision", json={"decision": "approve"}
    )
    assert decided.status_code == 200, decided.text
    posts = walidata.get("/api/v1/agencies/bpbj/posts").json()["items"]
    return {
        "batch_id": pushed.json()["batch"],
        "name": "hitung",
        "query_id": ran.json()["id"],
        "saved_id": saved.json()["id"],
        "request_id": asked.json()["id"],
        "grant_id": decided.json()["grant"],
        "entry_id": json.loads(ran.headers["simpul-receipt"])["entry_id"],
        "post": posts[0]["id"],
        "holding": posts[0].get("holding") or "0" * 32,
        "client": steward.client_id,
        "person": person.id,
    }


def test_ids_of_another_agency_open_nothing_and_change_nothing(hub, theirs, make_client):
    """Whoever has the ids, from a mail or a log, has nothing by them."""
    bodies = Bodies(hub.app)
    with_ids = [one for one in operations(hub.app) if "{" in one[1]]
    callers = {
        "outsider": make_client(),
        **{role: make_client(role, "bappeda") for role in ("steward", "head", "analyst")},
    }
    opened = []
    for name, who in callers.items():
        for method, path, operation in with_ids:
            schema = schema_of(hub.app, operation)
            body = {} if schema is None else {"json": bodies.fitting(schema)}
            answer = who.request(method, url_of(path, theirs), **body, headers={"If-Match": "*"})
            if told(answer) or (answer.status_code < 400 and (method != "GET" or path not in OPEN)):
                opened.append((name, method, path, answer.status_code, answer.text[:150]))
    assert opened == []
    # The ids are true ones: their own people are shown what hangs on them.
    head = make_client("head", "bpbj")
    seen = [p for m, p, _ in with_ids if m == "GET" and told(head.get(url_of(p, theirs)))]
    assert len(seen) > 7, seen


def told(answer):
    return TITLE in answer.text or CANARY in answer.text
