"""What reading needs of the running hub, gathered once per application."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from hub.auth.sealing import key_from
from hub.ledger.evidence import Evidence
from hub.settings import Settings


@dataclass(frozen=True)
class Reader:
    """`secret` seals cursors and keys the digests of questions."""

    settings: Settings
    engine: Engine
    evidence: Evidence
    secret: bytes


def reader_of(settings: Settings, engine: Engine, evidence: Evidence) -> Reader:
    return Reader(settings, engine, evidence, key_from(settings.secret_key, settings.keys))


def get_reader(request: Request) -> Reader:
    state = request.app.state
    if not hasattr(state, "reader"):
        state.reader = reader_of(state.settings, state.engine, state.evidence)
    reader: Reader = state.reader
    return reader


ReaderDep = Annotated[Reader, Depends(get_reader)]
