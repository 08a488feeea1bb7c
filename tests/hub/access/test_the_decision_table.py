"""Role by agency by class by state of the grant: every cell of the decision, as written down."""

import itertools
from datetime import timedelta

import pytest

from catalog.models import AccessClass, Dataset
from hub.access.decision import Action, decide
from hub.agencies.principal import HeldPost, Principal
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.grants.contract import digest_of
from hub.grants.models import AccessRequest, Grant

ROLES = [*Role, None]
STATES = ("none", "live", "expired", "future", "revoked", "altered", "of another", "stricter since")


def somebody(role, agency, dataset=None):
    identity = Identity("client", "program", "program", scopes.ALL, "token", dataset)
    posts = (HeldPost("p", "Jabatan", role, agency),) if role else ()
    return Principal(identity, agency if role else None, posts)


def expected(role, own, access_class, state):
    """The page docs/explanation/access.md, as code of its own."""
    if access_class is AccessClass.TERBUKA:
        return True
    if own and role in ("steward", "head", "analyst"):
        return True
    reads = role is None or role in ("steward", "head", "analyst", "walidata")
    return reads and state == "live"


def make_grant(session, dataset, state, agency, now):
    request = AccessRequest(
        id="PD-2025-000001",
        target=dataset.id,
        producer=dataset.agency,
        requester_kind="client",
        requester="program",
        agency=agency,
        purpose="Uji",
        created_at=now,
    )
    session.add(request)
    session.flush()
    starts = now + timedelta(hours=1 if state == "future" else -2)
    grantee = "lain" if state == "of another" else agency
    grant = Grant(
        id="HA-2025-00001",
        target=dataset.id,
        producer=dataset.agency,
        access_class=AccessClass.TERBUKA if state == "stricter since" else dataset.access_class,
        grantee_agency=grantee,
        grantee=None if grantee else "program",
        purpose="Uji",
        starts_at=starts,
        expires_at=now - timedelta(hours=1) if state == "expired" else now + timedelta(hours=2),
        request=request.id,
        granted_by="kepala",
        digest="",
        revoked_at=now if state == "revoked" else None,
    )
    grant.digest = digest_of(grant)
    if state == "altered":
        grant.purpose = "Lain"
    session.add(grant)
    session.flush()
    return grant


@pytest.mark.parametrize("access_class", AccessClass)
def test_every_cell_of_the_table(access_class, hub, make_dataset):
    now = real_now()
    name = make_dataset(access_class.value)
    engine, actions = hub.app.state.engine, itertools.cycle(Action)
    for state, role in itertools.product(STATES, ROLES):
        for own in (True, False) if role else (False,):
            agency = "bpbj" if own else ("bappeda" if role else None)
            with unit_of_work(engine) as session:
                dataset = session.get_one(Dataset, name)
                if state != "none":
                    make_grant(session, dataset, state, agency, now)
                action = next(actions)
                told = decide(session, somebody(role, agency), action, dataset, now=now)
                cell = (access_class, state, role, own, action)
                assert told.allow == expected(role, own, access_class, state), cell
                assert (told.policy is None) == (told.policy_digest == "")
                session.rollback()
    with unit_of_work(engine) as session:
        dataset = session.get_one(Dataset, name)
        narrowed = somebody(Role.STEWARD, "bpbj", dataset="bpbj/lain")
        assert not decide(session, narrowed, Action.ROWS, dataset, now=now).allow
        visitor = decide(session, None, Action.ROWS, dataset, now=now)
        assert visitor.allow == (access_class is AccessClass.TERBUKA)
        unknown = decide(session, somebody(Role.HEAD, "bpbj"), "hapus", dataset, now=now)
        assert not unknown.allow
