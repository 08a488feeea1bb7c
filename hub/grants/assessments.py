"""Penilaian dampak (DPIA): when the law asks for one, who makes it, what the officer says of it.

The law's triggers are seven (pasal 34 ayat (2)) and speak of what is done, not of a class alone: matching
or large scale needs one also for data that is personal in general.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from catalog import releases
from catalog.models import AccessClass, Dataset
from hub.agencies.principal import Principal, actor_of
from hub.agencies.roles import Role
from hub.errors import Conflict, InvalidInput, NotFound, NotPermitted
from hub.grants.duties import asking_agency, may_see_request
from hub.grants.models import VERIFY, AccessRequest
from hub.grants.personal import named
from hub.grants.personal_models import AssessedRequest, Assessment
from hub.grants.terms import PERSONAL_CLASSES
from hub.ledger.entry import Target
from hub.ledger.service import Ledger
from hub.proceedings.numbering import next_number
from hub.rules import mandates
from hub.rules import service as rules
from schemas.document import SchemaDocument

BOOK = "pelindungan-data-pribadi"
OFFICER = "ppdp"
SPECIFIC, LARGE, MATCHING = "data_spesifik", "skala_besar", "pencocokan"
RESULTS = ("dapat_dilanjutkan", "dengan_syarat", "tidak_dilanjutkan")
VERDICTS = ("setuju", "setuju_dengan_syarat", "tidak_setuju")
SHORTEST = 10
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Wish(Protocol):
    """What a request says of it: an AccessRequest, or what is going to be one."""

    columns: list[str] | None
    use: str
    answers: dict[str, Any]


@dataclass(frozen=True)
class Trigger:
    """One of the law's seven: its question in both languages, and where it stands."""

    code: str
    question: Mapping[str, str]
    source: str


@dataclass(frozen=True)
class Draft:
    """What an agency found; `triggers` answers every one of the law's questions."""

    dataset: str
    purpose: str
    triggers: Mapping[str, bool]
    risks: str
    measures: str
    result: str
    number: str = ""
    dated: date | None = None
    attachment: str = ""


def triggers(session: Session) -> list[Trigger]:
    """The law's seven, in its order."""
    listed = rules.current(session, BOOK).body["triggers"]
    return [Trigger(one["code"], one["question"], one["source"]) for one in listed]


def needed(
    session: Session, dataset: Dataset, document: SchemaDocument, wanted: Wish
) -> tuple[Trigger, ...]:
    """The triggers that apply to a request, in the law's order; none when it opens nothing personal."""
    columns = named(document, wanted.columns)
    if dataset.access_class not in PERSONAL_CLASSES and not columns:
        return ()
    codes = set(wanted.answers.get("pemicu_dpia") or ())
    specific = any(document.personal[name] == "spesifik" for name in columns)
    if dataset.access_class is AccessClass.PRIBADI_SPESIFIK or specific:
        codes.add(SPECIFIC)
    body = rules.current(session, BOOK).body
    newest = releases.latest(session, dataset.id)
    if newest is not None and newest.rows >= int(body["large_scale_rows"]["value"]):
        codes.add(LARGE)
    if wanted.use == VERIFY and body["verification_is_matching"]["value"]:
        codes.add(MATCHING)
    return tuple(one for one in triggers(session) if one.code in codes)


def attached(session: Session, request_id: str) -> Assessment | None:
    """The assessment on which a request rests, the newest of them."""
    wanted = (
        select(Assessment)
        .join(AssessedRequest, col(AssessedRequest.assessment) == col(Assessment.id))
        .where(AssessedRequest.request == request_id)
        .order_by(col(AssessedRequest.at).desc(), col(Assessment.id).desc())
    )
    return session.exec(wanted).first()


def requests_of(session: Session, assessment_id: str) -> list[str]:
    """The requests that rest on it, newest first."""
    wanted = select(AssessedRequest.request).where(AssessedRequest.assessment == assessment_id)
    return list(session.exec(wanted.order_by(col(AssessedRequest.at).desc())))


def said(text: str, member: str) -> str:
    """Words of a form; raises InvalidInput for too few of them."""
    if len(text.strip()) < SHORTEST:
        raise InvalidInput(
            f"Tulis sedikitnya {SHORTEST} huruf.",
            f"Write at least {SHORTEST} letters.",
            member=member,
        )
    return text.strip()


def make(
    session: Session, ledger: Ledger, actor: Principal, draft: Draft, *, now: datetime
) -> Assessment:
    """Record an assessment for one's agency; raises NotPermitted, NotFound, InvalidInput."""
    actor.must("request:write")
    agency = asking_agency(actor)
    if agency is None:
        raise NotPermitted(
            "Penilaian dampak dibuat oleh perangkat daerah yang meminta data.",
            "An impact assessment is made by the agency that asks for the data.",
        )
    if session.get(Dataset, draft.dataset) is None or not actor.reaches(draft.dataset):
        raise NotFound(
            f"Tidak ada dataset {draft.dataset}.", f"There is no dataset {draft.dataset}."
        )
    _check(session, draft)
    row = Assessment(
        id=next_number(session, "DPIA", now.year, 4),
        agency=agency,
        **draft.__dict__,
        rules=rules.current(session, BOOK).version,
        made_by=actor.id,
        made_at=now,
    )
    session.add(row)
    session.flush()  # the number is taken before the entry names it
    _record(session, ledger, actor, row, "assessment.made")
    return row


def attach(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    assessment_id: str,
    request_id: str,
    *,
    now: datetime,
) -> Assessment:
    """Let a request of the same agency and dataset rest on it; twice changes nothing.

    Raises NotPermitted, NotFound, Conflict.
    """
    actor.must("request:write")
    row = one(session, actor, assessment_id)
    request = session.get(AccessRequest, request_id)
    if request is None or not may_see_request(session, actor, request):
        raise NotFound(f"Tidak ada permintaan {request_id}.", f"There is no request {request_id}.")
    if not actor.is_member_of(row.agency):
        raise NotPermitted(
            "Yang melampirkan adalah perangkat daerah yang membuat penilaian.",
            "The agency that made the assessment attaches it.",
        )
    if (request.agency, request.target) != (row.agency, row.dataset):
        raise Conflict(
            f"Penilaian {row.id} untuk {row.dataset} oleh {row.agency}, bukan untuk permintaan itu.",
            f"Assessment {row.id} is of {row.dataset} by {row.agency}, not of that request.",
        )
    if session.get(AssessedRequest, (request_id, row.id)) is None:
        session.add(AssessedRequest(request=request_id, assessment=row.id, at=now))
        _record(session, ledger, actor, row, "assessment.attached")
    return row


def give_opinion(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    assessment_id: str,
    *,
    verdict: str,
    text: str,
    now: datetime,
) -> Assessment:
    """The officer's opinion, once; raises NotPermitted, NotFound, Conflict, InvalidInput."""
    if not mandates.carries(session, actor, OFFICER):
        raise NotPermitted(
            "Pendapat diberikan Pejabat Pelindungan Data Pribadi.",
            "The personal data protection officer gives the opinion.",
        )
    row = one(session, actor, assessment_id)
    if row.opinion is not None:
        raise Conflict(
            f"Penilaian {row.id} sudah diberi pendapat.", f"Assessment {row.id} has its opinion."
        )
    _one_of("verdict", verdict, VERDICTS)
    row.opinion = {
        "verdict": verdict,
        "text": text,
        "by": actor.id,
        "at": now.isoformat(timespec="seconds"),
    }
    session.add(row)
    _record(session, ledger, actor, row, "assessment.judged")
    return row


def listed(
    session: Session, actor: Principal, *, limit: int, before: str | None = None
) -> list[Assessment]:
    """Newest first: of one's agency and about its datasets; all for officer, walidata and auditor."""
    wanted = select(Assessment).where(*_seen_by(session, actor)).limit(limit)
    if before is not None:
        wanted = wanted.where(col(Assessment.id) < before)
    return list(session.exec(wanted.order_by(col(Assessment.id).desc())))


def one(session: Session, actor: Principal, assessment_id: str) -> Assessment:
    """Raises NotPermitted, and NotFound also for what is not the actor's business."""
    wanted = select(Assessment).where(Assessment.id == assessment_id, *_seen_by(session, actor))
    row = session.exec(wanted).first()
    if row is None:
        raise NotFound(
            f"Tidak ada penilaian dampak {assessment_id}.",
            f"There is no impact assessment {assessment_id}.",
        )
    return row


def _seen_by(session: Session, actor: Principal) -> list[ColumnElement[bool]]:
    if actor.identity.dataset is not None or not actor.posts:
        raise NotPermitted(
            "Penilaian dampak terlihat bagi anggota perangkat daerah.",
            "Impact assessments are seen by members of the regency's agencies.",
        )
    if actor.roles & {Role.WALIDATA, Role.AUDITOR} or mandates.carries(session, actor, OFFICER):
        return []
    of_mine = [col(Assessment.dataset).startswith(f"{code}/") for code in sorted(actor.agencies)]
    return [or_(col(Assessment.agency).in_(actor.agencies), *of_mine)]


def _check(session: Session, draft: Draft) -> None:
    for member in ("purpose", "risks", "measures"):
        said(getattr(draft, member), member)
    codes = {trigger.code for trigger in triggers(session)}
    if set(draft.triggers) != codes:
        raise InvalidInput(
            f"Jawab ketujuh pemicu (triggers): {', '.join(sorted(codes))}.",
            f"Answer all seven triggers: {', '.join(sorted(codes))}.",
            member="triggers",
        )
    _one_of("result", draft.result, RESULTS)
    if draft.attachment and not _SHA256.fullmatch(draft.attachment):
        raise InvalidInput(
            "Sidik lampiran (attachment) adalah SHA-256: 64 angka heksadesimal.",
            "The digest of the attachment is a SHA-256: 64 hexadecimal digits.",
            member="attachment",
        )


def _one_of(member: str, said: str, known: tuple[str, ...]) -> None:
    if said not in known:
        raise InvalidInput(
            f"{member} salah satu dari: {', '.join(known)}.",
            f"{member} is one of: {', '.join(known)}.",
            member=member,
        )


def _record(session: Session, ledger: Ledger, actor: Principal, row: Assessment, kind: str) -> None:
    ledger.record(
        session,
        kind=kind,
        actor=actor_of(actor, row.agency if actor.is_member_of(row.agency) else None),
        target=Target("assessment", row.id, owner=row.dataset.partition("/")[0]),
        digests={"file": row.attachment} if row.attachment else None,
        outcome=row.result,
    )
