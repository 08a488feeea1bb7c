"""The rules of verification: which columns must be shown, what is answered, what is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog import matching
from hub.access.door import Asked, Door, open_door
from hub.access.judging import Action
from hub.access.reader import Reader
from hub.access.subjects import about
from hub.access.witness import prove, read_facts
from hub.agencies.principal import Principal
from hub.db import reading
from hub.errors import InvalidInput
from hub.ledger.service import Receipt

Record = Mapping[str, str | None]
"""Values by column; None is an empty cell."""
MOST = 1_000
"""Records of one request."""


@dataclass(frozen=True)
class Verified:
    """One answer for each record, in the order they were shown, with the receipt for all."""

    door: Door
    matched: list[bool]
    receipt: Receipt


def verify(
    reader: Reader,
    actor: Principal,
    dataset_id: str,
    records: Sequence[Record],
    *,
    grant: str | None = None,
) -> Verified:
    """Compare records with the latest release through a grant for verification.

    The evidence keeps how many were asked and how many matched, and a keyed digest of them; not the
    records. Raises what `open_door` raises, InvalidInput, ColumnNotReadable, QuotaSpent,
    EvidenceUnavailable.
    """
    with reading(reader.engine) as session:
        door = open_door(session, reader, Asked(actor, Action.VERIFY, dataset_id, grant=grant))
    _check(door, records)
    matched = matching.matches(
        door.table,
        door.manifest,
        door.schema,
        door.policy,
        key=door.key,
        shown=records,
        stored=door.stored,
    )
    told = {f"{place}.{name}": v for place, r in enumerate(records) for name, v in r.items()}
    seen = about(door.personal, records[0], _people(door, records))
    facts = read_facts(door, reader.secret, told, rows=len(records), about=seen)
    counts = {"rows": len(records), "matched": sum(matched)}
    receipt = prove(reader.evidence, {**facts, "counts": counts})
    return Verified(door, matched, receipt)


def _people(door: Door, records: Sequence[Record]) -> list[str | None] | None:
    """Whom was asked about, matched or not, where the records say it: a no tells of a person too."""
    column = None if door.personal is None else door.personal.subject
    if column is None or column not in records[0]:
        return None
    return [record[column] for record in records]


def _check(door: Door, records: Sequence[Record]) -> None:
    """Raise InvalidInput unless every record names the same columns, the whole key among them."""
    columns = set(records[0])
    for place, record in enumerate(records, start=1):
        if set(record) != columns:
            raise InvalidInput(
                f"Baris {place} menyebut kolom lain dari baris 1; semua baris memuat kolom yang sama.",
                f"Row {place} names other columns than row 1; every row names the same ones.",
                row=place,
            )
        if any(record[name] is None for name in door.key if name in record):
            raise InvalidInput(
                f"Baris {place} tanpa nilai kunci ({', '.join(door.key)}).",
                f"Row {place} has no value of the key ({', '.join(door.key)}).",
                row=place,
            )
    missing = [name for name in door.key if name not in columns]
    if missing or not door.key:
        raise InvalidInput(
            f"Sebutkan kunci lengkap data ini: {', '.join(door.key) or 'data ini tidak punya kunci'}.",
            f"Name the whole key of this data: {', '.join(door.key) or 'it has none'}.",
            missing=missing,
        )
