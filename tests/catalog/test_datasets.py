"""The rules of datasets that need no hub: what a description must say."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from catalog import datasets, releases
from catalog.datasets import Description
from catalog.errors import DatasetExists, DatasetInvalid, DatasetNotFound, ReleaseNotFound
from catalog.models import AccessClass, Release
from hub.db import open_engine, unit_of_work
from schemas.document import SchemaDocument
from schemas.registry import Registry

NOW = datetime(2025, 10, 3, 4, tzinfo=UTC)
DOCUMENT: SchemaDocument = Registry.packaged().latest("lkpp/satker")


def said(**more: object) -> Description:
    plain = {
        "title": "Satuan kerja",
        "schema_name": DOCUMENT.name,
        "schema_version": DOCUMENT.version,
    }
    return Description(**{**plain, **more})  # type: ignore[arg-type]


def create(session: Session, slug: str, description: Description) -> None:
    datasets.create(session, "dkisp", slug, description, DOCUMENT, agency_name="DKISP", now=NOW)


def test_a_description_says_all_of_its_faults_at_once(database_url: str) -> None:
    engine = open_engine(database_url)
    wrong = said(title=" ", access_class=AccessClass.PRIBADI)
    with Session(engine) as session, pytest.raises(DatasetInvalid) as refused:
        create(session, "SATKER", wrong)
    pointers = {fault.pointer for fault in refused.value.faults}
    assert pointers == {"/slug", "/title", "/restriction_basis"}
    engine.dispose()


def test_a_dataset_is_made_once_changed_in_parts_and_never_guessed(database_url: str) -> None:
    engine = open_engine(database_url)
    with unit_of_work(engine) as session:
        create(session, "satker", said(summary="Daftar satker"))
        with pytest.raises(DatasetExists):
            create(session, "satker", said())
        with pytest.raises(DatasetNotFound):
            datasets.get(session, "dkisp", "tiada")
        dataset = datasets.get(session, "dkisp", "satker")
        assert datasets.description_of(dataset) == said(summary="Daftar satker")
        same = datasets.change(
            session,
            dataset,
            datasets.description_of(dataset),
            DOCUMENT,
            agency_name="DKISP",
            now=NOW,
        )
        assert same == []
        changed = datasets.change(
            session, dataset, said(priority=True), DOCUMENT, agency_name="DKISP", now=NOW
        )
        assert set(changed) == {"summary", "priority"}
    engine.dispose()


def test_releases_are_known_by_number_and_the_latest_by_the_highest(database_url: str) -> None:
    engine = open_engine(database_url)
    with unit_of_work(engine) as session:
        for slug in ("satker", "lain", "kosong"):
            create(session, slug, said())
        for slug, number in (("satker", 1), ("satker", 10), ("satker", 9), ("lain", 2)):
            session.add(
                Release(
                    dataset=f"dkisp/{slug}", number=number, delta_version=number, files=[],
                    sha256="0" * 64, rows=1, added=1, changed=0, removed=0, batch="b",
                    schema_name=DOCUMENT.name, schema_version=DOCUMENT.version, published_at=NOW,
                )
            )  # fmt: skip
        session.flush()
        newest = releases.latest(session, "dkisp/satker")
        assert newest is not None
        assert newest.number == 10
        assert releases.latest(session, "dkisp/kosong") is None
        found = releases.latest_of(session, ["dkisp/satker", "dkisp/lain", "dkisp/kosong"])
        assert {name: release.number for name, release in found.items()} == {
            "dkisp/satker": 10,
            "dkisp/lain": 2,
        }
        numbers = [r.number for r in releases.page(session, "dkisp/satker", limit=5, before=10)]
        assert numbers == [9, 1]
        assert releases.count(session, "dkisp/satker") == 3
        with pytest.raises(ReleaseNotFound):
            releases.by_number(session, "dkisp/satker", 2)
    engine.dispose()
