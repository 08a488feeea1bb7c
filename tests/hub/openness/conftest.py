"""Requests seeded as their steps: what the index is measured from, without walking every path."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import Session
from starlette.testclient import TestClient

from hub.db import unit_of_work
from hub.openness.outcomes import Moved
from hub.proceedings.models import Proceeding, Step

PRODUCER = "menunggu_produsen"


def at(text: str) -> datetime:
    """A moment of the instance's zone (WITA), from `2025-08-04 10:00`."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@dataclass(frozen=True)
class Move:
    """A step to seed: when, to which state, its term, and by whom (an agency, or the clock)."""

    at: str
    to: str
    due: str | None = None
    clock: bool = False
    agency: str | None = None
    ground: str | None = None


def moved(*moves: Move) -> tuple[Moved, ...]:
    """The same as the pure rules take them."""
    before: str | None = None
    found = []
    for number, move in enumerate(moves, start=1):
        due = at(move.due) if move.due else None
        found.append(
            Moved(number, at(move.at), before, move.to, move.clock, move.agency, move.ground, due)
        )
        before = move.to
    return tuple(found)


def seed(
    session: Session,
    name: str,
    producer: str,
    requester: str,
    dataset: str,
    moves: tuple[Move, ...],
) -> None:
    steps = moved(*moves)
    session.add(
        Proceeding(
            id=name,
            procedure="permintaan-data",
            version=0,
            state=steps[-1].to_state,
            opened_at=steps[0].at,
            entered_at=steps[-1].at,
            due_at=steps[-1].due_at,
            requester=requester,
            producer=producer,
            dataset=dataset,
            steps=len(steps),
        )
    )
    session.flush()  # the steps refer to it
    for step in steps:
        said: dict[str, Any] = {"ground": step.ground} if step.ground else {}
        session.add(
            Step(
                proceeding=name,
                number=step.number,
                at=step.at,
                event="uji",
                from_state=step.from_state or "",
                to_state=step.to_state,
                by_clock=step.by_clock,
                actor={"person": "uji", "agency": step.agency} if step.agency else {},
                said=said,
                due_at=step.due_at,
                entry="",
                previous_hash="",
                hash="",
            )
        )


@pytest.fixture
def make_request(hub: TestClient, make_agency: Callable[..., str]) -> Callable[..., str]:
    """Seed one request with its steps; return its id."""

    def make(
        number: int,
        *moves: Move,
        producer: str = "dinkes",
        requester: str = "bappeda",
        dataset: str = "dinkes/stunting",
    ) -> str:
        make_agency(producer)
        make_agency(requester)
        assert isinstance(hub.app, FastAPI)
        name = f"PD-2025-{number:06}"
        with unit_of_work(hub.app.state.engine) as session:
            seed(session, name, producer, requester, dataset, moves)
        return name

    return make


def in_time(day: str) -> tuple[Move, ...]:
    """Asked at ten on this day, with the producer a day later, approved on the third."""
    first = datetime.fromisoformat(f"{day}T10:00")
    second, third = first + timedelta(days=1), first + timedelta(days=3)
    due = first + timedelta(days=8, hours=6)
    return (
        Move(f"{first:%Y-%m-%d %H:%M}", "diajukan", f"{second:%Y-%m-%d} 16:00"),
        Move(f"{second:%Y-%m-%d %H:%M}", PRODUCER, f"{due:%Y-%m-%d %H:%M}", agency="dkisp"),
        Move(f"{third:%Y-%m-%d %H:%M}", "disetujui", agency="dinkes"),
    )
