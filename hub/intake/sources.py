"""Pull sources: who may register one, who sees it, and its connector with the secrets unsealed."""

from datetime import datetime

from sqlmodel import Session, col, select

from connectors import base as contract
from connectors.options import secret_names
from connectors.registry import kind as kind_of
from connectors.registry import open_source
from connectors.transport import NetworkPolicy
from hub.agencies.principal import Principal, actor_of
from hub.auth import sealing
from hub.errors import InvalidInput, NotFound
from hub.identifiers import new_id
from hub.intake import batches
from hub.intake.models import (
    Source,
    SourceIn,
)
from hub.ledger.entry import Target
from hub.ledger.service import Ledger
from hub.settings import Settings


def create(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    wanted: SourceIn,
    *,
    settings: Settings,
    now: datetime,
) -> Source:
    """Register a source for a dataset of the actor's own agency.

    Raises DatasetNotFound, NotPermitted, InvalidInput, and ConnectorError for wrong options.
    """
    dataset = batches.writable(session, actor, wanted.dataset, scope="source:write")
    schema = kind_of(wanted.kind).options_schema
    hidden = secret_names(schema)
    shown = {k: v for k, v in wanted.options.items() if k not in hidden}
    sealed = {k: str(v) for k, v in {**wanted.options, **wanted.secrets}.items() if k in hidden}
    stray = sorted(set(wanted.secrets) - hidden)
    if stray:
        raise InvalidInput(
            f"Rahasia {', '.join(stray)} tidak dikenal jenis sumber {wanted.kind}.",
            f"The source kind {wanted.kind} knows no secret {', '.join(stray)}.",
        )
    source = Source(
        id=new_id(),
        dataset=dataset.id,
        kind=wanted.kind,
        stream=wanted.stream,
        options=shown,
        mode=wanted.mode,
        on_error=wanted.on_error,
        every_minutes=wanted.every_minutes,
        next_run_at=now if wanted.every_minutes else None,
        created_by=actor.id,
        created_at=now,
    )
    if sealed:
        key = sealing.key_from(settings.secret_key, settings.keys)
        source.secrets = sealing.seal(key, source.id, sealed)
    open_for(settings, source)  # opening it judges the options
    session.add(source)
    ledger.record(
        session,
        kind="source.created",
        actor=actor_of(actor, dataset.agency),
        target=Target("source", source.id, owner=dataset.agency),
    )
    return source


def find(session: Session, actor: Principal, source_id: str) -> Source:
    """Another agency's source is as good as none (404)."""
    source = session.get(Source, source_id)
    if source is None or not _may_see(actor, source):
        raise NotFound(f"Tidak ada sumber {source_id}.", f"There is no source {source_id}.")
    return source


def _may_see(actor: Principal, source: Source) -> bool:
    return batches.may_see(actor, source.dataset)


def listed(session: Session, actor: Principal) -> list[Source]:
    """The sources of the actor's agencies, all of them for the walidata; by dataset."""
    found = session.exec(select(Source).order_by(col(Source.dataset), col(Source.id))).all()
    return [source for source in found if _may_see(actor, source)]


def secret_fields(settings: Settings, source: Source) -> list[str]:
    key = sealing.key_from(settings.secret_key, settings.keys)
    return sorted(sealing.unseal(key, source.id, source.secrets))


def open_for(settings: Settings, source: Source) -> contract.Source:
    """The connector of a source, ready to be checked or read. Raises ConnectorError."""
    key = sealing.key_from(settings.secret_key, settings.keys)
    work = settings.work / "pull"
    work.mkdir(parents=True, exist_ok=True)
    return open_source(
        source.kind,
        source.options,
        sealing.unseal(key, source.id, source.secrets),
        work=work,
        network=NetworkPolicy.allowing(*sorted(settings.allowed_sources)),
        roots=(settings.source_root,) if settings.source_root else (),
    )
