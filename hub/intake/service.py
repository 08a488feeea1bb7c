"""The whole exchange in order: collect → judge → admit.

`collect` is the spooled body or the connector's file; no transaction is open. `judge` reads, takes
the intake steps, gives the verdict and stages the files: still no transaction, for a large batch
takes its time. `admit` writes release, ledger entry, outbox event and idempotency record in one
transaction of milliseconds; if the base release moved meanwhile, the files are staged again on it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from catalog import releases
from catalog.errors import BaseMoved, KeysExist
from catalog.models import Dataset, Release
from catalog.storage import Manifest, Staged, to_json
from hub.agencies.local_days import KnownDays
from hub.calendar import BusinessClock, real_now
from hub.db import reading, unit_of_work
from hub.errors import Conflict, Unavailable
from hub.intake import batches, closing, correcting, inbox, keeping, quarantines, second_person
from hub.intake.delivery import Delivery
from hub.intake.judges import Judges, JudgeTask, StageTask
from hub.intake.locks import table_lock
from hub.intake.models import Batch, BatchState, OnError
from hub.intake.settling import AlreadySettled, settled
from hub.intake.succession import base_of
from hub.ledger.entry import Target
from hub.ledger.service import Ledger, Receipt
from hub.outbox import service as outbox
from hub.outbox.service import EventType
from hub.proceedings.office import Office
from hub.reviews import variables
from hub.settings import Settings
from schemas.gate import Verdict

TRIES = 5
"""How often a batch is staged again because another one was admitted in between."""


@dataclass(frozen=True)
class Intake:
    """What the exchange needs of the running hub."""

    settings: Settings
    engine: Engine
    judges: Judges
    ledger: Ledger


Along = Callable[[Session, Batch], None]
"""What else belongs into the batch's transaction: idempotency record, source state."""
Judged = Callable[[Verdict], None]
"""Told between verdict and staging, for those who wait."""


def nothing_more(*_: object) -> None:
    """Nothing else belongs to it, nobody else is told."""


def receive(
    intake: Intake, delivery: Delivery, *, along: Along, judged: Judged = nothing_more
) -> Batch:
    """Judge and admit one delivery; returns its batch, published or refused.

    Raises Conflict (keys that came in between), StorageFull, Unavailable: nothing has changed then; and
    AlreadySettled.
    """
    folder = keeping.folder(intake.settings, delivery.id)
    try:
        try:
            return _ended(intake, delivery, folder, along=along, judged=judged)
        except KeysExist:  # judged once more, to say which rows they are
            again = replace(delivery, held=_held(intake, delivery))
            return _ended(intake, again, folder, along=along, judged=judged)
    except KeysExist as error:
        keeping.remove(folder)
        raise _known(error) from error
    except AlreadySettled:  # the report in the folder is the other one's
        raise
    except BaseException:
        keeping.remove(folder)
        raise
    finally:
        keeping.tidy(folder)


def _ended(
    intake: Intake, delivery: Delivery, folder: Path, *, along: Along, judged: Judged
) -> Batch:
    verdict = _judge(intake, delivery, folder)
    along = _mending(intake, delivery, verdict, folder, along)
    judged(verdict)
    if not _passes(verdict, delivery.on_error):
        return refuse(intake, delivery, verdict, along=along)
    with reading(intake.engine) as session:
        waits = second_person.must_wait(session, delivery)
    if waits:
        return hold(intake, delivery, verdict, along=along)
    return publish(intake, delivery, verdict, along=along)


def _held(intake: Intake, delivery: Delivery) -> tuple[Path, ...]:
    with reading(intake.engine) as session:
        return batches.held(session, intake.settings, delivery.dataset)


def _known(error: KeysExist) -> Conflict:
    """Another batch brought them while this one was judged, or the dataset only warns of them."""
    return Conflict(
        f"{error.count} baris memakai kunci yang sudah ada di rilis yang berlaku. "
        "Pakai mode upsert untuk memperbaruinya.",
        f"{error.count} rows have keys that the release in force already holds. "
        "Use mode upsert to renew them.",
        keys=error.examples,
    )


def publish(intake: Intake, delivery: Delivery, verdict: Verdict, *, along: Along) -> Batch:
    """Stage the accepted rows on the latest release and admit them as the next one."""
    table = intake.settings.storage / delivery.dataset.agency / delivery.dataset.slug
    with table_lock(table):
        for _ in range(TRIES):
            base = _base(intake.engine, delivery)
            staged, version = _stage(intake, delivery, verdict, table, base)
            try:
                with unit_of_work(intake.engine) as session:
                    return admit(
                        session, intake.ledger, delivery, verdict, staged, version, along=along
                    )
            except BaseMoved:
                continue
    raise Unavailable(
        "Dataset ini sedang menerima banyak kiriman; tidak ada yang berubah. Kirim ulang.",
        "Other batches kept arriving for this dataset; nothing was changed. Send again.",
    )


def admit(
    session: Session,
    ledger: Ledger,
    delivery: Delivery,
    verdict: Verdict,
    staged: Staged,
    delta_version: int,
    *,
    along: Along,
) -> Batch:
    """Write the release and all that proves it; raises BaseMoved when another batch was first."""
    dataset = _locked(session, delivery.dataset.id)
    latest = releases.latest(session, dataset.id)
    current = latest.number if latest else None
    if current != staged.base:
        raise BaseMoved(dataset.id, staged.base, current)
    release = _release(delivery, staged, delta_version, number=(current or 0) + 1)
    session.add(release)
    variables.enter(session, delivery.document)
    dataset.updated_at = release.published_at
    batch = settled(session, delivery, verdict, BatchState.PUBLISHED, release=release.number)
    if delivery.mode == "replace":
        closing.superseded(session, batch)
    receipt = _evidence(session, ledger, delivery, verdict, "batch.accepted", release)
    _announce(session, release)
    return _keep(session, batch, receipt, along)


def _release(delivery: Delivery, staged: Staged, delta_version: int, *, number: int) -> Release:
    return Release(
        dataset=delivery.dataset.id,
        number=number,
        delta_version=delta_version,
        files=to_json(staged.files),
        sha256=staged.sha256,
        rows=staged.rows,
        added=staged.added,
        changed=staged.changed,
        removed=staged.removed,
        schema_name=delivery.document.name,
        schema_version=delivery.document.version,
        batch=delivery.id,
        published_at=real_now(),
    )


def _announce(session: Session, release: Release) -> None:
    counts = release.model_dump(include={"rows", "added", "changed", "removed"})
    outbox.record(
        session,
        EventType.RELEASE_PUBLISHED,
        dataset=release.dataset,
        data={"release": release.number, "batch": release.batch, **counts},
    )


def _locked(session: Session, dataset: str) -> Dataset:
    """The dataset's row, held until the transaction ends, so that releases get their numbers in turn."""
    wanted = select(Dataset).where(col(Dataset.id) == dataset).with_for_update()
    return session.exec(wanted).one()


def refuse(intake: Intake, delivery: Delivery, verdict: Verdict, *, along: Along) -> Batch:
    """Record that the gate refused the batch; its report stays with it, no release is made."""
    with unit_of_work(intake.engine) as session:
        batch = settled(session, delivery, verdict, BatchState.REFUSED, release=None)
        receipt = _evidence(session, intake.ledger, delivery, verdict, "batch.refused", None)
        outbox.record(
            session,
            EventType.BATCH_REJECTED,
            dataset=delivery.dataset.id,
            data={"batch": batch.id, "rows": verdict.rows, "rejected": verdict.rejected},
        )
        return _keep(session, batch, receipt, along)


def hold(intake: Intake, delivery: Delivery, verdict: Verdict, *, along: Along) -> Batch:
    """Keep a batch that passed until a second person has signed it; no release is made yet."""
    if delivery.body.path != inbox.place(intake.settings, delivery.id):
        inbox.take_in(intake.settings, delivery.id, delivery.body)
    settings = intake.settings
    clock = BusinessClock(settings.zone, settings.business_date, KnownDays(intake.engine))
    with unit_of_work(intake.engine) as session:
        batch = settled(session, delivery, verdict, BatchState.HELD, release=None)
        batch.finished_at = None
        receipt = _evidence(session, intake.ledger, delivery, verdict, "batch.held", None)
        batch = _keep(session, batch, receipt, along)
        session.flush()  # its signing asks for it
        second_person.begin(session, Office(intake.ledger, clock), batch)
        return batch


def _judge(intake: Intake, delivery: Delivery, folder: Path) -> Verdict:
    """The verdict; its report and quarantine are in the batch's folder, its rows on the bench."""
    bench = keeping.bench(folder)
    task = JudgeTask(
        path=delivery.body.path,
        format=delivery.format,
        document=delivery.document,
        steps=delivery.dataset.intake,
        work=bench,
        codes=delivery.codes,
        delete=delivery.mode == "delete",
        references=delivery.references,
        held=delivery.held,
        sheet=delivery.sheet,
        header_row=delivery.header_row,
        severities=delivery.dataset.severities,
    )
    verdict = intake.judges.judge(task, size=delivery.body.bytes)
    keeping.keep(bench, folder)
    return verdict


def _mending(
    intake: Intake, delivery: Delivery, verdict: Verdict, folder: Path, along: Along
) -> Along:
    """What a correction does to the quarantine it corrects, in the transaction of its release."""
    if delivery.corrects is None or verdict.header_errors:
        return along
    found = correcting.compared(intake.settings, intake.judges, delivery, verdict, folder)

    def with_mending(session: Session, batch: Batch) -> None:
        along(
            session, batch
        )  # the same request, answered meanwhile, has closed the quarantine itself
        if batch.state is BatchState.PUBLISHED:
            quarantines.mend(
                session,
                intake.ledger,
                intake.settings,
                batch,
                found,
                keyless=not delivery.document.key,
                now=real_now(),
            )

    return with_mending


def _passes(verdict: Verdict, on_error: OnError) -> bool:
    """A batch passes when something was accepted and, under `reject`, nothing was refused."""
    if verdict.header_errors or verdict.accepted_file is None or verdict.accepted == 0:
        return False
    return on_error == "quarantine" or verdict.rejected == 0


def _base(engine: Engine, delivery: Delivery) -> tuple[int | None, Manifest | None]:
    with unit_of_work(engine) as session:
        latest = releases.latest(session, delivery.dataset.id)
        return (latest.number, base_of(session, latest, delivery)) if latest else (None, None)


def _stage(
    intake: Intake,
    delivery: Delivery,
    verdict: Verdict,
    table: Path,
    base: tuple[int | None, Manifest | None],
) -> tuple[Staged, int]:
    number, manifest = base
    assert verdict.accepted_file is not None  # noqa: S101 - `_passes` has seen it
    task = StageTask(
        table=table,
        base=manifest,
        base_number=number,
        rows_file=verdict.accepted_file,
        mode=delivery.mode,
        document=delivery.document,
        release=(number or 0) + 1,
        batch=delivery.id,
    )
    return intake.judges.stage(task, size=delivery.body.bytes)


def _evidence(
    session: Session,
    ledger: Ledger,
    delivery: Delivery,
    verdict: Verdict,
    kind: str,
    release: Release | None,
) -> Receipt:
    digests = {"request": delivery.body.sha256}
    if release is not None:
        digests["file"] = release.sha256
    return ledger.record(
        session,
        kind=kind,
        actor=delivery.actor,
        target=Target("dataset", delivery.dataset.id, release.number if release else None),
        outcome="refused" if kind == "batch.refused" else "ok",
        digests=digests,
        counts={
            "rows": verdict.rows,
            "accepted": verdict.accepted,
            "rejected": verdict.rejected,
        },
    )


def _keep(session: Session, batch: Batch, receipt: Receipt, along: Along) -> Batch:
    batch.receipt = receipt.as_dict()
    session.add(batch)
    along(session, batch)
    return batch
