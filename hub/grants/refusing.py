"""Refusing: only on a ground of the closed list, and never without what that ground must give instead.

The grounds T01 to T13 and what each gives along are domain.md §4.3; a refusal is written and reasoned
(UU 30/2014 pasal 36 ayat (2)).
"""

from datetime import date
from typing import Any

from sqlmodel import Session

from catalog.models import Dataset
from hub.agencies.models import Agency
from hub.agencies.principal import Principal
from hub.errors import InvalidInput
from hub.grants import forwarding
from hub.grants.grounds import Ground
from hub.grants.grounds import ground as ground_of
from hub.grants.models import AccessRequest
from hub.proceedings.machine import SHORTEST_REASON
from hub.proceedings.models import Step
from hub.proceedings.office import Office
from hub.proceedings.subject import Subject
from hub.standards import service as standards

MEMBERS = (
    "holder",
    "dataset",
    "alternative",
    "columns",
    "review_on",
    "test_number",
    "test_on",
    "letter",
    "article",
)
"""What an offer may hold; each ground says which of them it takes and which it needs."""


def checked(
    session: Session,
    request: AccessRequest,
    code: str | None,
    reason: str,
    offer: dict[str, Any] | None,
) -> dict[str, Any]:
    """What goes into the step: the ground and the offer; raises InvalidInput naming what is missing."""
    ground = ground_of(session, code)
    if len(reason.strip()) < SHORTEST_REASON:
        raise InvalidInput(
            f"Penolakan memerlukan alasan tertulis, sedikitnya {SHORTEST_REASON} huruf.",
            f"A refusal needs a written reason of at least {SHORTEST_REASON} letters.",
            member="reason",
        )
    said = {name: value for name, value in (offer or {}).items() if value not in (None, "", [])}
    given = {**ground.offers, **_enough(session, request, ground), **said}
    _check_offer(session, request, ground, given)
    return {"ground": ground.code, "offer": given or None}


def follow_up(
    session: Session,
    office: Office,
    principal: Principal,
    request: AccessRequest,
    step: Step,
    subject: Subject,
) -> None:
    """A holder that was named gets the request at once (T01)."""
    offer = step.said.get("offer") or {}
    if offer.get("dataset") or offer.get("holder"):
        forwarding.forward(session, office, principal, request, step, subject)


def _enough(session: Session, request: AccessRequest, ground: Ground) -> dict[str, Any]:
    """Of what was asked, the columns that are not personal: what stays when nothing else is named (T13)."""
    if "columns" not in ground.needs:
        return {}
    dataset = session.get_one(Dataset, request.target)
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    asked = request.columns if request.columns is not None else list(document.by_name)
    plain = [name for name in asked if name not in document.personal]
    return {"columns": plain} if plain else {}


def _check_offer(
    session: Session, request: AccessRequest, ground: Ground, offer: dict[str, Any]
) -> None:
    unknown = sorted(set(offer) - set(ground.gives))
    if unknown:
        raise InvalidInput(
            f"Alasan {ground.code} tidak memuat: {', '.join(unknown)}.",
            f"The ground {ground.code} does not take: {', '.join(unknown)}.",
            member="offer",
        )
    if ground.needs and not any(offer.get(name) for name in ground.needs):
        raise InvalidInput(
            f"Alasan {ground.code} harus disertai: {ground.also}",
            f"The ground {ground.code} must come with this: {ground.also_en}",
            member="offer",
            needs=list(ground.needs),
        )
    for name, value in offer.items():
        _check_member(session, request, name, value)


def _check_member(session: Session, request: AccessRequest, name: str, value: Any) -> None:
    match name:
        case "holder" if session.get(Agency, str(value)) is None:
            raise _wrong(name, "kode perangkat daerah", "the code of an agency")
        case "dataset" if session.get(Dataset, str(value)) is None or value == request.target:
            raise _wrong(name, "dataset lain yang ada", "another dataset that exists")
        case "columns" if not isinstance(value, list) or (
            request.columns is not None and not set(value) <= set(request.columns)
        ):
            raise _wrong(name, "sebagian kolom yang diminta", "some of the columns asked for")
        case "review_on" | "test_on":
            _day(name, value)


def _day(name: str, value: Any) -> None:
    try:
        date.fromisoformat(str(value))
    except ValueError as odd:
        raise _wrong(name, "tanggal TTTT-BB-HH", "a date YYYY-MM-DD") from odd


def _wrong(name: str, expected_id: str, expected_en: str) -> InvalidInput:
    return InvalidInput(
        f"Isian {name} harus berupa {expected_id}.",
        f"The member {name} must be {expected_en}.",
        member=f"offer.{name}",
    )
