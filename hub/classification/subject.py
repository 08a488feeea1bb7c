"""What the machine asks of a raise, and what its moves do: the subject of `penetapan-kelas`."""

import json
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from catalog import datasets
from catalog.models import AccessClass, Dataset
from hub.agencies.models import Agency
from hub.agencies.principal import Principal, actor_of
from hub.calendar import real_now
from hub.classification import kip
from hub.classification.models import Raise
from hub.errors import InvalidInput
from hub.ledger.entry import HUB, Target
from hub.outbox.service import EventType, record
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.office import Office
from hub.proceedings.procedure import Facts, Words
from hub.rules.classes import classes
from hub.standards import service as standards
from schemas.document import SchemaDocument

PROCEDURE = "penetapan-kelas"
HOLDING_PERSONS = frozenset(
    {AccessClass.PRIBADI, AccessClass.PRIBADI_SPESIFIK, AccessClass.DIKECUALIKAN}
)
STRICTNESS = list(AccessClass)
OF_A_TEST = "T08"
"""The ground that is a consequence test: it has a number and a date."""


class RaiseSubject:
    """Raises of access classes."""

    def facts(self, session: Session, proceeding: Proceeding) -> Facts:
        return {"grounded": bool(session.get_one(Raise, proceeding.id).ground)}

    def effect(
        self,
        name: str,
        session: Session,
        office: Office,
        principal: Principal | None,
        proceeding: Proceeding,
        step: Step,
    ) -> None:
        raised = session.get_one(Raise, proceeding.id)
        match name:
            case "ground":
                ground(session, raised, step.said, step.reason)
            case "fall_back":
                _fall_back(session, office, principal, raised, step)

    def digest(self, session: Session, proceeding: Proceeding) -> str | None:
        raised = session.get_one(Raise, proceeding.id)
        asked = {"dataset": raised.dataset, "class": raised.to_class.value, "ground": raised.ground}
        return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def title(self, session: Session, proceeding: Proceeding) -> Words:
        raised = session.get_one(Raise, proceeding.id)
        to = raised.to_class.value
        return Words(f"Kelas {to} dataset {raised.dataset}", f"Class {to} of {raised.dataset}")

    def path(self, proceeding: Proceeding) -> str:
        return f"/kelas/{proceeding.id}"


def ground(session: Session, raised: Raise, said: dict[str, Any], reason: str) -> None:
    """Take up a legal ground; raises InvalidInput when it cannot carry this class."""
    code = str(said.get("ground") or "")[:3]
    fitting = classes(session).classes[raised.to_class.value].grounds
    if code not in fitting:
        raise InvalidInput(
            f"Kelas {raised.to_class.value} memerlukan salah satu dasar {', '.join(fitting)}.",
            f"The class {raised.to_class.value} needs one of the grounds {', '.join(fitting)}.",
            member="ground",
            grounds=fitting,
        )
    number, on = str(said.get("test_number") or "").strip(), _day(said, "test_on")
    if code == OF_A_TEST and not (number and on):
        raise InvalidInput(
            "Uji konsekuensi (T08) disebut dengan nomor dan tanggalnya (test_number, test_on).",
            "A consequence test (T08) is named by its number and date (test_number, test_on).",
            member="test_number",
        )
    raised.ground, raised.reason = code, reason
    raised.article = str(said.get("article") or "").strip()
    raised.test_number, raised.test_on = number, on
    raised.review_on = _day(said, "review_on")
    session.add(raised)


def _day(said: dict[str, Any], name: str) -> date | None:
    given = said.get(name)
    if not given:
        return None
    try:
        return date.fromisoformat(str(given))
    except ValueError as odd:
        raise InvalidInput(
            f"Tanggal {name} ditulis TTTT-BB-HH.", f"The day {name} is YYYY-MM-DD.", member=name
        ) from odd


def _fall_back(
    session: Session, office: Office, principal: Principal | None, raised: Raise, step: Step
) -> None:
    """Bring the dataset to the class it returns to, unless somebody changed it meanwhile."""
    dataset = session.get(Dataset, raised.dataset)
    if dataset is None or dataset.access_class is not raised.to_class:
        return
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    owner = session.get_one(Agency, dataset.agency)
    fallback = max(raised.fallback, fallback_of(session, dataset), key=STRICTNESS.index)
    if not stricter(raised.to_class, fallback):  # it has become personal since the raise began
        return
    before = datasets.description_of(dataset)
    wanted = replace(
        before,
        access_class=fallback,
        kip_class=kip.kept(session, before.kip_class, fallback),
        class_note=f"Kembali dari {raised.to_class.value} ({raised.id}).",
    )
    now = real_now()
    changed = datasets.change(session, dataset, wanted, document, agency_name=owner.name, now=now)
    record(
        session, EventType.DATASET_CHANGED, dataset=dataset.id, data={"changed": sorted(changed)}
    )
    office.ledger.record(
        session,
        kind=EventType.DATASET_CHANGED.value,
        actor=HUB if principal is None else actor_of(principal),
        target=Target("dataset", dataset.id),
        digests={"request": sha256(dataset.model_dump_json().encode()).hexdigest()},
        signature={"kind": "by_rule", "rule": f"{PROCEDURE}#{step.event}", "cites": [step.entry]}
        if principal is None
        else None,
    )


def fallback_of(session: Session, dataset: Dataset) -> AccessClass:
    """The class to which an unconfirmed raise returns: silence never opens personal data.

    A schema with personal columns holds the dataset in the class of personal data; below that class
    (TERBATAS) they are hidden one by one until a grant names them. What its producer only declares to
    be personal cannot be hidden by column, so it is held whatever its class.
    """
    book = classes(session)
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    usual = AccessClass(book.classes[dataset.access_class.value].fallback)
    declared_alone = dataset.personal_data != "tidak" and not document.personal
    if dataset.access_class not in HOLDING_PERSONS and not declared_alone:
        return usual
    kinds = {*document.personal.values(), dataset.personal_data}
    for kind in ("spesifik", "umum"):
        if kind in kinds:
            return AccessClass(book.personal_fallback[kind])
    return usual


def is_personal(dataset: Dataset, document: SchemaDocument) -> bool:
    """Whether anything says that it holds persons: its class, its schema, or its producer."""
    of_persons = dataset.access_class in (AccessClass.PRIBADI, AccessClass.PRIBADI_SPESIFIK)
    return of_persons or bool(document.personal) or dataset.personal_data != "tidak"


def stricter(one: AccessClass, other: AccessClass) -> bool:
    return STRICTNESS.index(one) > STRICTNESS.index(other)
