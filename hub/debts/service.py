"""The rules of data debts: who may ask for data that does not exist, and who sees what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from hub.agencies.models import Agency
from hub.agencies.principal import Principal
from hub.auth import scopes
from hub.debts.models import DataDebt
from hub.debts.subject import PROCEDURE, DebtSubject
from hub.errors import Conflict, InvalidInput, NotFound, NotPermitted
from hub.proceedings import machine
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.numbering import next_number
from hub.proceedings.office import Office
from hub.proceedings.parties import ASKING_ROLES

SUBJECT = DebtSubject()
TOLD = ("produsen.head", "produsen.steward", "walidata")
ASKING = frozenset({"tarik"})


@dataclass(frozen=True)
class Wish:
    """Data that is wished for: what, why, on which basis, from whom."""

    owner: str
    title: str
    purpose: str
    basis: str
    fields: list[str] = field(default_factory=list)
    frequency: str = ""
    needed_by: date | None = None


def ask(session: Session, office: Office, principal: Principal, wish: Wish) -> DataDebt:
    """Ask an agency for data that nobody publishes yet; raises NotPermitted, InvalidInput, Conflict."""
    principal.must(scopes.REQUEST_WRITE)
    asking = next((post.agency for post in principal.posts if post.role in ASKING_ROLES), None)
    if asking is None:
        raise NotPermitted(
            "Hanya anggota perangkat daerah yang meminta data yang belum ada.",
            "Only members of agencies ask for data that does not exist yet.",
        )
    if asking == wish.owner:
        raise Conflict(
            "Data instansi sendiri tidak diminta; daftarkan datasetnya.",
            "Data of one's own agency is not asked for; register the dataset.",
        )
    return owe(
        session,
        office,
        principal,
        wish,
        agency=asking,
        requester=(principal.identity.kind, principal.id),
    )


def owe(
    session: Session,
    office: Office,
    principal: Principal | None,
    wish: Wish,
    *,
    agency: str | None,
    requester: tuple[str, str],
    from_request: str | None = None,
) -> DataDebt:
    """Enter a wish for `agency`, in the name of `requester`; InvalidInput for an unknown owner."""
    if session.get(Agency, wish.owner) is None:
        raise InvalidInput(
            f"Tidak ada perangkat daerah {wish.owner}.",
            f"There is no agency {wish.owner}.",
            member="agency",
        )
    now = office.clock.now()
    kind, who = requester
    debt = DataDebt(
        id=next_number(session, "UD", now.year, 6),
        title=wish.title,
        purpose=wish.purpose,
        basis=wish.basis,
        fields=wish.fields,
        frequency=wish.frequency,
        needed_by=wish.needed_by,
        agency=agency,
        requester_kind=kind,
        requester=who,
        from_request=from_request,
        asked_at=now,
    )
    session.add(debt)
    session.flush()  # the proceeding asks for it
    opening = machine.Opening(debt.id, requester=agency, producer=wish.owner, asker=(kind, who))
    proceeding = machine.begin(session, office, principal, PROCEDURE, SUBJECT, opening)
    machine.announce(session, SUBJECT, proceeding, TOLD)
    return debt


def listed(
    session: Session, *, owner: str | None = None, open_only: bool = False
) -> Sequence[tuple[DataDebt, Proceeding]]:
    """Newest first, for every member: who owes what is no secret between agencies."""
    wanted = select(DataDebt, Proceeding).join(Proceeding, col(Proceeding.id) == col(DataDebt.id))
    if owner is not None:
        wanted = wanted.where(Proceeding.producer == owner)
    if open_only:
        wanted = wanted.where(col(Proceeding.ends_at).is_(None))
    return session.exec(wanted.order_by(col(DataDebt.id).desc()).limit(500)).all()


def the_debt(session: Session, principal: Principal, debt_id: str) -> DataDebt:
    """Raises NotFound, also for parties outside the regency."""
    found = session.get(DataDebt, debt_id)
    if found is None or not principal.posts:
        raise NotFound(f"Tidak ada utang data {debt_id}.", f"There is no data debt {debt_id}.")
    return found


def move(
    session: Session,
    office: Office,
    principal: Principal,
    debt_id: str,
    event: str,
    *,
    reason: str = "",
    said: Mapping[str, Any] | None = None,
) -> Step:
    """Answer, name an owner, settle or withdraw; raises NotFound and what the machine raises."""
    debt = the_debt(session, principal, debt_id)
    principal.must(scopes.REQUEST_WRITE if event in ASKING else scopes.REQUEST_DECIDE)
    return machine.move(
        session, office, principal, SUBJECT, debt.id, event, reason=reason, said=said
    )
