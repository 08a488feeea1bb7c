"""Whether a file's header is the schema's, after the steps that rename and drop."""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from schemas.document import SchemaDocument
from schemas.gate.outcome import HeaderError
from schemas.steps import Pipeline

REPORT_COLUMNS = ("#baris", "#kesalahan")
"""Columns that a report adds to the rows it sends back; a reader passes over them."""


def without_report_columns(record: Any) -> Any:
    """A row as the sender means it: a record of its own names may have them too."""
    if not isinstance(record, dict) or record.keys().isdisjoint(REPORT_COLUMNS):
        return record
    return {name: value for name, value in record.items() if name not in REPORT_COLUMNS}


def header_errors(
    header: Sequence[str], pipeline: Pipeline, document: SchemaDocument, required: Sequence[str]
) -> list[HeaderError]:
    """Unknown columns, columns that come twice, required columns that are missing, no column at all."""
    names = pipeline.names(header)
    present = [name for name in names if name is not None]
    missing = [name for name in required if name not in present]
    found = [
        *_unknown(header, names, document, missing),
        *_repeated(present, document),
        *_missing(missing, header, names, document),
    ]
    return found or [*_none(present, document)]


def _unknown(
    header: Sequence[str],
    names: Sequence[str | None],
    document: SchemaDocument,
    missing: Sequence[str],
) -> Iterator[HeaderError]:
    for received, name in zip(header, names, strict=True):
        if name is None or name in document.by_name:
            continue
        nearest = _nearest(name, missing) or _nearest(name, document.columns)
        hint_id = f" Mungkin maksudnya {nearest}?" if nearest else ""
        hint_en = f" Did you mean {nearest}?" if nearest else ""
        label_id, label_en = received or "(tanpa nama)", received or "(no name)"
        yield HeaderError(
            "kolom-tak-dikenal",
            received,
            nearest,
            f"Kolom {label_id} tidak ada di skema.{hint_id} Ganti namanya atau hapus kolomnya.",
            f"The column {label_en} is not in the schema.{hint_en} Rename or remove it.",
        )


def _repeated(present: Sequence[str], document: SchemaDocument) -> Iterator[HeaderError]:
    for name, count in Counter(present).items():
        if count > 1 and name in document.by_name:
            yield HeaderError(
                "kolom-ganda",
                name,
                None,
                f"Kolom {name} ada {count} kali. Sisakan satu.",
                f"The column {name} is there {count} times. Keep one.",
            )


def _missing(
    missing: Sequence[str],
    header: Sequence[str],
    names: Sequence[str | None],
    document: SchemaDocument,
) -> Iterator[HeaderError]:
    strangers = [
        h for h, n in zip(header, names, strict=True) if n is not None and n not in document.by_name
    ]
    for name in missing:
        nearest = _nearest(name, strangers)
        hint_id = f" Di berkas ada {nearest}." if nearest else ""
        hint_en = f" The file has {nearest}." if nearest else ""
        yield HeaderError(
            "kolom-wajib-hilang",
            name,
            nearest,
            f"Kolom wajib {name} tidak ada.{hint_id} Tambahkan kolomnya.",
            f"The required column {name} is missing.{hint_en} Add it.",
        )


def _none(present: Sequence[str], document: SchemaDocument) -> Iterator[HeaderError]:
    """Without a column no row would hold anything, and all would be lost in silence."""
    if not any(name in document.by_name for name in present):
        yield HeaderError(
            "tanpa-kolom",
            "",
            None,
            "Berkas tidak mempunyai satu pun kolom skema. Kirim setidaknya satu, atau jangan buang semuanya dalam "
            "langkah intake.",
            "The file has no column of the schema at all. Send at least one, or do not drop all of them in the "
            "intake steps.",
        )


def _nearest(name: str, among: Sequence[str]) -> str | None:
    plain = {_plain(other): other for other in among}
    close = get_close_matches(_plain(name), list(plain), n=1, cutoff=0.7)
    return plain[close[0]] if close else None


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
