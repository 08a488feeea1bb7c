"""Documents to publish."""

import json
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def a_schema() -> Callable[..., dict[str, Any]]:
    """A small document `name/version`; keyword arguments become columns (or take them away: None)."""

    def make(name: str = "bpbj/harga", version: str = "1.0.0", **columns: Any) -> dict[str, Any]:
        properties = {
            "kode": {"type": "string", "title": "Kode", "x-title-en": "Code"},
            "harga": {"type": "integer", "title": "Harga", "x-title-en": "Price", "minimum": 0},
            **columns,
        }
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"https://simpul.invalid/schemas/{name}/{version}.json",
            "title": "Harga satuan",
            "x-title-en": "Unit prices",
            "type": "object",
            "x-kunci": ["kode"],
            "required": ["kode"],
            "properties": {n: c for n, c in properties.items() if c is not None},
            "additionalProperties": False,
        }

    return make


@pytest.fixture
def as_text() -> Callable[[dict[str, Any]], bytes]:
    """Bytes with odd blanks, so that a hub that rewrites them is seen."""
    return lambda body: json.dumps(body, indent=3, ensure_ascii=False).encode()
