"""How the demonstration's rows come in: half are pushed, half are pulled from a local bus and a folder."""

import gzip
import hashlib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import col, select

from catalog.models import Dataset
from hub.auth import sealing
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.demo.bus import CREDENTIAL, Bus, address
from hub.demo.regency import DemoDataset, Regency, regency
from hub.intake import batches, running
from hub.intake.models import BatchState, Source
from hub.intake.service import Intake, receive
from hub.intake.spool import Spooled
from hub.ledger.entry import Actor
from hub.settings import Settings
from hub.standards import service as standards

FIRST = ("dkisp/wilayah", "dkisp/satker")
"""Code lists arrive before what refers to them."""
STREAMS = {"http-json": "rows", "folder": "files"}


def folder(settings: Settings) -> Path:
    """Where the two datasets lie that agencies hand over as files."""
    return settings.home.absolute() / "peragaan-berkas"


def packed(dataset: DemoDataset) -> bytes:
    return (files("hub.demo") / "data" / dataset.file).read_bytes()


def bus_services(about: Regency) -> dict[str, bytes]:
    """What the local bus serves: LKPP's name of each service, and its rows."""
    pulled = (d for d in about.datasets if d.arrival.kind == "http-json")
    return {dataset.arrival.service: packed(dataset) for dataset in pulled}


def bus(port: int) -> Bus:
    """LKPP's bus; the sources of the demonstration look for it on the port after the hub's."""
    return Bus(bus_services(regency()), port)


def move_bus(engine: Engine, port: int) -> None:
    """Send the sources that pull from the bus to another port."""
    with unit_of_work(engine) as session:
        pulling = session.exec(select(Source).where(col(Source.kind) == "http-json"))
        for source in pulling:
            service = source.options["url"].rpartition("/")[2]
            source.options = source.options | {"url": address(port) + service}


def fill(intake: Intake, about: Regency, *, bus_port: int, say: Callable[[str], None]) -> None:
    """A first release for every dataset. Raises RuntimeError when one is refused: a broken package."""
    ordered = sorted(about.datasets, key=lambda dataset: dataset.name not in FIRST)
    with bus(bus_port) as served:
        for dataset in ordered:
            if dataset.arrival.by == "push":
                said = _push(intake, dataset)
            else:
                said = _pull(intake, dataset, served.port)
            say(f"{dataset.name}: {said}")


def _push(intake: Intake, dataset: DemoDataset) -> str:
    body = _on_disk(intake.settings, dataset)
    with reading(intake.engine) as session:
        row = session.exec(select(Dataset).where(col(Dataset.id) == dataset.name)).one()
        delivery = batches.delivery(
            session,
            intake.settings,
            row,
            body,
            format=dataset.format,
            mode="upsert",
            on_error=dataset.on_error,
            via="push",
            actor=Actor(client="peragaan", agency=dataset.agency),
            find_document=standards.find,
        )
    try:
        batch = receive(intake, delivery, along=_nothing_more)
    finally:
        body.discard()
    if batch.state is not BatchState.PUBLISHED:
        raise RuntimeError(f"{dataset.name} was refused by its own schema; see batch {batch.id}")
    return f"{batch.accepted} baris, dikirim"


def _nothing_more(*_: object) -> None:
    """A demonstration's push has no idempotency key: loading happens once."""


def _on_disk(settings: Settings, dataset: DemoDataset) -> Spooled:
    content = gzip.decompress(packed(dataset))
    settings.work.mkdir(parents=True, exist_ok=True)
    path = settings.work / f"peragaan-{dataset.slug}.{dataset.format}"
    path.write_bytes(content)
    return Spooled(path, len(content), hashlib.sha256(content).hexdigest())


def _pull(intake: Intake, dataset: DemoDataset, bus_port: int) -> str:
    with unit_of_work(intake.engine) as session:
        source = _source(intake.settings, dataset, bus_port)
        session.add(source)
        session.flush()  # the claim looks the source up
        claimed = running.claim(session, source.id, now=real_now())
    run = running.run(intake, claimed, find_document=standards.find)
    if run.accepted == 0:
        raise RuntimeError(f"{dataset.name} could not be pulled: {run.layer} {run.message_en}")
    return f"{run.accepted} baris, ditarik"


def _source(settings: Settings, dataset: DemoDataset, bus_port: int) -> Source:
    source = Source(
        id=f"{dataset.agency}-{dataset.slug}",
        dataset=dataset.name,
        kind=dataset.arrival.kind,
        stream=STREAMS[dataset.arrival.kind],
        options={},
        mode="upsert",
        on_error=dataset.on_error,
        created_by="peragaan",
        created_at=real_now(),
    )
    if dataset.arrival.kind == "http-json":
        source.options = {"url": address(bus_port) + dataset.arrival.service}
        key = sealing.key_from(settings.secret_key, settings.keys)
        source.secrets = sealing.seal(key, source.id, {"url_secret": CREDENTIAL})
    else:
        where = folder(settings)
        where.mkdir(parents=True, exist_ok=True)
        (where / dataset.arrival.name).write_bytes(gzip.decompress(packed(dataset)))
        source.options = {"path": str(where), "pattern": dataset.arrival.name, "settle_seconds": 0}
    return source
