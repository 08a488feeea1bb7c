"""One push from request to answer, for the API and the upload page alike."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from hub.calendar import real_now
from hub.db import reading
from hub.errors import BatchRefused, Conflict, HubError
from hub.idempotency.service import Once, digest_of
from hub.intake import quarantines, reports
from hub.intake.delivery import Delivery
from hub.intake.later import acknowledge
from hub.intake.models import Batch, BatchAccepted, BatchState, JobAccepted
from hub.intake.service import Along, Intake, receive
from hub.settings import Settings


class _AlreadyAnswered(Exception):
    """The same request was admitted while this one was judged; carries its answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__("the same request has been answered")
        self.answer = answer


def push(
    intake: Intake,
    once: Once,
    caller: str,
    delivery: Delivery,
    *,
    query: bytes,
    later: bool = False,
) -> BatchAccepted | JobAccepted:
    """Admit the delivery once; the same key and body again give the same answer.

    `later` acknowledges it and leaves the judging to the worker. Raises BatchRefused with the report
    when the gate refuses, IdempotencyMismatch for the same key with another body, and what `receive`
    and `acknowledge` raise.
    """
    digest = digest_of(query, delivery.body.sha256.encode())
    answer = _earlier(intake, once, caller, digest, delivery)
    if answer is None and later:
        answer = acknowledge(intake, once, caller, digest, delivery)
    elif answer is None:
        try:
            answer = answer_of(receive(intake, delivery, along=_once(once, caller, digest)))
        except _AlreadyAnswered as earlier:
            answer = earlier.answer
    if "job" in answer:
        return JobAccepted(**answer)
    if answer["state"] == BatchState.REFUSED:
        raise refusal(intake.settings, delivery.dataset.id, answer)
    return BatchAccepted(**answer)


def _earlier(
    intake: Intake, once: Once, caller: str, digest: str, delivery: Delivery
) -> dict[str, Any] | None:
    """What the same request was answered before. Raises Conflict for a new correction that comes too late."""
    with reading(intake.engine) as session:
        answer = once.recall(session, caller, digest)
        if answer is None and delivery.corrects:
            try:
                quarantines.must_be_open(
                    session, intake.settings, delivery.corrects, now=real_now()
                )
            except (
                Conflict
            ):  # closed by the same request, perhaps, which has been answered just now
                answer = once.recall(session, caller, digest)
                if answer is None:
                    raise
    return answer


def refusal(settings: Settings, dataset: str, answer: dict[str, Any]) -> HubError:
    """The refusal with the head of the report; the whole of it is at `errors`.

    Rows that are at fault for nothing but a key that is there already contradict the state of the dataset, not
    its schema: a Conflict.
    """
    report = reports.head(settings, answer["batch"])
    counts = report.get("counts", {})
    rejected, rows = counts.get("rejected", 0), counts.get("rows", 0)
    facts = {
        "batch": answer["batch"],
        "state": answer["state"],
        "accepted": answer["accepted"],
        "rejected": answer["rejected"],
        "receipt": answer["receipt"],
        "report": report,
        "errors": f"/api/v1/datasets/{dataset}/batches/{answer['batch']}/errors",
    }
    wrong = {r["rule"] for r in report.get("by_rule", ()) if r["severity"] == "error"}
    if wrong == {"kunci-sudah-ada"}:
        return Conflict(
            f"{rejected} dari {rows} baris memakai kunci yang sudah ada di rilis yang berlaku; tidak ada yang "
            "diterbitkan. Pakai mode upsert untuk memperbaruinya.",
            f"{rejected} of {rows} rows have keys that the release in force already holds; nothing was "
            "published. Use mode upsert to renew them.",
            keys=[row["key"] for row in report.get("rows", ())],
            **facts,
        )
    return BatchRefused(
        _said(
            report,
            "id",
            f"{rejected} dari {rows} baris tidak sesuai skema; tidak ada yang diterbitkan. "
            "Perbaiki baris pada laporan, lalu kirim ulang.",
        ),
        _said(
            report,
            "en",
            f"{rejected} of {rows} rows do not fit the schema; nothing was published. "
            "Repair the rows of the report, then send again.",
        ),
        **facts,
    )


def _said(report: dict[str, Any], language: str, otherwise: str) -> str:
    """Header errors speak for themselves; they are why no row was looked at."""
    headers = [str(e.get(f"message_{language}", "")) for e in report.get("header_errors", [])]
    return " ".join(filter(None, headers)) or otherwise


def answer_of(batch: Batch) -> dict[str, Any]:
    """What the sender of a settled batch is told, as BatchAccepted in JSON."""
    return BatchAccepted(
        batch=batch.id,
        state=batch.state,
        release=batch.release,
        accepted=batch.accepted,
        rejected=batch.rejected,
        receipt=batch.receipt or {},
    ).model_dump(mode="json")


def _once(once: Once, caller: str, digest: str) -> Along:
    def along(session: Session, batch: Batch) -> None:
        make: Callable[[], dict[str, Any]] = lambda: answer_of(batch)  # noqa: E731 - one use
        answer, replayed = once.run(session, caller, digest, make)
        if replayed:
            raise _AlreadyAnswered(answer)

    return along
