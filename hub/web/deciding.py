"""What the pages of requests tell a decider, a reviewer and an asker beyond the request itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_low
from typing import Any

from sqlmodel import Session, col, select

from catalog.models import Dataset
from hub.grants import assessments, questions
from hub.grants.models import AccessRequest, Grant
from hub.grants.personal import named
from hub.grants.questions import Question
from hub.grants.terms import longest_life
from hub.usage.counting import counts_of
from hub.web.contracting import open_columns
from hub.web.highlights import Highlight, Seen, highlights
from hub.web.naming import names_of
from hub.web.page import Page
from hub.web.translation import N_
from schemas.document import SchemaDocument

LOOKED_BACK = timedelta(days=365)
ALTERNATIVES = {
    "verifikasi": N_("jawaban cocok atau tidak cocok"),
    "agregat": N_("angka ringkas (agregat)"),
    "tabel": N_("tabel jadi"),
    "versi_dihitamkan": N_("versi yang dihitamkan"),
    "lingkup_lebih_kecil": N_("lingkup yang lebih kecil"),
    "persetujuan": N_("data dengan persetujuan orangnya"),
}
"""What a refusal may offer instead, as the form has it."""
OPINIONS = {
    "setuju": ("good", N_("Setuju")),
    "keberatan": ("late", N_("Keberatan")),
    "catatan": ("warn", N_("Setuju dengan catatan")),
    "tidak_berpendapat": ("idle", N_("Tidak berpendapat")),
}
AWAITED = ("warn", N_("Ditunggu"))


@dataclass(frozen=True)
class Offer:
    """One thing that a refusal gives instead; `path` leads to it where it is in the hub."""

    label: str
    text: str
    path: str = ""


@dataclass(frozen=True)
class Said:
    """A question of the form with its answer in words; `lines` empty where it was not answered."""

    question: Question
    lines: tuple[str, ...]


def seen_by_decider(
    page: Page, session: Session, request: AccessRequest, document: SchemaDocument, now: datetime
) -> list[Highlight]:
    """At most five things about a request (`hub.web.highlights`)."""
    earlier = session.exec(
        select(Grant)
        .where(Grant.target == request.target, Grant.request != request.id)
        .order_by(col(Grant.id))
    ).all()
    own = [grant for grant in earlier if _same_side(grant, request)]
    personal = named(document, request.columns)
    dataset = session.get_one(Dataset, request.target)
    longest = longest_life(session, dataset.access_class, personal=request.personal).days
    triggers = assessments.needed(session, dataset, document, request)
    widths = [_width(document, grant.columns) for grant in earlier]
    return highlights(
        Seen(
            personal=personal,
            specific=tuple(name for name in personal if document.personal[name] == "spesifik"),
            columns=_width(document, request.columns),
            usual=median_low(widths) if widths else None,
            days=(request.until - request.created_at).days if request.until else None,
            longest=longest,
            purpose=request.purpose,
            earlier_purpose=own[-1].purpose if own else "",
            refused=_refused(session, request),
            triggers=tuple(one.question[page.language].rstrip("?") for one in triggers),
            assessed=assessments.attached(session, request.id) is not None,
            stores=request.may_store,
            grants=len(own),
            reads=_reads(page, session, request) if own else 0,
            others=_others(session, earlier, request, now),
        )
    )


def said_of(page: Page, session: Session, request: AccessRequest) -> list[Said]:
    """The form's questions for this request with what was answered."""
    asked = questions.questions_for(session, questions.kind_of_request(session, request))
    return [Said(one, tuple(_lines(page, one, request.answers.get(one.code)))) for one in asked]


def offers_of(
    page: Page, session: Session, request: AccessRequest, offer: dict[str, Any] | None
) -> list[Offer]:
    """What a refusal gives instead, with the way to it."""
    told = dict(offer or {})
    names = names_of(session, [told.get("holder")])
    made: dict[str, Callable[[Any], Offer]] = {
        "holder": lambda v: Offer(N_("Dipegang oleh"), names.get(v, v), f"/katalog?agency={v}"),
        "dataset": lambda v: Offer(N_("Diteruskan ke"), v, f"/katalog/{v}"),
        "alternative": lambda v: _alternative(page, request, v),
        "columns": lambda v: Offer(N_("Kolom yang cukup"), ", ".join(v)),
        "review_on": lambda v: Offer(N_("Ditinjau kembali pada"), str(v)),
        "test_number": lambda v: Offer(N_("Nomor uji konsekuensi"), str(v)),
        "test_on": lambda v: Offer(N_("Tanggal uji konsekuensi"), str(v)),
        "letter": lambda v: Offer(N_("Huruf pasal 17"), str(v)),
        "article": lambda v: Offer(N_("Pasal yang melarang"), str(v)),
    }
    return [make(told[name]) for name, make in made.items() if told.get(name)]


def _alternative(page: Page, request: AccessRequest, value: str) -> Offer:
    text = page.say(ALTERNATIVES[value]) if value in ALTERNATIVES else value
    paths = {
        "verifikasi": f"/katalog/{request.target}/verifikasi",
        "agregat": f"/katalog/{request.target}#agregat",
        "tabel": f"/katalog/{request.target}#agregat",
    }
    return Offer(N_("Ditawarkan sebagai ganti"), text, paths.get(value, ""))


def _lines(page: Page, question: Question, answer: Any) -> Iterable[str]:
    titles = {option.code: page.say_words(option.title) for option in question.options}
    if not answer:
        return
    match answer:
        case dict():
            yield from (f"{name}: {reason}" for name, reason in answer.items())
        case list():
            yield from (titles.get(str(one), str(one)) for one in answer)
        case int():
            yield page.counted(N_("{n} hari"), answer)
        case _:
            yield titles.get(answer, str(answer))


def _same_side(grant: Grant, request: AccessRequest) -> bool:
    if request.agency is None:
        return grant.grantee == request.requester
    return grant.grantee_agency == request.agency


def _width(document: SchemaDocument, columns: list[str] | None) -> int:
    return len(open_columns(document) if columns is None else columns)


def _refused(session: Session, request: AccessRequest) -> tuple[str, str] | None:
    wanted = select(AccessRequest).where(
        AccessRequest.target == request.target,
        AccessRequest.agency == request.agency,
        col(AccessRequest.ground).is_not(None),
        AccessRequest.id != request.id,
    )
    if request.agency is None:
        wanted = wanted.where(AccessRequest.requester == request.requester)
    found = session.exec(wanted.order_by(col(AccessRequest.id).desc()).limit(1)).first()
    return None if found is None else (found.id, str(found.ground))


def _reads(page: Page, session: Session, request: AccessRequest) -> int:
    """Of the last year, by the ledger."""
    since = (page.clock.now() - LOOKED_BACK).date()
    counted = counts_of(session, page.settings.zone, since=since, owners={request.producer})
    return sum(
        count.reads
        for read, count in counted.items()
        if read.dataset == request.target
        and (read.agency == request.agency if request.agency else read.party == request.requester)
    )


def _others(
    session: Session, earlier: Iterable[Grant], request: AccessRequest, now: datetime
) -> tuple[str, ...]:
    live = (one for one in earlier if one.expires_at > now and one.revoked_at is None)
    codes = sorted({one.grantee_agency for one in live if one.grantee_agency} - {request.agency})
    names = names_of(session, codes)
    return tuple(names[code] for code in codes)
