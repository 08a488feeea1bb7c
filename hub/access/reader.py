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


def get_reader(request: Request) -> Reader:
    state = request.app.state
    if not hasattr(state, "reader"):
        settings: Settings = state.settings
        secret = key_from(settings.secret_key, settings.keys)
        state.reader = Reader(settings, state.engine, state.evidence, secret)
    reader: Reader = state.reader
    return reader


ReaderDep = Annotated[Reader, Depends(get_reader)]
