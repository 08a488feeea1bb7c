"""Who answers for personal data in the regency: the walidata and its officer (PPDP); the auditor looks on."""

from sqlmodel import Session

from hub.agencies.principal import Principal
from hub.agencies.roles import Role
from hub.auth.scopes import AUDIT_READ
from hub.errors import NotPermitted
from hub.rules import mandates

OFFICER = "ppdp"


def acts(session: Session, actor: Principal) -> bool:
    """Whether the actor answers persons and reports failures.

    A program, or a token for one dataset, needs the scope to read the ledger besides.
    """
    if actor.has(Role.WALIDATA) and actor.can(AUDIT_READ):
        return True
    whole = actor.identity.kind == "person" and actor.identity.dataset is None
    return whole and mandates.carries(session, actor, OFFICER)


def looks(session: Session, actor: Principal) -> bool:
    """Whether the actor may read what those who act have written."""
    audits = actor.has(Role.AUDITOR) and actor.can(AUDIT_READ)
    return audits or acts(session, actor)


def must_act(session: Session, actor: Principal) -> None:
    """Raises NotPermitted."""
    if not acts(session, actor):
        raise NotPermitted(
            "Ini tugas walidata dan Pejabat Pelindungan Data Pribadi.",
            "This is for the walidata and the personal data protection officer.",
        )


def must_look(session: Session, actor: Principal) -> None:
    """Raises NotPermitted."""
    if not looks(session, actor):
        raise NotPermitted(
            "Ini terlihat bagi walidata, Pejabat Pelindungan Data Pribadi, dan pemeriksa.",
            "The walidata, the personal data protection officer and auditors see this.",
        )
