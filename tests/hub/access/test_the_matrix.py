"""Role by agency by class by state of the grant by route: nobody is shown a cell that nothing gives.

Six datasets, one of each class, hold three canaries each: in a column that a narrow grant leaves out or
hashes, in a column that names persons, and in rows that its filter leaves out. What each caller may be
shown of each is written down here, apart from the code that decides; every GET route of the OpenAPI and
the routes that answer a POST with data are then asked by everybody, and every answer, its headers, the
logs and the metrics are searched. A caller who may see something must see it, so that no answer is clean
because it is empty.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import structlog
from sqlmodel import Session

from catalog.models import AccessClass, Dataset
from hub.agencies.roles import Role
from hub.auth.authenticate import access_tokens
from hub.calendar import real_now
from hub.db import unit_of_work
from tests.hub.access.conftest import put_grant, text_of
from tests.hub.access.test_no_cell_leaks import PATHS, QUERIES

CLASSES = [kind.value for kind in AccessClass]
STATES = (
    "live",
    "narrow",
    "to-verify",
    "not-begun",
    "ended",
    "revoked",
    "altered",
    "of-another-party",
    "one-row",
)
READERS = {"steward", "head", "analyst", "walidata"}
"""Roles that read through a grant of their agency (docs/reference/scopes-and-roles.md)."""
OWNERS = {"steward", "head", "analyst"}


def slug_of(access_class):
    return access_class.lower().replace("_", "-")


def canary(kind, access_class):
    """CATATAN (free text), NAMA (personal in every row), BARIS (rows that the filter leaves out)."""
    return f"KENARI{kind}{slug_of(access_class).replace('-', '').upper()}X"


CANARIES = [canary(kind, c) for kind in ("CATATAN", "NAMA", "BARIS") for c in CLASSES]


def rows(access_class):
    note, name, left_out = (canary(kind, access_class) for kind in ("CATATAN", "NAMA", "BARIS"))
    return [
        {
            "kode": f"{number:04}",
            "kecamatan": "Kuaro" if number % 2 else f"Jone {left_out}",
            "nilai": number,
            "penyedia": "PERORANGAN",
            "nama": f"Orang {number} {name}",
            "catatan": f"{note} {number}",
        }
        for number in range(1, 13)
    ]


@dataclass(frozen=True)
class Caller:
    """Somebody who asks; `state` is that of the only grants of her agency, on every dataset."""

    name: str
    role: str | None
    agency: str | None
    state: str | None = None
    token: str = field(default="", repr=False)
    narrowed: str | None = None

    def may_see(self, access_class):
        """The canaries of a dataset of this class that this caller may be shown."""
        note, name, left_out = (canary(k, access_class) for k in ("CATATAN", "NAMA", "BARIS"))
        if self.narrowed is not None and self.narrowed != access_class:
            return set()
        if self.agency == "bpbj" and self.role in OWNERS:
            return {note, name, left_out}
        open_data = {note, left_out} if access_class == "TERBUKA" else set()
        if self.role not in READERS:
            return open_data
        by_grant = {"live": {note, left_out}, "narrow": set()}.get(self.state, set())
        return open_data | by_grant

    def reads(self, access_class):
        """Whether rows of it are answered at all."""
        if self.narrowed is not None and self.narrowed != access_class:
            return False
        own = self.agency == "bpbj" and self.role in OWNERS
        granted = self.role in READERS and self.state in ("live", "narrow", "one-row")
        return own or granted or access_class == "TERBUKA"


@pytest.fixture
def regency(hub, penerima, publish_rows, make_client):
    """The datasets, one release each; an aggregate on each; agencies with grants in every state."""
    for access_class in CLASSES:
        dataset = penerima(access_class, slug_of(access_class))
        publish_rows(dataset, rows(access_class))
    steward = make_client("steward", "bpbj")
    for access_class in CLASSES:
        made = steward.post(
            f"/api/v1/datasets/bpbj/{slug_of(access_class)}/aggregates",
            json={"name": "hitung", "title": "Hitung", "groups": [{"column": "nilai"}]},
        )
        assert made.status_code == 201, made.text
    now = real_now()
    with unit_of_work(hub.app.state.engine) as session:
        for access_class in CLASSES:
            dataset = session.get_one(Dataset, f"bpbj/{slug_of(access_class)}")
            for state in STATES:
                _put(session, hub.app.state.ledger, dataset, state, now)
    return steward


def _put(session: Session, ledger, dataset, state, now):
    said = {}
    match state:
        case "narrow" | "one-row":
            said = {
                "columns": ["kode", "kecamatan", "nilai", "catatan"],
                "filter": {"eq": ["kecamatan", "Kuaro"]},
                "masks": {"catatan": "hash"},
            }
            if state == "one-row":
                said["daily_rows"] = 1
        case "to-verify":
            said = {"use": "verify", "columns": ["kode", "nilai"]}
        case "not-begun":
            said = {"starts_at": now + timedelta(hours=1)}
        case "ended":
            said = {"expires_at": now - timedelta(seconds=1)}
        case "revoked":
            said = {"revoked_at": now, "revoked_by": "kepala"}
    agency = None if state == "of-another-party" else f"skpd-{state}"
    grant = put_grant(session, ledger, dataset, agency, **said)
    if state == "altered":
        grant.columns = ["kode", "nama", "catatan"]
        session.add(grant)


@pytest.fixture
def callers(regency, hub, make_client):
    """Everybody: each role in the producer, in an agency with a live grant and in one with none; a reader
    of an agency with a grant in each state; outsiders; a token that lost its scope.

    On PostgreSQL a quarter of them: the rules are the same code, what differs is the statement for grants.
    """
    made = []
    for role in Role:
        for agency, state in (("bpbj", None), ("skpd-live", "live"), ("skpd-none", None)):
            client = make_client(role.value, agency)
            made.append((Caller(f"{role.value} of {agency}", role.value, agency, state), client))
    for state in STATES[1:]:
        agency = f"skpd-{state}"
        client = make_client("analyst", agency)
        made.append((Caller(f"analyst of {agency}", "analyst", agency, state), client))
    made.append((Caller("outsider", None, None), make_client()))
    poor = make_client("steward", "bpbj", scopes="catalog:read")
    made.append((Caller("steward whose token may not read", None, None), poor))
    return made if hub.app.state.engine.dialect.name == "sqlite" else made[::4]


ALWAYS = 10
"""Requests that everybody makes of every dataset; of the others each caller makes a quarter in turn."""


def some_requests(slug, turn):
    every = list(data_requests(slug))
    return [one for n, one in enumerate(every) if n < ALWAYS or n % 4 == turn % 4]


def data_requests(slug):
    """Every way to ask for rows of one dataset: (method, url, body), the commonest first."""
    base = f"/api/v1/datasets/bpbj/{slug}"
    table = f"bpbj.{slug.replace('-', '_')}"
    common = [
        "rows?format=csv",
        "rows?format=parquet&columns=kode,catatan",
        "rows?filter=nama~KENARI",
    ]
    rare = [
        "rows?columns=nama",
        "rows?filter=catatan~KENARI",
        "rows?filter=kecamatan~KENARI",
        "rows?sort=-nama",
        "rows?sort=-catatan&limit=3",
        "rows?limit=2",
        "rows?release=1",
        "rows?as=latest",
        "rows?format=ndjson",
        "rows?format=xlsx",
        "rows?format=arrow",
        "rows?format=csv&limit=5",
        "rows?download=true",
        "releases/1/changes?since=0",
    ]
    plain = ["rows", "sample", "profile", "releases/1/changes", "aggregates/hitung", *common]
    yield from (("GET", f"{base}/{path}", None) for path in plain)
    queries = [
        f"SELECT * FROM {table}",
        f"SELECT min(nama), max(catatan) FROM {table}",
        f"SELECT catatan, count(*) FROM {table} GROUP BY catatan",
        f"SELECT CAST(catatan AS INTEGER) FROM {table}",
    ]
    yield from (("POST", "/api/v1/query", {"sql": sql}) for sql in queries)
    yield from (("GET", f"{base}/{path}", None) for path in rare)
    yield "POST", "/api/v1/query", {"sql": queries[0], "format": "csv"}
    yield "POST", "/api/v1/query/cost", {"sql": queries[0]}
    yield "POST", f"{base}/verifications", {"rows": [{"kode": "0001", "nilai": 1}]}


def found_in(answer):
    text = text_of(answer)
    return {marker for marker in CANARIES if marker in text}


@pytest.mark.parametrize("half", [0, 1])
def test_nobody_is_shown_a_cell_that_nothing_gives(callers, hub, half):
    everybody = [*callers, (Caller("visitor", None, None), hub)][half::2]
    with structlog.testing.capture_logs() as logs:
        for turn, (caller, client) in enumerate(everybody):
            for access_class in CLASSES:
                may, shown = caller.may_see(access_class), set()
                for method, url, body in some_requests(slug_of(access_class), turn):
                    answer = client.request(method, url, json=body)
                    where = (caller, access_class, method, url, body, answer.status_code)
                    assert answer.status_code < 500, (where, answer.text)
                    shown |= found_in(answer)
                    assert found_in(answer) <= may, where
                url = f"/api/v1/datasets/bpbj/{slug_of(access_class)}/rows?limit=1"
                told = client.get(url)
                reads = caller.reads(access_class)
                assert (told.status_code == 200) == reads, (caller, access_class, told.text)
                assert shown == may, (caller, access_class)
    told = json.dumps([str(log) for log in logs]) + hub.get("/metrics").text
    assert [marker for marker in CANARIES if marker in told] == []


def test_no_other_route_tells_a_cell_either(callers, hub, regency):
    """Every GET of the OpenAPI, with the ids of things that are there, asked by everybody."""
    ids = {
        "entry_id": regency.get("/api/v1/ledger/entries?limit=1").json()["items"][0]["entry_id"],
        "post": regency.get("/api/v1/agencies/bpbj/posts").json()["items"][0]["id"],
        "request_id": "PD-2025-000001",
    }
    for turn, (caller, client) in enumerate(callers):
        everything = set().union(*(caller.may_see(c) for c in CLASSES))
        # Two classes for each caller: over all callers each class has had every route many times.
        for step, access_class in enumerate((CLASSES[turn % 6], CLASSES[(turn + 3) % 6])):
            may = caller.may_see(access_class)
            known = {**ids, "slug": slug_of(access_class), "name": "hitung"}
            for path, url in other_routes(hub.app, known, turn):
                of_dataset = "{slug}" in path
                if not of_dataset and step:
                    continue
                answer = client.get(url)
                assert answer.status_code < 500, (caller, url, answer.text)
                assert found_in(answer) <= (may if of_dataset else everything), (caller, url)


def other_routes(app, known, turn):
    """Each GET of the OpenAPI as it is written and with one of its parameters, another for each caller."""
    for path, methods in app.openapi()["paths"].items():
        if "get" not in methods:
            continue
        url = re.sub(
            r"\{(\w+)(?::\w+)?\}", lambda part: {**PATHS, **known}.get(part[1], "0" * 32), path
        )
        said = methods["get"].get("parameters", [])
        names = [one["name"] for one in said if one["in"] == "query"]
        if not names or turn % 2:
            yield path, url
        else:
            name = names[turn % len(names)]
            yield path, f"{url}?{name}={QUERIES[name][0]}"


def test_a_persons_token_for_one_dataset_opens_that_one_alone(regency, hub, make_person, sign_in):
    person = make_person("analyst", "skpd-live", password="kata sandi panjang (sintetis)")
    made = sign_in(person).post(
        "/api/v1/tokens",
        json={"name": "excel", "scope": "data:read", "days": 3, "dataset": "bpbj/terbatas"},
    )
    assert made.status_code == 201, made.text
    caller = Caller("token", "analyst", "skpd-live", "live", narrowed="TERBATAS")
    proof = {"Authorization": f"Bearer {made.json()['token']}"}
    for access_class in CLASSES:
        for method, url, body in data_requests(slug_of(access_class)):
            answer = hub.request(method, url, json=body, headers=proof)
            assert found_in(answer) <= caller.may_see(access_class), (url, body)
        told = hub.get(f"/api/v1/datasets/bpbj/{slug_of(access_class)}/rows", headers=proof)
        assert (told.status_code == 200) == caller.reads(access_class), (access_class, told.text)


def test_a_token_that_ended_opens_nothing(regency, hub, make_client):
    client = make_client("analyst", "skpd-live")
    tokens = access_tokens(hub.app.state.settings)
    old = tokens.issue(client.client_id, "data:read", now=real_now() - timedelta(hours=1))
    for access_class in CLASSES:
        url = f"/api/v1/datasets/bpbj/{slug_of(access_class)}/rows"
        answer = hub.get(url, headers={"Authorization": f"Bearer {old}"})
        assert answer.status_code == 401
        assert found_in(answer) == set()
