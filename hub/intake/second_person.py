"""Publishing by two persons: where the class asks for it, a batch waits until somebody else signs it.

The book of classes says where (`two_persons`), the book `publikasi-dua-orang` by which clock. A batch
that waits has been judged and makes no release; its body stays in the inbox, and once it is signed it
is judged again and published like any other that was acknowledged. Whoever sent it never signs it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from catalog.models import Dataset
from hub.agencies.principal import Principal
from hub.auth import scopes
from hub.calendar import real_now
from hub.classification.subject import is_personal
from hub.errors import Conflict, NotPermitted
from hub.intake.delivery import Delivery
from hub.intake.models import Batch, BatchState, Phase
from hub.ledger.entry import Actor, Target
from hub.outbox import service as outbox
from hub.outbox.service import EventType
from hub.proceedings import machine, parties
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.office import Office
from hub.proceedings.procedure import Facts, Words
from hub.rules.classes import classes
from hub.standards import service as standards

PROCEDURE = "publikasi-dua-orang"
SIGNED = "disahkan"
"""The state in which a batch may become a release."""
WITHDRAW = "tarik"
TOLD = ("walidata", "pemohon")


class SigningSubject:
    """Batches that wait for a second person."""

    def facts(self, session: Session, proceeding: Proceeding) -> Facts:
        dataset = session.get_one(Dataset, proceeding.dataset)
        document = standards.find(session, dataset.schema_name, dataset.schema_version)
        return {"personal": is_personal(dataset, document)}

    def effect(
        self,
        name: str,
        session: Session,
        office: Office,
        principal: Principal | None,
        proceeding: Proceeding,
        step: Step,
    ) -> None:
        batch = session.get_one(Batch, proceeding.id, with_for_update=True)
        match name:
            case "publish":
                _sign(session, principal, batch)
            case "return":
                _return(session, office, batch, step)

    def digest(self, session: Session, proceeding: Proceeding) -> str | None:
        return session.get_one(Batch, proceeding.id).sha256

    def title(self, session: Session, proceeding: Proceeding) -> Words:
        return Words(f"Kiriman untuk {proceeding.dataset}", f"A batch for {proceeding.dataset}")

    def path(self, proceeding: Proceeding) -> str:
        return f"/publikasi/{proceeding.dataset}/kiriman/{proceeding.id}"


SUBJECT = SigningSubject()


def must_wait(session: Session, delivery: Delivery) -> bool:
    """Whether a batch that passed the gate still needs its second person."""
    if not classes(session).classes[delivery.dataset.access_class.value].two_persons:
        return False
    signing = session.get(Proceeding, delivery.id)
    return signing is None or signing.state != SIGNED


def begin(session: Session, office: Office, batch: Batch) -> None:
    """Ask for the second signature; the batch is in the session."""
    sent = Actor(**batch.actor)
    opening = machine.Opening(
        batch.id,
        producer=batch.dataset.partition("/")[0],
        dataset=batch.dataset,
        asker=("client" if sent.client else "person", sent.id),
    )
    proceeding = machine.begin(session, office, None, PROCEDURE, SUBJECT, opening)
    machine.announce(session, SUBJECT, proceeding, TOLD)


def move(
    session: Session,
    office: Office,
    principal: Principal,
    batch: Batch,
    event: str,
    *,
    reason: str = "",
    said: Mapping[str, Any] | None = None,
) -> Step:
    """Sign, return or withdraw it. Raises NotPermitted (also for its sender), and what the machine raises."""
    principal.must(scopes.DATA_WRITE if event == WITHDRAW else scopes.REQUEST_DECIDE)
    return machine.move(
        session, office, principal, SUBJECT, batch.id, event, reason=reason, said=said
    )


def signs(session: Session, principal: Principal, batch: Batch) -> bool:
    """Whether the caller is, by post or mandate, somebody whom this batch may wait for."""
    proceeding = session.get(Proceeding, batch.id)
    if proceeding is None or proceeding.procedure != PROCEDURE:
        return False
    moves = machine.procedure_of(session, proceeding).moves
    named = {party for move in moves for party in move.by}
    return any(parties.speaks(session, principal, proceeding, party) for party in named)


def waiting(session: Session) -> Sequence[tuple[Batch, Proceeding]]:
    """Every batch that waits for a second person, the oldest first."""
    wanted = select(Batch, Proceeding).join(Proceeding, col(Proceeding.id) == col(Batch.id))
    held = wanted.where(Batch.state == BatchState.HELD)
    return session.exec(held.order_by(col(Batch.id)).limit(200)).all()


def _sign(session: Session, principal: Principal | None, batch: Batch) -> None:
    """Let the worker publish it, under the name of whoever sent it."""
    if principal is not None:
        _check_second(session, principal, batch)
    batch.state, batch.phase = BatchState.RECEIVED, Phase.WAITING
    batch.tries, batch.try_after, batch.finished_at = 0, None, None
    session.add(batch)


def _check_second(session: Session, principal: Principal, batch: Batch) -> None:
    if principal.id == Actor(**batch.actor).id:
        raise NotPermitted(
            "Kiriman disahkan orang kedua; pengirimnya tidak dapat mengesahkannya sendiri.",
            "A batch is signed by a second person; whoever sent it cannot sign it.",
        )
    older = select(Batch.id).where(
        Batch.dataset == batch.dataset, Batch.state == BatchState.HELD, col(Batch.id) < batch.id
    )
    first = session.exec(older.order_by(col(Batch.id)).limit(1)).first()
    if first is not None:
        raise Conflict(
            f"Kiriman {first} datang lebih dahulu; putuskan yang itu dahulu.",
            f"The batch {first} came before it; decide on that one first.",
            batch=first,
        )


def _return(session: Session, office: Office, batch: Batch, step: Step) -> None:
    """Its end without a release; the sender finds why with the batch."""
    why = step.reason or "tenggat lewat"
    batch.state, batch.phase, batch.finished_at = BatchState.FAILED, Phase.DONE, real_now()
    batch.message_id = f"Tidak disahkan orang kedua: {why}"
    batch.message_en = f"Not signed by a second person: {step.reason or 'its term has passed'}"
    batch.problem = {"slug": "conflict", "facts": {"step": step.event}}
    batch.receipt = office.ledger.record(
        session,
        kind="batch.returned",
        actor=Actor(**step.actor),
        target=Target("dataset", batch.dataset),
        outcome="refused",
        digests={"request": batch.sha256},
    ).as_dict()
    session.add(batch)
    outbox.record(
        session,
        EventType.BATCH_REJECTED,
        dataset=batch.dataset,
        data={"batch": batch.id, "rows": batch.rows, "rejected": 0, "problem": "conflict"},
    )
