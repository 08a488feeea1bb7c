"""A schema for the gate's tests and a way to judge a few lines of text."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.document import SchemaDocument
from schemas.gate import InForce, Verdict, judge

Judge = Callable[..., Verdict]


def document_of(properties: dict[str, Any], **words: Any) -> SchemaDocument:
    return SchemaDocument.parse(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "https://simpul.invalid/schemas/uji/catatan/1.0.0.json",
            "type": "object",
            "additionalProperties": False,
            "properties": properties,
            **words,
        }
    )


PAKET = document_of(
    {
        "kode": {"type": "string", "pattern": "^[0-9]{4}$", "title": "Kode"},
        "jumlah": {"type": "integer", "minimum": 0, "maximum": 5000},
        "nilai": {"type": ["number", "null"]},
        "tanggal": {"type": ["string", "null"], "format": "date"},
        "waktu": {"type": "string", "format": "date-time"},
        "jenis": {"enum": ["barang", "jasa"]},
        "aktif": {"type": "boolean"},
        "wilayah": {"type": "string", "x-kode-referensi": "referensi/wilayah"},
        "nama": {"type": "string", "x-data-pribadi": "umum", "minLength": 3},
        "ket": {"type": ["string", "null"], "maxLength": 20, "x-pesan": {"id": "Singkat saja.", "en": "Be brief."}},
        "daftar": {"type": "array", "items": {"type": "integer"}},
    },
    **{"required": ["kode", "jumlah"], "x-kunci": ["kode"]},
)  # fmt: skip


@pytest.fixture
def paket() -> SchemaDocument:
    """The schema that `gate` judges by unless told otherwise."""
    return PAKET


@pytest.fixture(name="document_of")
def _document_of() -> Callable[..., SchemaDocument]:
    """Make a document of its properties and further keywords."""
    return document_of


@pytest.fixture
def gate(tmp_path: Path) -> Judge:
    """Judge text, bytes or a path against a document, by default PAKET."""

    def run(
        content: str | bytes | Path,
        format: str = "csv",
        steps: list[dict[str, Any]] | None = None,
        document: SchemaDocument = PAKET,
        codes: dict[str, Path] | None = None,
        references: dict[int, list[Path]] | None = None,
        held: list[Path] | None = None,
        **options: Any,
    ) -> Verdict:
        path = content if isinstance(content, Path) else tmp_path / f"berkas.{format}"
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8", newline="")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        inforce = InForce(codes or {}, references or {}, held)
        return judge(path, format, document, steps or [], work=tmp_path, inforce=inforce, **options)

    return run


@pytest.fixture
def rejected() -> Callable[[Verdict], list[dict[str, Any]]]:
    """The quarantined rows of a verdict."""

    def read(verdict: Verdict) -> list[dict[str, Any]]:
        return [json.loads(line) for line in verdict.quarantine_file.read_text().splitlines()]

    return read


@pytest.fixture
def accepted() -> Callable[[Verdict], list[dict[str, Any]]]:
    """The accepted rows of a verdict."""

    def read(verdict: Verdict) -> list[dict[str, Any]]:
        import pyarrow.parquet as pq

        assert verdict.accepted_file is not None
        rows: list[dict[str, Any]] = pq.read_table(verdict.accepted_file).to_pylist()
        return rows

    return read
