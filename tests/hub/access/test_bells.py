"""What the decision does not understand is refused, and rings; it never means "no limit"."""

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
import structlog
from sqlalchemy import text

from catalog.models import AccessClass, Dataset
from hub.access.bells import BELLS
from hub.access.decision import decide
from hub.access.inputs import Attributes, Inputs, moment
from hub.access.judging import RULES, Action, Audience, judge
from hub.agencies.principal import HeldPost, Principal
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.grants.models import Grant
from tests.hub.access.conftest import put_grant, rows_of, sign_anew

FILTER = {"eq": ["kecamatan", "Kuaro"]}


@pytest.fixture
def granted(hub, penerima, publish_rows, make_client):
    """An analyst with a filtered grant on ten rows, and a way to change its row, signed anew."""
    dataset, analyst = penerima("TERBATAS"), make_client("analyst", "bappeda")
    publish_rows(dataset)
    with unit_of_work(hub.app.state.engine) as session:
        known = session.get_one(Dataset, dataset)
        grant = put_grant(session, hub.app.state.ledger, known, "bappeda", filter=FILTER).id

    def change(**said):
        with unit_of_work(hub.app.state.engine) as session:
            row = session.get_one(Grant, grant)
            for name, value in said.items():
                setattr(row, name, value)
            sign_anew(session, hub.app.state.ledger, row)

    return f"/api/v1/datasets/{dataset}/rows", analyst, change, grant


def rung(kind):
    return BELLS.labels(kind)._value.get()


UNKNOWN = [
    ("unknown_mask", {"masks": {"nilai": "Hide"}}),
    ("unknown_mask", {"masks": {"nilai": "blur"}}),
    ("unknown_mask", {"masks": {"nilai": ["hide"]}}),
    ("unknown_mask", {"masks": ["nilai"]}),
    ("unknown_use", {"use": "READ"}),
    ("unknown_use", {"use": ""}),
    ("columns_are_no_list", {"columns": "kode"}),
    ("filter_is_no_filter", {"filter": {}}),
    ("filter_is_no_filter", {"filter": []}),
    ("filter_is_no_filter", {"filter": True}),
    ("filter_is_no_filter", {"filter": "kecamatan=Kuaro"}),
    ("filter_is_no_filter", {"filter": {"EQ": ["kecamatan", "Kuaro"]}}),
    ("filter_is_no_filter", {"filter": {"eq": ["KECAMATAN", "Kuaro"]}}),
    ("filter_is_no_filter", {"filter": {"eq": ["kecamatan"]}}),
    ("filter_is_no_filter", {"filter": {"and": []}}),
    ("filter_is_no_filter", {"filter": {"or": [FILTER, {"eq": ["tiada", 1]}]}}),
]


def test_a_grant_with_something_unknown_in_it_opens_nothing(hub, granted):
    path, analyst, change, grant = granted
    usual = {"masks": {}, "use": "read", "columns": None, "filter": FILTER}
    for kind, said in UNKNOWN:
        change(**usual)
        assert {row["kecamatan"] for row in rows_of(analyst.get(path))} == {"Kuaro"}
        before = rung(kind)
        change(**said)
        for what in (path, f"{path}?format=csv", f"{path}?grant={grant}"):
            assert analyst.get(what).status_code == 403, (what, said)
        sql = {"sql": "SELECT * FROM bpbj.penerima"}
        assert analyst.post("/api/v1/query", json=sql).status_code == 422, said
        assert rung(kind) >= before + 4, said
        assert f'simpul_access_bells_total{{kind="{kind}"}}' in hub.get("/metrics").text


def test_an_altered_grant_opens_nothing_and_the_log_says_which(hub, granted):
    path, analyst, _, grant = granted
    with unit_of_work(hub.app.state.engine) as session:
        session.get_one(Grant, grant).filter = None
    with structlog.testing.capture_logs() as logs:
        assert analyst.get(path).status_code == 403
    (bell, *_) = [str(log) for log in logs if log["event"] == "access_bell"]
    assert "contract_does_not_stand" in bell
    assert f"{grant}: altered filter" in bell


def test_a_filter_that_reads_as_json_null_is_no_leave_for_all_rows(hub, granted):
    path, analyst, _, _ = granted
    with unit_of_work(hub.app.state.engine) as session:
        session.connection().execute(text("UPDATE hub_grant SET filter = 'null'"))
    assert analyst.get(path).status_code == 403


def reader():
    identity = Identity("client", "program", "program", scopes.ALL, "token")
    return Principal(identity, "bpbj", (HeldPost("p", "Jabatan", Role.HEAD, "bpbj"),))


@pytest.mark.parametrize("action", ["ROWS", "Rows", "rows ", "SELECT", "select", "", "hapus", "*"])
def test_an_unknown_action_is_refused_even_to_the_owner(hub, make_dataset, action):
    name, before = make_dataset("TERBUKA"), rung("unknown_action")
    with unit_of_work(hub.app.state.engine) as session:
        dataset = session.get_one(Dataset, name)
        told = decide(session, reader(), action, dataset, now=real_now())
        assert decide(session, reader(), "rows", dataset, now=real_now()).allow
    assert not told.allow
    assert rung("unknown_action") == before + 1


GRANT = {
    "id": "HA-1",
    "digest": "0" * 64,
    "flaw": None,
    "target": ["dataset", "bpbj/penerima"],
    "class": "TERBATAS",
    "agency": "bappeda",
    "party": None,
    "columns": None,
    "filter": None,
    "masks": {},
    "use": "read",
    "daily_rows": None,
    "may_store": True,
    "purpose": "Uji",
    "basis": True,
    "starts_at": "2025-10-01T00:00:00.000000+00:00",
    "expires_at": "2099-10-01T00:00:00.000000+00:00",
    "revoked_at": None,
}


OWNER = {"posts": [{"id": "p", "role": "head", "agency": "bpbj"}]}


def asked(**changed):
    """A question whose one grant opens rows, unless something in it is changed."""
    post = {"id": "p", "role": "analyst", "agency": "bappeda"}
    return Inputs(
        at=real_now(),
        action="rows",
        dataset=Attributes(
            {
                "id": "bpbj/penerima",
                "agency": "bpbj",
                "class": "TERBATAS",
                "schemas": ["bpbj/penerima/1.0.0"],
                "columns": ["kode", "nama"],
                "must_be_named": ["nama"],
                "when_a_person": [],
            }
        ),
        principal=Attributes(
            {"id": "a", "narrowed": None, "scopes": ["data:read"], "posts": [post]}
        ),
        grants=(Attributes({**GRANT, **changed}),),
    )


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("grant_outside_its_time", {"expires_at": moment(real_now())}),
        ("grant_outside_its_time", {"starts_at": "2099-01-01T00:00:00.000000+00:00"}),
        ("grant_outside_its_time", {"revoked_at": moment(real_now())}),
        ("grant_on_something_else", {"target": ["service", "bpbj/penerima"]}),
        ("grant_on_something_else", {"target": ["dataset", "bpbj/lain"]}),
        ("grant_of_somebody_else", {"agency": "dinkes"}),
        ("grant_of_somebody_else", {"agency": None, "party": None}),
        ("unknown_class", {"class": "terbatas"}),
        ("contract_does_not_stand", {"flaw": "unsigned producer"}),
    ],
)
def test_whatever_was_gathered_is_judged_again(kind, said):
    """Even if the statement in the database let it through (validity ignored, RANGER-5592)."""
    assert judge(asked()).given is not None
    told = judge(asked(**said))
    assert told.given is None
    assert kind in [bell.kind for bell in told.bells]


def test_a_personal_column_needs_to_be_named_on_a_basis():
    named = judge(asked(columns=["kode", "nama"]))
    assert (named.given.columns, named.given.masks) == (("kode", "nama"), ())
    for said in ({}, {"basis": False}, {"columns": ["kode", "nama"], "basis": False}):
        assert dict(judge(asked(**said)).given.masks) == {"nama": "hide"}, said


def test_an_outcome_is_the_same_for_the_same_inputs_to_the_byte():
    one = asked(columns=["nama", "kode"], masks={"kode": "hash", "nama": "last_four"})
    read = json.loads(one.grants[0].text)
    two = replace(one, grants=(Attributes(read),))
    assert judge(one).digest == judge(two).digest
    assert judge(replace(one, action=Action.EXPORT)).digest == judge(one).digest
    other = asked(columns=["nama", "kode"], masks={"kode": "hash", "nama": "year"})
    assert judge(other).digest != judge(one).digest


AS_OF_RULES = {"1": "c40d5b6a4c76f22dfc43f82b8e8bde533811a06e8c61ddd2ac314efe073595d2"}
"""Digests over many answers, by version of the rules."""


def test_the_rules_answer_as_they_did_under_their_version():
    """Whoever changes an answer gives the rules a new version, and keeps the old `judge`."""
    moment_then = datetime(2025, 10, 3, tzinfo=UTC)
    grants = [
        {},
        {"use": "verify"},
        {"may_store": False},
        {"columns": ["kode", "nama"], "masks": {"kode": "hash"}},
        {"basis": False, "columns": ["nama"]},
        {"filter": {"eq": ["kode", "0001"]}},
        {"class": "BERBAGI"},
        {"flaw": "unsigned producer"},
        {"expires_at": "2025-10-02T00:00:00.000000+00:00"},
    ]
    readers = [None, {"posts": []}, {"scopes": []}, {"narrowed": "bpbj/lain"}, {}, OWNER]
    told = sha256()
    for action, kind, reader, grant, picked in itertools.product(
        Action, AccessClass, readers, grants, (None, "HA-1")
    ):
        one = asked(**grant)
        principal = None if reader is None else Attributes({**one.principal.body, **reader})
        dataset = Attributes({**one.dataset.body, "class": kind.value})
        for audience in Audience if action is Action.AGGREGATE else (None,):
            changed = replace(
                one, at=moment_then, action=action, principal=principal, dataset=dataset,
                picked=picked, audience=audience,
            )  # fmt: skip
            told.update(judge(changed).digest.encode())
    assert AS_OF_RULES[RULES] == told.hexdigest()


def test_hashes_of_one_purpose_join_and_those_of_another_do_not(
    hub, penerima, publish_rows, make_client
):
    analyst, seen = make_client("analyst", "bappeda"), []
    for number, purpose in enumerate(["Satu", "Satu", "Dua"]):
        dataset = penerima("TERBATAS", f"penerima-{number}")
        publish_rows(dataset)
        with unit_of_work(hub.app.state.engine) as session:
            known = session.get_one(Dataset, dataset)
            put_grant(
                session, hub.app.state.ledger, known, "bappeda",
                columns=["kode", "nama"], masks={"nama": "hash"}, basis="Perbup", purpose=purpose,
            )  # fmt: skip
        rows = rows_of(analyst.get(f"/api/v1/datasets/{dataset}/rows"))
        seen.append({row["kode"]: row["nama"] for row in rows})
    assert seen[0] == seen[1]
    assert len(set(seen[0].values())) == 10
    assert not set(seen[0].values()) & set(seen[2].values())
