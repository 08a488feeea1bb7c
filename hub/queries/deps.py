"""Queries as dependencies of routes."""

from typing import Annotated

from fastapi import Depends, Request

from hub.access.reader import ReaderDep
from hub.access.workers import WorkersDep
from hub.queries.attending import Attendant
from hub.queries.running import Desk


def get_desk(request: Request, reader: ReaderDep, workers: WorkersDep) -> Desk:
    attendant: Attendant = request.app.state.attendant
    return Desk(reader, workers, attendant)


DeskDep = Annotated[Desk, Depends(get_desk)]
