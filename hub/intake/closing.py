"""Open rows of a quarantine are given up: by somebody with a reason, by their time, by a later batch.

Why is kept as a code with its facts and told to each reader in their language.
"""

import hashlib

from sqlalchemy import update
from sqlmodel import Session, col

from hub.errors import Conflict
from hub.intake import quarantines
from hub.intake.models import Batch, GivenUp
from hub.ledger.entry import HUB, Actor, Target
from hub.ledger.service import Ledger, Receipt

_SENTENCES = {
    GivenUp.EXPIRED: ("Masa simpan karantina habis.", "The time of the quarantine was over."),
    GivenUp.SUPERSEDED: (
        "Digantikan oleh kiriman {batch}, yang mengganti semua baris.",
        "Superseded by batch {batch}, which replaced all rows.",
    ),
}


def give_up(session: Session, ledger: Ledger, actor: Actor, batch_id: str, reason: str) -> Receipt:
    """Close what is open of a quarantine without correcting it. Raises Conflict when nothing is."""
    batch = quarantines.held(session, batch_id)
    if not batch.open_rows:
        raise Conflict(
            "Tidak ada baris yang masih terbuka pada kiriman ini.",
            "No row of this batch is open any more.",
        )
    batch.given_up_why = reason
    return _close(session, ledger, actor, batch, GivenUp.SAID)


def expire(session: Session, ledger: Ledger, batch_id: str) -> None:
    """Close what is still open of a quarantine whose time is over."""
    batch = quarantines.held(session, batch_id)
    if batch.open_rows:
        _close(session, ledger, HUB, batch, GivenUp.EXPIRED)


def superseded(session: Session, batch: Batch) -> None:
    """A batch that replaced all rows leaves nothing to add to of those before it."""
    session.execute(
        update(Batch)
        .where(
            col(Batch.dataset) == batch.dataset,
            col(Batch.open_rows) > 0,
            col(Batch.id) != batch.id,
        )
        .values(
            given_up_rows=col(Batch.given_up_rows) + col(Batch.open_rows),
            open_rows=0,
            given_up_code=GivenUp.SUPERSEDED.value,
            given_up_facts={"batch": batch.id},
        )
        .execution_options(synchronize_session=False)
    )


def why(batch: Batch, language: str) -> str:
    """The sentence of a rule, else the words of whoever gave the rows up; "" when nobody did."""
    told = _SENTENCES.get(GivenUp(batch.given_up_code)) if batch.given_up_code else None
    if told is None:
        return batch.given_up_why
    return told[language == "en"].format(**(batch.given_up_facts or {}))


def _close(session: Session, ledger: Ledger, actor: Actor, batch: Batch, code: GivenUp) -> Receipt:
    left, batch.open_rows = batch.open_rows, 0
    batch.given_up_rows += left
    batch.given_up_code, batch.given_up_facts = code.value, {}
    session.add(batch)
    return ledger.record(
        session,
        kind="quarantine.given-up",
        actor=actor,
        target=Target("batch", batch.id, owner=batch.dataset.partition("/")[0]),
        digests={
            "request": hashlib.sha256((batch.given_up_why or code.value).encode()).hexdigest()
        },
        counts={"given_up": left},
    )
