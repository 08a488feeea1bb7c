"""What schema and dataset say already, in the words of the forms; nothing is made up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.columns import Column
from schemas.document import SchemaDocument
from schemas.statistics.forms import FORMS, TITLES, Field, Form, Name
from schemas.steps import describe

_TYPES = {
    "string": "karakter",
    "integer": "bilangan bulat",
    "number": "bilangan desimal",
    "boolean": "ya/tidak",
    "date": "tanggal",
    "date-time": "tanggal dan waktu",
    "json": "susunan",
}
_BOUNDS = {
    "minimum": "paling kecil {}",
    "exclusiveMinimum": "lebih dari {}",
    "maximum": "paling besar {}",
    "exclusiveMaximum": "kurang dari {}",
    "minLength": "paling pendek {} huruf",
    "maxLength": "paling panjang {} huruf",
    "multipleOf": "kelipatan {}",
    "pattern": "sesuai pola {}",
}


@dataclass(frozen=True)
class About:
    """What is known of the dataset and of who keeps it. "" where nobody has said."""

    title: str
    agency: str
    address: str
    open: bool
    frequency: str = ""
    year: str = ""
    sector: str = ""
    contact: str = ""
    schedule: str = ""
    area: str = ""
    level: str = ""
    intake: list[dict[str, Any]] = field(default_factory=list)


def filled(name: Name, document: SchemaDocument, about: About) -> Form:
    """A form with every field, in its order; fields that nobody has said say who fills them."""
    records = {"ms-keg": _activity, "ms-var": _variables, "ms-ind": _indicators}[name]
    return Form(name, TITLES[name], tuple(_record(name, said) for said in records(document, about)))


def _record(name: Name, said: Mapping[str, str]) -> tuple[Field, ...]:
    return tuple(
        Field(asked.name, asked.label, value, "" if value else asked.by)
        for asked in FORMS[name]
        for value in [said.get(asked.name, "")]
    )


def _activity(document: SchemaDocument, about: About) -> list[dict[str, str]]:
    titles = [_title(column) for column in document.by_name.values()]
    return [
        {
            "judul_kegiatan": about.title,
            "tahun": about.year,
            "sektor": about.sector,
            # What agencies of government gather for their own tasks is sectoral (UU 16/1997 ps 1).
            "jenis_statistik": "statistik sektoral",
            "penyelenggara": about.agency,
            "penanggung_jawab": about.contact,
            "jadwal": about.schedule,
            "variabel": "; ".join(titles),
            "frekuensi": about.frequency,
            "cakupan_wilayah": about.area,
            "pemeriksaan_kualitas": "Setiap baris diperiksa dengan skema "
            f"{document.name} versi {document.version} sebelum terbit.",
            "pengolahan": " ".join(describe(about.intake)),
            "tingkat_penyajian": about.level,
            "produk": about.address if about.open else "",
            "jadwal_rilis": about.schedule,
        }
    ]


def _variables(document: SchemaDocument, about: About) -> list[dict[str, str]]:
    return [_variable(column, document, about) for column in document.by_name.values()]


def _variable(column: Column, document: SchemaDocument, about: About) -> dict[str, str]:
    schema = column.schema
    return {
        "nama_variabel": _title(column),
        "alias": column.name,
        "konsep": _text(schema, "x-konsep"),
        "definisi": _text(schema, "x-definisi") or _text(schema, "description"),
        "referensi_pemilihan": _text(schema, "x-referensi-pemilihan"),
        "referensi_waktu": _text(schema, "x-referensi-waktu"),
        "tipe_data": _TYPES[column.kind],
        "ukuran": _text(schema, "x-ukuran"),
        "satuan": _text(schema, "x-satuan"),
        "klasifikasi_isian": _choices(column),
        "aturan_validasi": "; ".join(_rules(column, document)),
        "kalimat_pertanyaan": _text(schema, "x-kalimat-pertanyaan"),
        "dapat_diakses_umum": "ya" if about.open and "x-data-pribadi" not in schema else "tidak",
    }


def _indicators(document: SchemaDocument, about: About) -> list[dict[str, str]]:
    """One for each number that is neither key nor code: what can be an indicator; the rest is struck out."""
    numbers = (
        c
        for c in document.by_name.values()
        if c.kind in ("integer", "number") and c.name not in document.key
        if "x-kode-referensi" not in c.schema and "enum" not in c.schema
    )
    return [_indicator(column, document, about) for column in numbers]


def _indicator(column: Column, document: SchemaDocument, about: About) -> dict[str, str]:
    schema = column.schema
    classes = [
        _title(other)
        for other in document.by_name.values()
        if "enum" in other.schema or "x-kode-referensi" in other.schema
    ]
    return {
        "nama_indikator": _title(column),
        "konsep": _text(schema, "x-konsep"),
        "definisi": _text(schema, "x-definisi") or _text(schema, "description"),
        "ukuran": _text(schema, "x-ukuran"),
        "satuan": _text(schema, "x-satuan"),
        "klasifikasi_penyajian": "; ".join(classes),
        "kegiatan_penghasil": about.title,
        "variabel_pembangun": _title(column),
        "level_estimasi": about.level,
        "dapat_diakses_umum": "ya" if about.open and "x-data-pribadi" not in schema else "tidak",
    }


def _rules(column: Column, document: SchemaDocument) -> list[str]:
    schema = column.schema
    rules = ["wajib diisi" if column.name in document.required else "boleh kosong"]
    if column.name in document.key:
        alone = len(document.key) == 1
        others = ", ".join(name for name in document.key if name != column.name)
        rules.append("tidak boleh berulang" if alone else f"bersama {others} tidak boleh berulang")
    rules += [words.format(schema[word]) for word, words in _BOUNDS.items() if word in schema]
    if "format" in schema:
        rules.append(f"berbentuk {schema['format']}")
    if "enum" in schema:
        rules.append("salah satu dari klasifikasi isian")
    if "x-kode-referensi" in schema:
        rules.append(f"kode dari daftar {schema['x-kode-referensi']}")
    return rules


def _choices(column: Column) -> str:
    values = [str(value) for value in column.schema.get("enum", ()) if value is not None]
    if values:
        return "; ".join(values)
    return _text(column.schema, "x-kode-referensi")


def _title(column: Column) -> str:
    return _text(column.schema, "title") or column.name


def _text(schema: Mapping[str, Any], word: str) -> str:
    value = schema.get(word, "")
    return value.strip() if isinstance(value, str) else ""
