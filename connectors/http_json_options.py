"""The form of an `http-json` source."""

from typing import Any

# Printable ASCII: no line break can reach a header.
_HEADER_VALUE = r"^[\x20-\x7e]*$"
_PATH = r"^([^.]+(\.[^.]+)*)?$"
# What the transport decides itself, and what would let a source impersonate another host.
_OUR_HEADERS = (
    r"^(?![Hh][Oo][Ss][Tt]$|[Cc][Oo][Nn]|[Tt][Rr][Aa][Nn][Ss][Ff][Ee][Rr]-"
    r"|[Aa][Cc][Cc][Ee][Pp][Tt]-[Ee]|[Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz]|[Ii][Ff]-|[Rr][Aa][Nn][Gg][Ee]$)"
    r"[A-Za-z0-9-]+$"
)


def _field(title: str, english: str, **rule: Any) -> dict[str, Any]:
    return {"title": title, "x-title-en": english, **rule}


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "title": "JSON lewat HTTP",
    "x-title-en": "JSON over HTTP",
    "required": ["url"],
    "additionalProperties": False,
    "dependentRequired": {"password": ["username"], "username": ["password"]},
    "not": {"required": ["token", "username"]},
    "properties": {
        "url": _field(
            "Alamat",
            "Address",
            type="string",
            pattern=r"^https?://[^/{}\s]+(/\S*)?$",
            maxLength=2000,
            description="Tulis {secret} di tempat bagian rahasia, misalnya kredensial bus LKPP.",
            **{"x-description-en": "Write {secret} where the secret part belongs."},
        ),
        "url_secret": _field(
            "Bagian rahasia alamat",
            "Secret part of the address",
            type="string",
            minLength=1,
            pattern=r"^\S+$",
            writeOnly=True,
        ),
        "records_path": _field(
            "Letak larik data",
            "Where the array is",
            type="string",
            pattern=_PATH,
            default="",
            description="Kosong bila jawaban adalah larik; data.items bila larik ada di dalamnya.",
            **{
                "x-description-en": "Empty when the answer is the array; data.items when it is inside."
            },
        ),
        "username": _field("Nama pengguna", "User name", type="string", pattern=r"^[^:]+$"),
        "password": _field("Kata sandi", "Password", type="string", writeOnly=True),
        "token": _field(
            "Token (Bearer)",
            "Bearer token",
            type="string",
            minLength=1,
            pattern=_HEADER_VALUE,
            writeOnly=True,
        ),
        "headers": _field(
            "Header tambahan",
            "Further headers",
            type="object",
            propertyNames={"pattern": _OUR_HEADERS},
            additionalProperties={"type": "string", "pattern": _HEADER_VALUE},
            default={},
        ),
        "secret_headers": _field(
            "Header rahasia",
            "Secret headers",
            type="object",
            propertyNames={"pattern": _OUR_HEADERS},
            additionalProperties={"type": "string", "pattern": _HEADER_VALUE},
            default={},
            writeOnly=True,
        ),
        "paging": _field(
            "Cara halaman", "Paging", enum=["none", "page", "cursor", "link"], default="none"
        ),
        "page_param": _field(
            "Parameter nomor halaman", "Page parameter", type="string", default="page"
        ),
        "page_start": _field(
            "Nomor halaman pertama", "First page", type="integer", minimum=0, default=1
        ),
        "page_size": _field(
            "Baris per halaman", "Rows a page", type=["integer", "null"], minimum=1, default=None
        ),
        "page_size_param": _field(
            "Parameter ukuran", "Size parameter", type="string", default="limit"
        ),
        "cursor_param": _field(
            "Parameter kursor", "Cursor parameter", type="string", default="cursor"
        ),
        "next_path": _field(
            "Letak kursor atau tautan berikutnya",
            "Where the next cursor or link is",
            type="string",
            pattern=_PATH,
            default="next",
            description="Kosong untuk tautan di header Link.",
            **{"x-description-en": "Empty for a link in the Link header."},
        ),
        "continue_from_cursor": _field(
            "Lanjutkan dari kursor terakhir",
            "Go on from the last cursor",
            type="boolean",
            default=False,
            description="Bila tidak, setiap penarikan membaca dari awal.",
            **{"x-description-en": "Otherwise every run reads from the beginning."},
        ),
        "batch_rows": _field(
            "Baris per kiriman",
            "Rows a batch",
            type=["integer", "null"],
            minimum=1,
            default=None,
            description="Kosong: seluruh penarikan menjadi satu kiriman.",
            **{"x-description-en": "Empty: the whole run is one batch."},
        ),
        "max_bytes": _field(
            "Batas bita", "Limit in bytes", type="integer", minimum=1, default=1 << 30
        ),
        "attempts": _field(
            "Jumlah percobaan", "Attempts", type="integer", minimum=1, maximum=10, default=5
        ),
        "first_wait": _field(
            "Jeda pertama (detik)",
            "First pause (seconds)",
            type="number",
            exclusiveMinimum=0,
            default=0.5,
        ),
        "longest_wait": _field(
            "Jeda terpanjang (detik)",
            "Longest pause (seconds)",
            type="number",
            exclusiveMinimum=0,
            maximum=600,
            default=60,
        ),
        "whole_answer": _field(
            "Batas waktu satu jawaban (detik)",
            "Time for one answer (seconds)",
            type="number",
            exclusiveMinimum=0,
            default=600,
        ),
    },
}
