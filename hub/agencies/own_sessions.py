"""A person's sign-ins as she manages them herself: only from a sign-in, and with ledger entries."""

from sqlmodel import Session

from hub.agencies.principal import Principal, actor_of
from hub.auth import sessions
from hub.errors import NotPermitted
from hub.ledger.entry import Target
from hub.ledger.service import Ledger


def must_sit_there(actor: Principal) -> None:
    """Raise NotPermitted for a token: whoever has found one must not put its owner out."""
    if actor.identity.via != "session":
        raise NotPermitted(
            "Hanya untuk orang yang masuk lewat peramban, bukan untuk token.",
            "Only for a person who signed in with a browser, not for a token.",
        )


def end(session: Session, ledger: Ledger, actor: Principal, session_id: str) -> None:
    must_sit_there(actor)
    sessions.end_session(session, actor.id, session_id)
    _record(session, ledger, actor, "session.ended", session_id)


def end_others(session: Session, ledger: Ledger, actor: Principal) -> None:
    """Everywhere but here; what programs hold in her name ends as well."""
    must_sit_there(actor)
    sessions.end_others(session, actor.id, actor.identity.session_id)
    _record(session, ledger, actor, "session.others_ended", actor.id)


def _record(session: Session, ledger: Ledger, actor: Principal, kind: str, target: str) -> None:
    what = Target("session" if target != actor.id else "person", target)
    ledger.record(session, kind=kind, actor=actor_of(actor), target=what)
