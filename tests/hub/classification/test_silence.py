"""Whatever class a dataset is in and however its data is personal: nobody's silence opens personal data."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from sqlmodel import Session
from starlette.testclient import TestClient

from catalog.models import AccessClass, Dataset
from hub.calendar import StoppedClock
from hub.intake import second_person
from hub.outbox import delivery
from hub.proceedings import ticking
from hub.proceedings.models import Proceeding
from hub.proceedings.office import Office
from hub.proceedings.procedure import in_force
from hub.rules.classes import classes
from hub.subjects import subjects
from hub.subscribers import subscribers
from tests.hub.classification.test_raising import steward

__all__ = ["steward"]
ORDER = list(AccessClass)
FLOOR = {"umum": AccessClass.PRIBADI, "spesifik": AccessClass.PRIBADI_SPESIFIK}
MARKS = ("tidak", "umum", "spesifik")
YEAR = 13
"""Four-week steps: longer than every term of the book together."""


def schema(steward: TestClient, mark: str) -> str:
    """A schema with one column beside its key, which is personal as `mark` says."""
    name = f"bpbj/catatan-{mark}"
    column = {"type": "string"} | ({} if mark == "tidak" else {"x-data-pribadi": mark})
    body = {
        "$id": f"https://simpul.invalid/schemas/{name}/1.0.0.json",
        "type": "object",
        "title": "Catatan (sintetis)",
        "properties": {"nomor": {"type": "string"}, "isi": column},
        "x-kunci": ["nomor"],
    }
    answer = steward.post(f"/api/v1/schemas/{name}/versions", content=json.dumps(body))
    assert answer.status_code == 201, answer.text
    return f"{name}/1.0.0"


def cases() -> Iterator[tuple[AccessClass, str, str]]:
    """Class, mark of the schema, what the producer declares; without what the catalog refuses."""
    for access_class, mark, declared in product(ORDER, MARKS, MARKS):
        if not (access_class is AccessClass.TERBUKA and mark != "tidak" and declared == "tidak"):
            yield access_class, mark, declared


def enter(steward: TestClient, schemas: dict[str, str]) -> dict[str, tuple[AccessClass, str, str]]:
    entered = {}
    for number, case in enumerate(cases()):
        access_class, mark, declared = case
        said = {
            "agency": "bpbj",
            "slug": f"data-{number}",
            "title": "Data (sintetis)",
            "schema": schemas[mark],
            "access_class": access_class.value,
            "restriction_basis": "untuk internal"
            if number % 2
            else "T11: undang-undang (sintetis)",
            "personal_data": declared,
        }
        answer = steward.post("/api/v1/datasets", json=said)
        assert answer.status_code == 201, answer.text
        entered[f"bpbj/data-{number}"] = case
    return entered


def be_silent(hub: TestClient) -> None:
    """A year in which nobody does anything but the clock and the hub's own listeners."""
    state: Any = hub.app.state  # type: ignore[attr-defined]
    now: datetime = state.clock.now()
    for step in range(YEAR):
        delivery.deliver(state.engine, subscribers(state.engine, state.settings))
        moment = now + timedelta(weeks=4 * step)
        office = Office(state.ledger, StoppedClock(state.settings.zone, moment=moment))
        assert ticking.tick(state.engine, office, subjects(), now=moment).failed == 0


def classes_of(hub: TestClient, names: dict[str, Any]) -> dict[str, AccessClass]:
    state: Any = hub.app.state  # type: ignore[attr-defined]
    with Session(state.engine) as session:
        return {name: session.get_one(Dataset, name).access_class for name in names}


def test_a_year_of_silence_opens_no_personal_data(hub: TestClient, steward: TestClient) -> None:
    entered = enter(steward, {mark: schema(steward, mark) for mark in MARKS})
    be_silent(hub)
    fell = 0
    for name, ended in classes_of(hub, entered).items():
        began, mark, declared = entered[name]
        kind = max(mark, declared, key=MARKS.index)
        fell += ended is not began
        if kind == "tidak":
            assert ORDER.index(ended) <= ORDER.index(began)
            assert began is AccessClass.TERBUKA or ended is AccessClass.BERBAGI
        elif mark == "tidak" or ORDER.index(began) >= ORDER.index(AccessClass.PRIBADI):
            least = min(began, FLOOR[kind], key=ORDER.index)
            assert ORDER.index(ended) >= ORDER.index(least), (name, entered[name], ended)
        else:  # its personal columns are hidden one by one, whatever the class
            assert ended is (began if began is AccessClass.TERBUKA else AccessClass.BERBAGI)
    assert fell > 5
    with Session(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        for item in steward.get("/api/v1/classifications").json()["items"]:
            assert session.get_one(Proceeding, item["id"]).ends_at is not None, item


def test_no_silence_signs_a_batch_of_personal_data(hub: TestClient, steward: TestClient) -> None:
    entered = enter(steward, {mark: schema(steward, mark) for mark in MARKS})
    state, walked = hub.app.state, 0  # type: ignore[attr-defined]
    with Session(state.engine) as session:
        for name, (access_class, mark, declared) in entered.items():
            personal = access_class in FLOOR.values() or {mark, declared} != {"tidak"}
            if personal and classes(session).classes[access_class.value].two_persons:
                assert second_person.SIGNED not in silent_walk(session, name)
                walked += 1
    assert walked == 17


def silent_walk(session: Session, dataset: str) -> list[str]:
    """The states that a batch of this dataset comes to when nobody does anything."""
    procedure = in_force(session, second_person.PROCEDURE)
    waiting = Proceeding(dataset=dataset)
    facts = second_person.SUBJECT.facts(session, waiting)
    walk = [procedure.initial]
    while not procedure.states[walk[-1]].end and procedure.states[walk[-1]].clock is not None:
        walk.append(procedure.silent_move(procedure.states[walk[-1]], facts).to)
    return walk


def test_data_that_became_personal_while_its_class_waited_does_not_open(
    hub: TestClient, steward: TestClient
) -> None:
    said = {
        "agency": "bpbj",
        "slug": "catatan",
        "title": "Catatan (sintetis)",
        "schema": schema(steward, "tidak"),
        "access_class": "PRIBADI",
        "restriction_basis": "T11: undang-undang (sintetis)",
    }
    assert steward.post("/api/v1/datasets", json=said).status_code == 201
    state: Any = hub.app.state  # type: ignore[attr-defined]
    delivery.deliver(state.engine, subscribers(state.engine, state.settings))
    (item,) = steward.get("/api/v1/classifications").json()["items"]
    assert item["fallback"] == "BERBAGI"
    change, path = {"personal_data": "umum"}, "/api/v1/datasets/bpbj/catatan"
    assert steward.patch(path, json=change, headers={"If-Match": "*"}).status_code == 200
    be_silent(hub)
    assert steward.get(path).json()["access"]["class"] == "PRIBADI"
