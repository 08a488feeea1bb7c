"""Code lists in force: the latest release of the dataset that plays `referensi/{list}`."""

from pathlib import Path

import pyarrow.parquet as pq
from sqlmodel import Session, col, select

from catalog import releases
from catalog.models import Dataset
from catalog.storage import from_json
from hub.settings import Settings
from schemas.document import SchemaDocument


def lists(session: Session, settings: Settings, document: SchemaDocument) -> dict[str, Path]:
    """For each list the schema names and some dataset plays: a Parquet file of its codes.

    A list that nobody has published yet is not checked; the schema says so, the gate cannot.
    """
    found = ((name, _current(session, settings, name)) for name in set(document.codes.values()))
    return {name: path for name, path in found if path is not None}


def _current(session: Session, settings: Settings, name: str) -> Path | None:
    dataset = session.exec(
        select(Dataset).where(col(Dataset.schema_name) == name).order_by(col(Dataset.id)).limit(1)
    ).first()
    latest = releases.latest(session, dataset.id) if dataset else None
    if dataset is None or latest is None:
        return None
    kept = (
        settings.home.absolute()
        / "codes"
        / dataset.agency
        / dataset.slug
        / f"{latest.sha256}.parquet"
    )
    if not kept.exists():
        table = settings.storage / dataset.agency / dataset.slug
        files = [table / file.path for file in from_json(latest.files)]
        _write(files, kept)
    return kept


def _write(files: list[Path], path: Path) -> None:
    """Only the first column, which is the code (convention of `referensi/*`); atomic."""
    column = pq.read_schema(files[0]).names[0]
    codes = pq.read_table(files, columns=[column])
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    pq.write_table(codes, part)
    part.replace(path)
