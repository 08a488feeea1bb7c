"""FastAPI dependencies that every route shares."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine
from sqlmodel import Session

from hub.calendar import BusinessClock
from hub.db import reading, unit_of_work
from hub.settings import Settings


def get_settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def get_engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


def get_clock(request: Request) -> BusinessClock:
    clock: BusinessClock = request.app.state.clock
    return clock


def get_session(request: Request) -> Iterator[Session]:
    with unit_of_work(request.app.state.engine) as session:
        yield session


def get_reading_session(request: Request) -> Iterator[Session]:
    with reading(request.app.state.engine) as session:
        yield session


SettingsDep = Annotated[Settings, Depends(get_settings)]
EngineDep = Annotated[Engine, Depends(get_engine)]
ClockDep = Annotated[BusinessClock, Depends(get_clock)]
# scope="function": the commit happens BEFORE the answer leaves, so a failed commit is never a 201.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]
# Reads take no write lock; a writer held by somebody else never delays them.
ReadingDep = Annotated[Session, Depends(get_reading_session, scope="function")]
