"""Grants from before contracts were signed: they go on, and nobody has signed for anybody since."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
import rfc8785
from sqlalchemy import text
from sqlmodel import Session

from hub.agencies.principal import HeldPost, Principal
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.db import open_engine, reading, unit_of_work
from hub.grants import bundle, verify
from hub.grants.models import Grant
from hub.grants.signing import flaw, trust
from hub.ledger import sequencer
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger
from hub.migrations import downgrade, upgrade
from hub.settings import Settings

NOW = datetime(2025, 10, 3, 1, 2, 3, 456789, tzinfo=UTC)
REQUEST = (
    "INSERT INTO hub_access_request (id, target_type, target, producer, requester_kind, requester,"
    " agency, purpose, basis, personal, state, created_at)"
    " VALUES (:id, 'dataset', 'bpbj/kontrak', 'bpbj', 'client', 'program-a', 'bappeda', 'Uji', 'Pasal 4',"
    " false, 'ACTIVE', :now)"
)
GRANT = (
    "INSERT INTO hub_grant (id, target_type, target, producer, access_class, grantee_agency, columns,"
    " filter, masks, purpose, basis, starts_at, expires_at, request, granted_by, digest)"
    " VALUES (:id, 'dataset', 'bpbj/kontrak', 'bpbj', 'TERBATAS', 'bappeda', :columns,"
    " :filter, '{}', 'Uji', 'Pasal 4', :now, :end, :request, 'kepala', :digest)"
)
COLUMNS, FILTER = ["no_kontrak", "nilai"], {"gt": ["nilai", 1.5]}
END = NOW + timedelta(days=9000)


def old_digest(grant):
    """As the hub wrote it before revision 0011."""
    said = {
        "id": grant,
        "target": {"type": "dataset", "id": "bpbj/kontrak"},
        "producer": "bpbj",
        "access_class": "TERBATAS",
        "grantee": {"agency": "bappeda", "party": None},
        "columns": COLUMNS,
        "filter": FILTER,
        "masks": {},
        "purpose": "Uji",
        "basis": "Pasal 4",
        "starts_at": NOW.isoformat(timespec="seconds"),
        "expires_at": END.isoformat(timespec="seconds"),
    }
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()


def old_grant(session: Session, ledger: Ledger, number: int, *, told: bool) -> None:
    grant, request = f"HA-2025-{number:05}", f"PD-2025-{number:06}"
    run = session.connection().execute
    run(text(REQUEST), {"id": request, "now": NOW})
    run(
        text(GRANT),
        {
            "id": grant,
            "request": request,
            "columns": json.dumps(COLUMNS),
            "filter": json.dumps(FILTER),
            "now": NOW,
            "end": END,
            "digest": old_digest(grant),
        },
    )
    if not told:
        return
    ledger.record(
        session,
        kind="request.submitted",
        actor=Actor(client="program-a", agency="bappeda"),
        target=Target("request", request, owner="bpbj"),
        digests={"request": "0" * 64},
    )
    ledger.record(
        session,
        kind="grant.issued",
        actor=Actor(client="kepala", agency="bpbj"),
        target=Target("grant", grant, owner="bpbj"),
        grant=old_digest(grant),
    )


@pytest.fixture
def carried(database_url, tmp_path):
    """(engine, ledger) of a hub that had two grants before the revision, one the ledger knows."""
    engine = open_engine(database_url)
    ledger = Ledger.of(Settings(home=tmp_path / "home"))
    downgrade(engine, "0010")
    with unit_of_work(engine) as session:
        old_grant(session, ledger, 1, told=True)
        old_grant(session, ledger, 2, told=False)
    upgrade(engine)
    trust(engine, ledger.signer)
    yield engine, ledger
    engine.dispose()


WALIDATA = Principal(
    Identity("person", "walidata", "", scopes.ALL, "session"),
    "dkisp",
    (HeldPost("jabatan", "Walidata", Role.WALIDATA, "dkisp"),),
)


def test_an_old_grant_stands_under_its_old_digest(carried):
    engine, _ = carried
    with reading(engine) as session:
        grant = session.get_one(Grant, "HA-2025-00001")
        assert grant.digest == old_digest(grant.id)
        assert flaw(session, grant) is None
        assert (grant.use, grant.daily_rows, grant.may_store) == ("read", None, True)


def test_one_that_the_ledger_does_not_know_opens_nothing(carried):
    engine, _ = carried
    with reading(engine) as session:
        assert flaw(session, session.get_one(Grant, "HA-2025-00002")).code == "unsigned"


CHANGES = (
    "purpose = 'Lain'",
    "may_store = false",
    "daily_rows = 9",
    "\"use\" = 'verify'",
    "form = 1",
    "columns = NULL",
)


def test_an_old_grant_that_was_altered_falls_too(carried):
    engine, _ = carried
    for change in CHANGES:
        with Session(engine) as session:
            session.connection().execute(text(f"UPDATE hub_grant SET {change}"))
            found = flaw(session, session.get_one(Grant, "HA-2025-00001"))
            assert found is not None, change
            assert found.code == "altered"
            session.rollback()


def test_the_offline_verifier_says_that_nobody_signed_then(carried):
    engine, ledger = carried
    sequencer.run_once(engine, ledger.signer)
    with reading(engine) as session:
        served = json.loads(
            json.dumps(bundle.of(session, ledger.signer, WALIDATA, "HA-2025-00001"))
        )
    report = verify.bundle(served)
    assert report.ok, report
    details = [check.detail for check in report.checks if "hub_attested" in check.name]
    assert details == [verify.CARRIED, verify.CARRIED]
    assert not verify.bundle(
        served, agency_keys={"bpbj": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}}
    ).ok
    served["signatures"][0]["statement"] = served["signatures"][1]["statement"]
    assert not verify.bundle(served).ok


def test_the_way_back_leaves_the_grants(carried):
    engine, _ = carried
    downgrade(engine, "0010")
    with engine.connect() as connection:
        found = connection.execute(text("SELECT count(*), min(digest) FROM hub_grant")).one()
    assert found[0] == 2
    upgrade(engine)
    with reading(engine) as session:
        assert flaw(session, session.get_one(Grant, "HA-2025-00001")) is None
