"""The rules of access: asking, deciding, taking back (domain.md §4.4)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session, select

from catalog.models import Dataset
from hub.agencies.principal import Principal
from hub.calendar import real_now
from hub.errors import Conflict, InvalidInput, NotFound
from hub.grants import issuing, opening, opinions, questions, records, refusing
from hub.grants.duties import ASKING, check_revoker, may_see_grant, may_see_request
from hub.grants.ladder import Ladder, grant_of
from hub.grants.models import READ, AccessRequest, Grant, State
from hub.grants.narrowing import Bounds, Given, within
from hub.grants.personal import must_be_named
from hub.proceedings import machine
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.numbering import next_number
from hub.proceedings.office import Office
from hub.standards import service as standards

DECISIONS = frozenset({"setujui", "setujui_sebagian", "kabulkan", "tolak", "tolak_keberatan"})
OBJECTED = frozenset({State.OBJECTION, State.WITH_FORUM})


@dataclass(frozen=True)
class Wanted:
    """What is asked for, and why; `columns` and `filter` None stand for all.

    `may_store` None takes what the class of the data allows; `supersedes` is the grant it replaces;
    `emergency_reason` says why it cannot wait ("" when it can), `answers` what the form asks beyond these.
    """

    purpose: str
    basis: str
    columns: list[str] | None
    filter: dict[str, Any] | None
    until: datetime | None
    use: str = READ
    masks: dict[str, str] = field(default_factory=dict)
    daily_rows: int | None = None
    may_store: bool | None = None
    supersedes: str | None = None
    emergency_reason: str = ""
    answers: dict[str, Any] = field(default_factory=dict)


def submit(
    session: Session,
    office: Office,
    principal: Principal,
    dataset: Dataset,
    wanted: Wanted,
    *,
    agency: str | None,
    personal: bool,
) -> tuple[AccessRequest, Grant | None]:
    """Record a request that was checked (`hub.grants.asking`); the grant when its class gives it now.

    `agency` will read; None is a party outside the regency, who then reads alone.
    """
    now = office.clock.now()
    request = AccessRequest(
        id=next_number(session, "PD", now.year, 6),
        target=dataset.id,
        producer=dataset.agency,
        requester_kind=principal.identity.kind,
        requester=principal.id,
        agency=agency,
        purpose=wanted.purpose,
        basis=wanted.basis,
        columns=wanted.columns,
        filter=wanted.filter,
        until=wanted.until,
        use=wanted.use,
        masks=wanted.masks,
        daily_rows=wanted.daily_rows,
        may_store=not personal if wanted.may_store is None else wanted.may_store,
        supersedes=wanted.supersedes,
        personal=personal,
        emergency=bool(wanted.emergency_reason),
        emergency_reason=wanted.emergency_reason,
        answers=wanted.answers,
        offer=None,
        created_at=now,
    )
    session.add(request)
    session.flush()  # the proceeding and the grant refer to it
    opening.begin(session, office, principal, request, Ladder())
    return request, grant_of(session, request.id)


def decide(
    session: Session,
    office: Office,
    principal: Principal,
    request_id: str,
    decision: Literal["approve", "refuse"],
    *,
    ground: str | None,
    reason: str,
    bounds: Bounds | None = None,
    offer: dict[str, Any] | None = None,
) -> tuple[AccessRequest, Grant | None]:
    """Approve (within `bounds`, if any) or refuse on a ground, with what it must give instead (`offer`).

    Raises NotFound, NotPermitted, Conflict, InvalidInput.
    """
    request = the_request(session, principal, request_id)
    principal.must("request:decide")
    state = machine.locked(session, request.id).state
    if decision == "refuse":
        event = "tolak_keberatan" if state in OBJECTED else "tolak"
        said: dict[str, Any] = {}
        if event == "tolak":
            said = refusing.checked(session, request, ground, reason, offer)
        _step(session, office, principal, request, event, reason=reason, said=said)
        return request, None
    if state not in OBJECTED:
        opinions.check_heard(session, office, request)
    given = issuing.as_asked(request) if bounds is None else _bounded(session, request, bounds)
    narrower = given != issuing.as_asked(request)
    event = "kabulkan" if state in OBJECTED else "setujui_sebagian" if narrower else "setujui"
    _step(session, office, principal, request, event, reason=reason, given=given)
    return request, grant_of(session, request_id)


def step(
    session: Session,
    office: Office,
    principal: Principal,
    request_id: str,
    event: str,
    *,
    reason: str = "",
    said: dict[str, Any] | None = None,
) -> Step:
    """Any move of the ladder that is no decision, by somebody who may see the request.

    Raises NotFound, InvalidInput for a decision (`decide` makes those), and what the machine raises.
    """
    request = the_request(session, principal, request_id)
    if event in DECISIONS:
        raise InvalidInput(
            f"Langkah {event} adalah keputusan; kirim ke alamat decision.",
            f"{event} is a decision; send it to the address decision.",
            member="event",
        )
    return _step(session, office, principal, request, event, reason=reason, said=said)


def _step(
    session: Session,
    office: Office,
    principal: Principal,
    request: AccessRequest,
    event: str,
    *,
    reason: str = "",
    said: dict[str, Any] | None = None,
    given: Given | None = None,
) -> Step:
    principal.must("request:write" if event in ASKING else "request:decide")
    if said and said.get("answers"):
        _check_answers(session, request, said["answers"])
    ladder = Ladder(given)
    made = machine.move(
        session, office, principal, ladder, request.id, event, reason=reason, said=said
    )
    if event == "tolak":
        refusing.follow_up(session, office, principal, request, made, ladder)
    return made


def the_request(session: Session, principal: Principal, request_id: str) -> AccessRequest:
    """Raises NotFound, also for what is not the caller's business."""
    request = session.get(AccessRequest, request_id)
    if request is None or not may_see_request(session, principal, request):
        raise no_request(request_id)
    return request


def proceeding_of(session: Session, request: AccessRequest) -> Proceeding:
    return session.get_one(Proceeding, request.id)


def revoke(
    session: Session, office: Office, principal: Principal, grant_id: str, *, reason: str
) -> Grant:
    """Take a grant back now; raises NotFound, NotPermitted, Conflict if it has ended already."""
    grant = session.exec(select(Grant).where(Grant.id == grant_id).with_for_update()).first()
    if grant is None or not may_see_grant(principal, grant):
        raise no_grant(grant_id)
    check_revoker(principal, grant)
    now = real_now()
    state = grant.state_at(now)
    if state not in (State.ACTIVE, State.TO_SIGN, State.SUSPENDED):
        raise Conflict(
            f"Hak akses {grant.id} sudah {state.value}.",
            f"Grant {grant.id} is no longer active: {state.value}.",
            state=state.value,
        )
    grant.revoked_at, grant.revoked_by, grant.revoke_reason = now, principal.id, reason
    session.add(grant)
    records.revoked(session, office.ledger, principal, grant)
    machine.advance(session, office, Ladder(), grant.request, "cabut", reason)
    return grant


def sign(session: Session, office: Office, principal: Principal, grant_id: str, jws: str) -> Grant:
    """Sign a contract with an agency's key; raises NotFound and what `issuing.sign` raises."""
    principal.must("request:write")
    grant = session.get(Grant, grant_id)
    if grant is None or not may_see_grant(principal, grant):
        raise no_grant(grant_id)
    signed = issuing.sign(session, office, principal, grant, jws)
    if signed.waits_until is None:
        machine.advance(session, office, Ladder(), signed.request, "terbit")
    return signed


def no_request(request_id: str) -> NotFound:
    """The same for a request that does not exist and for one that is not the caller's business."""
    return NotFound(f"Tidak ada permintaan {request_id}.", f"There is no request {request_id}.")


def no_grant(grant_id: str) -> NotFound:
    return NotFound(f"Tidak ada hak akses {grant_id}.", f"There is no grant {grant_id}.")


def _check_answers(session: Session, request: AccessRequest, answers: Any) -> None:
    if not isinstance(answers, dict):
        raise InvalidInput(
            "Jawaban (answers) adalah objek menurut kode pertanyaannya.",
            "The answers are an object by the code of their question.",
            member="answers",
        )
    dataset = session.get_one(Dataset, request.target)
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    questions.check(session, document, answers)


def _bounded(session: Session, request: AccessRequest, bounds: Bounds) -> Given:
    dataset = session.get_one(Dataset, request.target)
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    hidden = must_be_named(document)
    plain = [column for column in document.by_name if column not in hidden]
    if bounds.until is not None and bounds.until <= real_now():
        raise InvalidInput(
            "Akhir masa akses (until) sudah lewat.",
            "The stated end (until) has passed.",
            member="until",
        )
    return within(request, bounds, document, plain)
