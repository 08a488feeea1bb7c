"""A register of people with fake identifiers, published without the intake, and grants on it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from catalog.models import Dataset
from hub.db import reading, unit_of_work
from hub.ledger.models import LedgerEntry
from tests.hub.access.conftest import publish_rows, put_grant

__all__ = ["publish_rows"]

DOCUMENT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://simpul.invalid/schemas/disdukcapil/penduduk/1.0.0.json",
    "title": "Penduduk (sintetis)",
    "type": "object",
    "additionalProperties": False,
    "required": ["nomor"],
    "x-kunci": ["nomor"],
    "properties": {
        "nomor": {"title": "Nomor", "type": "string"},
        "desa": {"title": "Desa", "type": ["string", "null"]},
        "nik": {
            "title": "NIK",
            "type": ["string", "null"],
            "x-data-pribadi": "umum",
            "x-subjek": "nik",
        },
        "nama": {"title": "Nama", "type": ["string", "null"], "x-data-pribadi": "umum"},
        "penyakit": {"title": "Penyakit", "type": ["string", "null"], "x-data-pribadi": "spesifik"},
    },
}
PEOPLE = "disdukcapil/penduduk"
READS = "/api/v1/datasets/disdukcapil/penduduk/rows"


def nik(number: int) -> str:
    """A fake one: every day of a century has one, and the serial is 0000."""
    year, rest = divmod(number, 336)
    month, day = divmod(rest, 28)
    return f"640101{day + 1:02}{month + 1:02}{year:02}" + "0000"


def person(number: int) -> dict[str, Any]:
    return {
        "nomor": f"{number:05}",
        "desa": "Kuaro" if number % 2 else "Janju",
        "nik": nik(number),
        "nama": f"Orang {number} (sintetis)",
        "penyakit": "flu",
    }


@pytest.fixture
def people(
    make_agency: Callable[..., str],
    make_client: Callable[..., TestClient],
    make_dataset: Callable[..., str],
    publish_rows: Callable[..., int],
) -> str:
    """`disdukcapil/penduduk`, PRIBADI, with twenty people in its first release."""
    make_agency("disdukcapil")
    walidata = make_client("walidata", "dkisp")
    made = walidata.post("/api/v1/schemas/disdukcapil/penduduk/versions", json=DOCUMENT)
    assert made.status_code == 201, made.text
    schema = ("disdukcapil/penduduk", "1.0.0")
    dataset = make_dataset("PRIBADI", "penduduk", "disdukcapil", schema=schema, title="Penduduk")
    publish_rows(dataset, [person(n) for n in range(1, 21)])
    return dataset


@pytest.fixture
def allow(hub: TestClient) -> Callable[..., str]:
    """A live grant for an agency, as its row; returns its id."""
    state: Any = hub.app.state  # type: ignore[attr-defined]

    def make(dataset: str, agency: str, columns: list[str], **said: Any) -> str:
        with unit_of_work(state.engine) as session:
            known = session.get_one(Dataset, dataset)
            said.setdefault("basis", "Perbup tupoksi pasal 4")
            grant = put_grant(session, state.ledger, known, agency, columns=columns, **said)
            return grant.id

    return make


@pytest.fixture
def entries(hub: TestClient) -> Callable[[], list[LedgerEntry]]:
    """The ledger's entries of reads, oldest first."""
    engine: Any = hub.app.state.engine  # type: ignore[attr-defined]

    def look() -> list[LedgerEntry]:
        with reading(engine) as session:
            every = session.exec(select(LedgerEntry).order_by(LedgerEntry.id)).all()
            return [one for one in every if one.kind.endswith(".read")]

    return look
