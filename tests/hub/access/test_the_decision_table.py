"""Role by agency by class by state of the grant: every cell of the decision, as written down."""

import itertools
from datetime import timedelta

import pytest

from catalog.models import AccessClass, Dataset
from hub.access.decision import decide
from hub.access.judging import Action, Audience
from hub.agencies.principal import HeldPost, Principal
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.calendar import real_now
from hub.db import unit_of_work
from tests.hub.access.conftest import put_grant

ROLES = [*Role, None]
STATES = (
    "none",
    "live",
    "to verify",
    "expired",
    "future",
    "revoked",
    "altered",
    "of another",
    "stricter since",
)


def somebody(role, agency, dataset=None):
    identity = Identity("client", "program", "program", scopes.ALL, "token", dataset)
    posts = (HeldPost("p", "Jabatan", role, agency),) if role else ()
    return Principal(identity, agency if role else None, posts)


def expected(role, own, access_class, state, action, audience=None):
    """The page docs/explanation/access.md, as code of its own."""
    if action is Action.AGGREGATE:
        if own:
            return True
        if audience == "agency" or access_class is AccessClass.DIKECUALIKAN:
            return False
        return bool(role) or (audience == "public" and access_class is AccessClass.TERBUKA)
    if own and role in ("steward", "head", "analyst"):
        return True
    if access_class is AccessClass.TERBUKA and action is not Action.VERIFY:
        return True
    reads = role is None or role in ("steward", "head", "analyst", "walidata")
    return reads and state == ("to verify" if action is Action.VERIFY else "live")


def make_grant(session, ledger, dataset, state, agency, now):
    grant = put_grant(
        session,
        ledger,
        dataset,
        "lain" if state == "of another" else agency,
        access_class=AccessClass.TERBUKA if state == "stricter since" else dataset.access_class,
        use="verify" if state == "to verify" else "read",
        starts_at=now + timedelta(hours=1 if state == "future" else -2),
        expires_at=now + timedelta(hours=-1 if state == "expired" else 2),
        revoked_at=now if state == "revoked" else None,
    )
    if state == "altered":
        grant.purpose = "Lain"
        session.flush()


@pytest.mark.parametrize("access_class", AccessClass)
def test_every_cell_of_the_table(access_class, hub, make_dataset):
    now = real_now()
    name = make_dataset(access_class.value)
    engine, ledger = hub.app.state.engine, hub.app.state.ledger
    audiences = itertools.cycle(Audience)
    for state, role in itertools.product(STATES, ROLES):
        for own in (True, False) if role else (False,):
            agency = "bpbj" if own else ("bappeda" if role else None)
            with unit_of_work(engine) as session:
                dataset = session.get_one(Dataset, name)
                if state != "none":
                    make_grant(session, ledger, dataset, state, agency, now)
                for action in Action:
                    audience = next(audiences) if action is Action.AGGREGATE else None
                    who = somebody(role, agency)
                    told = decide(session, who, action, dataset, now=now, audience=audience)
                    cell = (access_class, state, role, own, action, audience)
                    wanted = expected(role, own, access_class, state, action, audience)
                    assert told.allow == wanted, cell
                    assert (told.policy(b"rahasia") is None) == (told.policy_digest == "")
                session.rollback()
    with unit_of_work(engine) as session:
        dataset = session.get_one(Dataset, name)
        narrowed = somebody(Role.STEWARD, "bpbj", dataset="bpbj/lain")
        assert not decide(session, narrowed, Action.ROWS, dataset, now=now).allow
        visitor = decide(session, None, Action.ROWS, dataset, now=now)
        assert visitor.allow == (access_class is AccessClass.TERBUKA)
        unknown = decide(session, somebody(Role.HEAD, "bpbj"), "hapus", dataset, now=now)
        assert not unknown.allow
