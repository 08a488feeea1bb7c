"""Queries as dependencies of routes."""

from typing import Annotated

from fastapi import Depends, Request

from hub.access.reader import get_reader
from hub.access.workers import get_workers
from hub.queries.attending import Attendant
from hub.queries.running import Desk


async def get_desk(request: Request) -> Desk:
    attendant: Attendant = request.app.state.attendant
    return Desk(get_reader(request), get_workers(request), attendant)


DeskDep = Annotated[Desk, Depends(get_desk)]
