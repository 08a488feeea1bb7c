"""/katalog/{agency}/{slug}/minta: asking for a dataset, with as many questions as its class needs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from sqlmodel import Session
from starlette.responses import Response

from catalog.models import AccessClass, Dataset
from hub.access import browse
from hub.access.descriptions import DatasetOut, How
from hub.calendar import real_now
from hub.db import reading
from hub.errors import HubError, InvalidInput
from hub.grants import asking, questions
from hub.grants.masks import choices
from hub.grants.models import State
from hub.grants.personal import must_be_named, named
from hub.grants.questions import Question
from hub.grants.service import Wanted
from hub.grants.shapes import end_of_day
from hub.ledger.deps import LedgerDep
from hub.proceedings.machine import SHORTEST_REASON
from hub.proceedings.office import Office
from hub.standards import service as standards
from hub.web import answering, forms
from hub.web.forms import Failure
from hub.web.page import MemberPageDep, Page
from hub.web.sent import NOTHING, Sent, SentDep
from hub.web.translation import N_
from schemas.document import SchemaDocument

router = APIRouter(include_in_schema=False)

Part = Annotated[str, Path(max_length=100)]
SHORTEST_PURPOSE = 3
FIELDS = frozenset({"purpose", "basis", "columns", "emergency_reason", "daily_rows"})


@dataclass(frozen=True)
class Task:
    """One thing to fill in; `field` is its id on the page."""

    label: str
    field: str
    done: bool
    optional: bool = False


@router.get("/katalog/{agency}/{slug}/minta")
def asked(page: MemberPageDep, agency: Part, slug: Part) -> Response:
    return _shown(page, f"{agency}/{slug}")


@router.post("/katalog/{agency}/{slug}/minta")
def ask(
    page: MemberPageDep, ledger: LedgerDep, agency: Part, slug: Part, sent: SentDep
) -> Response:
    """Ask for access; what opens at once leads back to the dataset, the rest to the request."""
    name = f"{agency}/{slug}"

    def submit(session: Session) -> dict[str, Any]:
        office = Office(ledger, page.clock, page.settings.contract_sign_days)
        wanted = _wanted(page, session, name, sent)
        request, grant = asking.ask(session, office, page.reader, name, wanted)
        opened = grant is not None and grant.state_at(real_now()) is State.ACTIVE
        return {"request": request.id, "grant": grant.id if grant and opened else None}

    try:
        made = forms.take(page, sent.key, sent.said, submit)
    except HubError as error:
        title = page.say(N_("Permintaan belum terkirim"))
        failed = forms.failure(page, error, title, _field(error))
        return _shown(page, name, failed, sent, status=forms.status_of(error))
    if made["grant"]:
        return page.redirect(f"/katalog/{name}?terbuka={made['grant']}")
    return page.redirect(f"/permintaan/{made['request']}")


def may_ask(page: Page, dataset: DatasetOut, document: SchemaDocument) -> bool:
    """Whether the form is worth showing; who may ask is decided when it is sent."""
    if page.actor is None or not page.actor.can("request:write"):
        return False
    wants_more = bool(must_be_named(document)) and dataset.access.how in (How.OPEN, How.GRANT)
    return wants_more or dataset.access.how in (How.PURPOSE, How.REQUEST)


def mask_choices(document: SchemaDocument) -> dict[str, Any]:
    """Masks by the personal column that they may be put on."""
    return {name: choices(document.by_name[name]) for name in must_be_named(document)}


def _shown(
    page: Page,
    name: str,
    failed: Failure | None = None,
    sent: Sent = NOTHING,
    *,
    status: int = 200,
) -> Response:
    now = real_now()
    with reading(page.engine) as session:
        shown = browse.one(session, page.actor, name, now=now)
        document = standards.find(session, shown.schema_.name, shown.schema_.version)
        if not may_ask(page, shown, document) and failed is None:
            return page.redirect(f"/katalog/{name}#akses")
        kind = AccessClass(shown.access.class_)
        always = questions.questions_for(session, questions.kind_of(kind, document, None))
        if_personal = _if_personal(session, document, always)
    wanted = _names(document, sent)
    needed = [*always, *(if_personal if named(document, wanted) else [])]
    return page.render(
        "minta.html",
        status=status,
        dataset=shown,
        document=document,
        personal=sorted(must_be_named(document), key=list(document.by_name).index),
        mask_choices=mask_choices(document),
        always=always,
        if_personal=if_personal,
        tasks=_tasks(page, needed, sent),
        failed=failed,
        sent=sent,
        key=forms.new_key(),
    )


def _if_personal(
    session: Session, document: SchemaDocument, always: list[Question]
) -> list[Question]:
    """What is asked on top when a personal column is chosen."""
    everything = sorted(must_be_named(document))
    if not everything:
        return []
    kind = questions.kind_of(AccessClass.PRIBADI, document, everything)
    known = {one.code for one in always}
    return [one for one in questions.questions_for(session, kind) if one.code not in known]


def _tasks(page: Page, needed: list[Question], sent: Sent) -> list[Task]:
    """What is to be filled in, and whether it is; nothing for a form that asks little."""
    if not needed:
        return []
    answers = answering.answers_of(needed, sent)
    purpose = len(sent.one("purpose")) >= SHORTEST_PURPOSE
    basis = len(sent.one("basis")) >= asking.SHORTEST_BASIS
    return [
        Task(page.say(N_("Tujuan")), "purpose", purpose),
        Task(page.say(N_("Dasar tugas")), "basis", basis),
        *(
            Task(
                page.say_words(one.title),
                f"answer-{one.code}",
                bool(answers.get(one.code)),
                not one.required,
            )
            for one in needed
        ),
    ]


def _wanted(page: Page, session: Session, name: str, sent: Sent) -> Wanted:
    """Raises InvalidInput naming the first field that is missing or wrong."""
    masked = forms.masks_of(sent.many("masks"))
    if len(sent.one("purpose")) < SHORTEST_PURPOSE:
        raise InvalidInput(
            "Tulis tujuan pemakaian data ini.", "Write what the data is for.", member="purpose"
        )
    found = session.get(Dataset, name)
    columns, form = None, list[Question]()
    if found is not None:
        document = standards.find(session, found.schema_name, found.schema_version)
        columns = _names(document, sent)
        kind = questions.kind_of(found.access_class, document, columns)
        form = questions.questions_for(session, kind)
    answers = answering.answers_of(form, sent)
    _check_answered(questions.unanswered(form, answers))
    return Wanted(
        sent.one("purpose"),
        sent.one("basis"),
        columns,
        None,
        _until(page, sent),
        use="verify" if "verifikasi" in (sent.one("use"), answers.get("bentuk")) else "read",
        masks=masked,
        daily_rows=forms.whole_number(sent.one("daily_rows"), "daily_rows"),
        may_store={"yes": True, "no": False}.get(sent.one("store")),
        emergency_reason=_emergency(sent),
        answers=answers,
    )


def _until(page: Page, sent: Sent) -> datetime | None:
    return end_of_day(forms.day_of(sent.one("until")), page.settings.zone)


def _emergency(sent: Sent) -> str:
    """Why it cannot wait; empty when it can."""
    if sent.one("emergency") != "1":
        return ""
    reason = sent.one("emergency_reason")
    if len(reason) < SHORTEST_REASON:
        raise InvalidInput(
            f"Tulis mengapa permintaan ini darurat, sedikitnya {SHORTEST_REASON} huruf.",
            f"Write why this is an emergency, at least {SHORTEST_REASON} letters.",
            member="emergency_reason",
        )
    return reason


def _check_answered(missing: list[Question]) -> None:
    if missing:
        titles_id = "; ".join(one.title.id for one in missing)
        titles_en = "; ".join(one.title.en for one in missing)
        raise InvalidInput(
            f"Belum dijawab: {titles_id}.",
            f"Not answered yet: {titles_en}.",
            member=f"answers.{missing[0].code}",
        )


def _field(error: HubError) -> str:
    member = str(error.facts.get("member", "purpose"))
    if member.startswith("answers."):
        return member.replace("answers.", "answer-")
    return member if member in FIELDS else "purpose"


def _names(document: SchemaDocument, sent: Sent) -> list[str] | None:
    """None for all that needs no naming; personal columns alone come on top of all the others.

    Whoever masks a personal column asks for it.
    """
    hidden = must_be_named(document)
    chosen, masked = sent.many("columns"), forms.masks_of(sent.many("masks"))
    ticked = [*chosen, *(one for one in masked if one in hidden and one not in chosen)]
    if not ticked:
        return None
    if set(ticked) <= hidden:
        return [column for column in document.by_name if column not in hidden or column in ticked]
    return ticked
