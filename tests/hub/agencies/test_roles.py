"""Roles, scopes and the page that explains them."""

from pathlib import Path

import pytest

from hub.agencies.principal import HeldPost, Principal, actor_of
from hub.agencies.roles import SCOPES_OF, Role, scopes_of
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.errors import NotPermitted

DOCS = Path(__file__).parents[3] / "docs"


def principal(*posts: tuple[Role, str], kind="person", allowed=scopes.ALL) -> Principal:
    identity = Identity(kind, "x", "X (sintetis)", frozenset(allowed), "session")
    held = tuple(HeldPost(f"p{n}", "Jabatan", role, at) for n, (role, at) in enumerate(posts))
    return Principal(identity, held[0].agency if held else None, held)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_read_and_only_the_walidata_may_do_everything(role):
    may = SCOPES_OF[role]
    assert {scopes.CATALOG_READ, scopes.DATA_READ} <= may
    assert (may == scopes.ALL) == (role is Role.WALIDATA)
    assert (scopes.AGENCY_ADMIN in may) == (role is Role.WALIDATA)


def test_a_person_may_what_her_roles_and_her_proof_both_allow():
    both = principal((Role.STEWARD, "bpbj"), (Role.AUDITOR, "inspektorat"))
    assert both.can(scopes.DATA_WRITE)
    assert both.can(scopes.AUDIT_READ)
    assert not both.can(scopes.AGENCY_ADMIN)
    narrow = principal((Role.STEWARD, "bpbj"), allowed={scopes.DATA_READ, scopes.AGENCY_ADMIN})
    assert narrow.scopes == {scopes.DATA_READ}
    assert principal().scopes == scopes_of(frozenset())


def test_a_program_may_what_it_was_given():
    program = principal(kind="client", allowed={scopes.DATA_WRITE})
    assert program.scopes == {scopes.DATA_WRITE}


def test_a_role_counts_in_its_own_agency():
    both = principal((Role.STEWARD, "bpbj"), (Role.HEAD, "bkad"))
    assert both.holds("steward", "bpbj")
    assert not both.holds("steward", "bkad")
    assert both.has("head")
    assert both.is_member_of("bkad")
    assert not both.is_member_of("dkisp")
    both.must_hold("head", "bkad")
    for refused in (
        lambda: both.must_hold("head", "bpbj"),
        lambda: both.must_have("walidata"),
        lambda: both.must(scopes.AGENCY_ADMIN),
    ):
        with pytest.raises(NotPermitted):
            refused()


def test_the_ledger_sees_the_post_from_which_somebody_acts():
    both = principal((Role.STEWARD, "bpbj"), (Role.HEAD, "bkad"))
    assert both.actor() == {"person": "x", "post": "p0", "agency": "bpbj"}
    assert both.actor("bkad") == {"person": "x", "post": "p1", "agency": "bkad"}
    assert actor_of(both).agency == "bpbj"
    assert principal(kind="client").actor() == {"client": "x"}


def test_the_reference_page_names_every_scope_and_role():
    page = (DOCS / "reference" / "scopes-and-roles.md").read_text()
    for scope in (*scopes.SCOPES.values(), *scopes.OF_A_PERSON.values()):
        assert f"| `{scope.name}` | {scope.description_id} | {scope.description_en} |" in page
    for role in Role:
        (line,) = (row for row in page.splitlines() if row.startswith(f"| `{role}` |"))
        for scope in scopes.ALL:
            assert (f"`{scope}`" in line) == (scope in SCOPES_OF[role]), (role, scope)
