"""The operator's desk: one transaction on this machine's own control plane."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, make_url
from sqlmodel import Session

from hub.agencies import service
from hub.agencies.models import HolderKind
from hub.agencies.roles import Role
from hub.calendar import real_now
from hub.cli.configuration import configured
from hub.cli.output import refuse
from hub.db import open_engine, unit_of_work
from hub.errors import HubError
from hub.grants.signing import trust
from hub.ledger.entry import Actor
from hub.ledger.service import Ledger
from hub.migrations import pending
from hub.settings import Settings


@dataclass(frozen=True)
class Desk:
    """What a command of the operator needs; `by` is what the ledger says of him."""

    session: Session
    ledger: Ledger
    by: Actor

    def seat(self, agency: str, title: str, role: str, kind: HolderKind, holder: str) -> None:
        """A post of its own for the holder."""
        post = service.create_post(
            self.session, self.ledger, self.by, agency=agency, title=title, role=Role(role)
        )
        service.begin_holding(
            self.session,
            self.ledger,
            self.by,
            post=post.id,
            holder_kind=kind,
            holder=holder,
            since=real_now(),
        )


@contextmanager
def control_plane(settings: Settings) -> Iterator[Engine]:
    """The database of an instance that has been made; refused before anything is made by looking."""
    url = make_url(settings.database)
    made = url.get_backend_name() != "sqlite" or Path(url.database or "").exists()
    engine = open_engine(settings.database)
    try:
        if not made or pending(engine):
            raise refuse(
                f"Basis data {settings.home} belum ada atau belum mutakhir: `simpul init`, `simpul db upgrade`\n"
                f"The database of {settings.home} is missing or old: `simpul init`, `simpul db upgrade`"
            )
        trust(engine, Ledger.of(settings).signer)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def desk() -> Iterator[Desk]:
    """A rule's no becomes a sentence and exit code 1."""
    settings = configured()
    by = Actor(client=f"operator:{getpass.getuser()}")
    try:
        with control_plane(settings) as engine, unit_of_work(engine) as session:
            yield Desk(session, Ledger.of(settings), by)
    except HubError as error:
        raise refuse(f"{error.message_id}\n{error.message_en}") from error
