"""The form of a `folder` source."""

from typing import Any


def _field(title: str, english: str, **rule: Any) -> dict[str, Any]:
    return {"title": title, "x-title-en": english, **rule}


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "title": "Berkas dalam folder",
    "x-title-en": "Files in a folder",
    "required": ["path"],
    "additionalProperties": False,
    "properties": {
        "path": _field("Folder", "Folder", type="string", minLength=1, pattern=r"^/"),
        "pattern": _field(
            "Nama berkas",
            "File names",
            type="string",
            pattern=r"^[^/\\]+$",
            default="*",
            description="Misalnya nontender-*.csv; subfolder tidak dibaca.",
            **{"x-description-en": "For example nontender-*.csv; subfolders are not read."},
        ),
        "settle_seconds": _field(
            "Dianggap selesai bila tak berubah (detik)",
            "Settled when unchanged for (seconds)",
            type="number",
            minimum=0,
            default=10,
        ),
        "move_to_done": _field(
            "Pindahkan ke done/ setelah diterima",
            "Move to done/ once committed",
            type="boolean",
            default=False,
        ),
        "max_bytes": _field(
            "Batas bita satu berkas",
            "Limit of one file in bytes",
            type="integer",
            minimum=1,
            default=1 << 30,
        ),
    },
}
