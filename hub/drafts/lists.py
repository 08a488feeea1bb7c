"""Code lists in force, by name: what the cells of a draft are compared with."""

from pathlib import Path

import pyarrow.parquet as pq
from sqlmodel import Session, col, select

from catalog.models import Dataset
from hub.intake import codes
from hub.settings import Settings
from schemas.document import SchemaDocument

_MOST_CODES = 200_000


def names(session: Session) -> list[str]:
    """Every `referensi/{list}` that some dataset plays."""
    found = select(Dataset.schema_name).where(col(Dataset.schema_name).startswith("referensi/"))
    return sorted(set(session.exec(found)))


def files(session: Session, settings: Settings) -> dict[str, Path]:
    """A file of codes for each list that has a release."""
    asked = {str(i): {"x-kode-referensi": name} for i, name in enumerate(names(session))}
    document = SchemaDocument("rancangan/daftar", "0.0.0", {"properties": asked})
    return dict(codes.lists(session, settings, document))


def codes_of(files: dict[str, Path]) -> dict[str, frozenset[str]]:
    """The codes themselves; a list too long to hold is left out."""
    found = {}
    for name, path in files.items():
        if pq.read_metadata(path).num_rows <= _MOST_CODES:
            column = pq.read_table(path).column(0)
            found[name] = frozenset(str(code) for code in column.to_pylist() if code is not None)
    return found
