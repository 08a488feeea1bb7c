"""Every GET route and every page, asked in every way by everybody without a grant: no cell comes out.

Routes and parameters come from the app itself. A parameter that is not known here fails the test,
so that whoever adds one says how it is to be attacked.
"""

import importlib
import json
import pkgutil
import re

import pytest

import hub.web.pages
from tests.hub.access.conftest import CANARY, text_of

EXTREME = 73190019
"""The largest value of a column, as a profile or an error would tell it."""
COUNT = 1931
"""Rows; members of an agency may know it, strangers may not."""

PATHS = {
    "agency": "bpbj",
    "slug": "penerima",
    "code": "bpbj",
    "system": "bpbj",
    "record": "penerima",
    "version": "1.0.0",
    "name": "bpbj/penerima",
    "number": "1",
    "grant_id": "HA-2025-00001",
    "form": "ms-var",
    "review": "TL-2025-000001",
    "report_id": "LDS-2026-000001",
    "component": "B",
    "year": "2025",
    "contest_id": "BI-2025-000001",
    "person": "0" * 32,
    "post_id": "0" * 32,
    "provider": "sso",
    "query_id": "0" * 32,
    "saved_id": "0" * 32,
    "roster": "0" * 32,
    "notice_id": "0" * 32,
    "event": "tarik",
    "breach_id": "KP-2026-0001",
    "record_id": "CP-2026-00001",
    "disposal_id": "BP-2026-00001",
    "assessment_id": "DPIA-2026-0001",
    "raise_id": "KA-2026-000001",
    "debt_id": "UD-2026-000001",
    "book": "mandat",
}
"""Parts of a path with one value; those of ids come from the fixture."""

LOWER = CANARY.lower()
QUERIES = {
    "q": [LOWER, "penerima"],
    "agency": ["bpbj"],
    "topic": [LOWER],
    "access": ["TERBATAS"],
    "frequency": ["insidental"],
    "schema": ["bpbj/penerima"],
    "term": ["kependudukan/nama"],
    "name": ["nama"],
    "sort": ["-catatan", "title"],
    "columns": ["catatan", "tidakada"],
    "filter": [
        f"catatan~{CANARY[:6]}",
        f"nilai={EXTREME - 1}",
        'nilai>"x"',
        "rusak((",
        json.dumps({"eq": ["tidakada", 1]}),
    ],
    "limit": ["1"],
    "sebelum": ["LDS-2025-000001"],
    "size": ["1"],
    "cursor": ["x", "W251bGxd"],
    "count": ["true"],
    "open_only": ["true"],
    "rule": ["type"],
    "column": ["nilai", LOWER],
    "after": ["1"],
    "release": ["1", "99"],
    "as": ["latest", "9.9.9"],
    "dari": ["1.0.0", "x"],
    "ke": ["9.9.9", "x"],
    "since": ["0", "1"],
    "format": ["json", "ndjson", "csv", "csv-rows", "xlsx", "parquet", "arrow"],
    "download": ["true"],
    "grant": ["HA-2025-00001"],
    "dataset": ["bpbj/penerima"],
    "target": ["bpbj/penerima"],
    "kind": ["batch.accepted"],
    "permintaan": ["PD-2026-000001"],
    "state": ["menunggu"],
    "live": ["true"],
    "month": ["2025-10"],
    "bulan": ["2025-10"],
    "title": ["Catatan"],
    "version": ["1"],
    "versi": ["1"],
    "from": ["1"],
    "to": ["1"],
    "lang": ["en"],
    "hari": ["1", "x"],
    "year": ["2025", "x"],
    "ubah": ["0", "x"],
    "own": ["true"],
    "unread": ["true"],
    "kanal": ["smtp", "x"],
    "next": ["/katalog"],
    "tabel": ["bpbj/penerima"],
    "riwayat": ["0" * 32],
    "saring": ["penerima", "catatan", LOWER],
}

NOT_WALKED = {
    "/static/{digest}/{name}": "files of the project",
}

SQL = (
    "SELECT * FROM bpbj.penerima",
    "SELECT CAST(catatan AS INTEGER) FROM bpbj.penerima",
    "SELECT error(catatan) FROM bpbj.penerima",
    "SELECT * FROM bpbj.penerima_",
    "SELECT count(*) FROM bpbj.penerima AS p(a, b)",
    "SUMMARIZE bpbj.penerima",
    "DESCRIBE bpbj.penerima",
)


def rows():
    for number in range(1, COUNT + 1):
        value = EXTREME if number == 7 else number
        yield {"kode": f"{number:05}", "nilai": value, "catatan": f"{CANARY} {number}"}


@pytest.fixture
def secret(hub, penerima, make_client, reviewed):
    """A restricted dataset that came in by push, with a quarantined row, a refused job and a report of a
    wrong value.
    """
    dataset, steward = penerima("TERBATAS"), make_client("steward", "bpbj")
    reviewed(dataset)
    bad = {"kode": "99999", "nilai": CANARY, "catatan": CANARY}
    at = f"/api/v1/datasets/{dataset}/batches"
    pushed = steward.post(f"{at}?on_error=quarantine&format=json", json=[*rows(), bad])
    assert pushed.status_code == 201, pushed.text
    refused = steward.post(f"{at}?format=json", json=[bad])
    assert refused.status_code == 422
    steward.get(f"/api/v1/datasets/{dataset}/rows?format=csv")
    wrong = {
        "row": {"kode": "00003"},
        "field": "catatan",
        "observed": f"{CANARY} 3",
        "suggested": CANARY,
        "evidence": "Dokumen halaman 3 menyebut nilai lain",
    }
    report = steward.post(f"/api/v1/datasets/{dataset}/reports", json=wrong)
    assert report.status_code == 201, report.text
    post = steward.get("/api/v1/agencies/bpbj/posts").json()["items"][0]["id"]
    asked = {"purpose": "Menyusun RKPD 2026", "basis": "Perbup tupoksi pasal 4"}
    request = make_client("analyst", "dinkes").post(
        f"/api/v1/datasets/{dataset}/requests", json=asked
    )
    return steward, {
        "batch_id": pushed.json()["batch"],
        "job": refused.json()["batch"],
        "entry_id": pushed.json()["receipt"]["entry_id"],
        "post": post,
        "request_id": request.json()["id"],
        "report_id": report.json()["id"],
        "source_id": "0" * 32,
        "draft": "0" * 32,
    }


def api_routes(app):
    """Path template and names of query parameters of every GET in the OpenAPI document."""
    for path, methods in app.openapi()["paths"].items():
        said = methods.get("get", {}).get("parameters", [])
        if "get" in methods:
            yield path, [p["name"] for p in said if p["in"] == "query"]


def page_routes():
    """The same of the pages; the routers are read, since a page is not in the OpenAPI document."""
    for module in pkgutil.iter_modules(hub.web.pages.__path__, "hub.web.pages."):
        router = getattr(importlib.import_module(module.name), "router", None)
        for route in router.routes if router else ():
            if "GET" in route.methods:
                yield route.path, [p.alias for p in route.dependant.query_params] + ["lang"]


def urls(routes, ids):
    """Every route plain, then with each of its parameters, one at a time."""
    for path, parameters in routes:
        if path in NOT_WALKED:
            continue
        url = re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: {**PATHS, **ids}[part[1]], path)
        yield url
        for name in parameters:
            for value in QUERIES[name]:
                yield f"{url}?{name}={value}"


def leaks(answer, markers):
    text = text_of(answer)
    return [marker for marker in markers if re.search(rf"(?<!\w){re.escape(marker)}(?!\w)", text)]


def test_programs_without_a_grant_get_no_cell_from_any_route(hub, secret, make_client):
    steward, ids = secret
    walked = list(urls(api_routes(hub.app), ids))
    seen = [url for url in walked if leaks(steward.get(url), [CANARY])]
    for part in ("/rows", "/sample", "/profile", "/changes", "/errors", "/jobs/", "/reports/"):
        assert any(part in url for url in seen), f"the owner sees nothing under {part}"

    cells = [CANARY, str(EXTREME)]
    strangers = {"visitor": hub, "outsider": make_client()}
    members = {
        "rw of the producer": make_client("rw", "bpbj"),
        "analyst of another": make_client("analyst", "bappeda"),
        "walidata": make_client("walidata", "dkisp"),
    }
    for name, who in {**strangers, **members}.items():
        markers = cells if name in members else [*cells, str(COUNT)]
        for url in walked:
            answer = who.get(url)
            assert answer.status_code < 500, (name, url, answer.text)
            assert leaks(answer, markers) == [], (name, url)
        for sql in SQL:
            answer = who.post("/api/v1/query", json={"sql": sql})
            assert answer.status_code in (401, 403, 422), (name, sql, answer.text)
            assert leaks(answer, [*markers, str(COUNT)]) == [], (name, sql)


def test_people_without_a_grant_get_no_cell_from_any_page(hub, secret, make_person, sign_in):
    _, ids = secret
    walked = list(urls(page_routes(), ids))
    browsers = {"visitor": hub}
    for role, agency in (
        (None, None),
        ("analyst", "bappeda"),
        ("rw", "bpbj"),
        ("walidata", "dkisp"),
    ):
        person = make_person(role, agency, password="kata-sandi-panjang")
        browsers[str(role)] = sign_in(person)
    for name, browser in browsers.items():
        strange = name in ("visitor", "None")
        markers = [CANARY, str(EXTREME), "73.190.019", *([str(COUNT), "1.931"] if strange else [])]
        for url in walked:
            answer = browser.get(url)
            assert answer.status_code < 500, (name, url)
            assert leaks(answer, markers) == [], (name, url)
