"""How a schema may go on: its mode, which versions a new one must fit, and the day an old major ends."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from hub.errors import InvalidInput, SchemaEnded
from hub.outbox.service import EventType, record
from hub.standards.models import SchemaNotice, SchemaSubject
from schemas.compatibility import DEFAULT, Verdict, succession
from schemas.document import SchemaDocument
from schemas.errors import IncompatibleSchema
from schemas.registry import Registry


@dataclass(frozen=True)
class Notice:
    """Until when the old major is promised to stay, and the earliest day that may be promised."""

    until: date
    earliest: date


def subject_of(session: Session, name: str) -> SchemaSubject | None:
    """What was set for a schema; None while it follows the default."""
    return session.get(SchemaSubject, name)


def mode_of(session: Session, name: str) -> str:
    found = subject_of(session, name)
    return found.mode if found else DEFAULT


def notices(session: Session, name: str) -> dict[int, SchemaNotice]:
    """The majors that were superseded, each with the day until which it stays."""
    found = session.exec(select(SchemaNotice).where(SchemaNotice.name == name))
    return {notice.major: notice for notice in found}


def notices_of(session: Session, names: list[str]) -> dict[tuple[str, int], SchemaNotice]:
    """The same for several schemas at once."""
    found = session.exec(select(SchemaNotice).where(col(SchemaNotice.name).in_(names)))
    return {(notice.name, notice.major): notice for notice in found}


def verdict_on(session: Session, known: Registry, document: SchemaDocument) -> Verdict:
    """May the document follow what is published under its name? Superseded majors are not asked."""
    mode = mode_of(session, document.name)
    if document.name not in known:
        return Verdict(mode, (), ())
    over = notices(session, document.name)
    earlier = [known.get(document.name, version) for version in known.versions(document.name)]
    asked = [one for one in earlier if one.order[0] not in over and one.order < document.order]
    return succession(asked, document, mode)


def supersede(
    session: Session,
    known: Registry,
    document: SchemaDocument,
    verdict: Verdict,
    notice: Notice | None,
    *,
    now: datetime,
) -> date | None:
    """Let a breaking version through with a notice, and note it for every major that it ends.

    Returns the day until which the old ones stay, None when nothing breaks. Raises
    IncompatibleSchema without a notice or without a new major, InvalidInput for a day too near.
    """
    if verdict.compatible:
        return None
    over = notices(session, document.name)
    olds = {known.get(document.name, v).order[0] for v in known.versions(document.name)}
    ended = sorted(major for major in olds if major not in over)
    if notice is None or document.order[0] in olds:
        raise IncompatibleSchema(verdict.reasons, verdict.witnesses)
    if notice.until < notice.earliest:
        raise InvalidInput(
            f"Tanggal pemberitahuan paling awal {notice.earliest.isoformat()}.",
            f"The earliest notice date is {notice.earliest.isoformat()}.",
            earliest=notice.earliest.isoformat(),
        )
    for major in ended:
        session.add(
            SchemaNotice(
                name=document.name,
                major=major,
                until=notice.until,
                by_version=document.version,
                at=now,
            )
        )
        record(
            session,
            EventType.SCHEMA_SUPERSEDED,
            subject=f"{document.name}/{major}",
            data={
                "schema": document.name,
                "major": major,
                "by": document.version,
                "until": notice.until.isoformat(),
            },
        )
    return notice.until


def check_open(session: Session, name: str, version: str, today: date) -> None:
    """Raises SchemaEnded once the notice of the version's major is over."""
    found = notice_for(session, name, version)
    if found is not None and found.until < today:
        raise SchemaEnded(name, version, found.by_version, found.until)


def notice_for(session: Session, name: str, version: str) -> SchemaNotice | None:
    return session.get(SchemaNotice, (name, int(version.partition(".")[0])))


def may_move(session: Session, old: SchemaDocument, new: SchemaDocument) -> Verdict:
    """May a dataset go from one version of its schema to the other?

    It may where every row of before stays valid; further only to a major that was announced, or
    where the mode of the schema does not ask for more.
    """
    verdict = succession([old], new, "BACKWARD")
    found = notice_for(session, old.name, old.version)
    announced = found is not None and new.order[0] > old.order[0]
    lenient = mode_of(session, old.name).removesuffix("_TRANSITIVE") in ("NONE", "FORWARD")
    if announced or (lenient and new.order > old.order):
        return Verdict(verdict.mode, verdict.against, ())
    return verdict
