"""Datasets: their names, their rules, how they are made and changed. Who may is the hub's business."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from catalog.errors import DatasetExists, DatasetInvalid, DatasetNotFound
from catalog.models import AccessClass, Dataset, Frequency
from catalog.search import index
from schemas.document import SchemaDocument
from schemas.errors import Fault
from schemas.severities import severity_faults
from schemas.steps import check

SLUG = re.compile(r"[a-z][a-z0-9-]{1,62}")
OPEN_ENOUGH = frozenset({AccessClass.TERBUKA, AccessClass.BERBAGI})
"""Classes that need no legal ground; above them a producer must name one (domain.md §3.3)."""


@dataclass(frozen=True)
class Description:
    """What a steward says of a dataset (domain.md §2.7); also the whole of what can be changed."""

    title: str
    schema_name: str
    schema_version: str
    title_en: str = ""
    summary: str = ""
    summary_en: str = ""
    topic: str = ""
    keywords: list[str] = field(default_factory=list)
    intake: list[dict[str, Any]] = field(default_factory=list)
    severities: dict[str, str] = field(default_factory=dict)
    access_class: AccessClass = AccessClass.BERBAGI
    class_note: str = ""
    restriction_basis: str = ""
    kip_class: str = ""
    personal_data: str = "tidak"
    priority: bool = False
    frequency: Frequency = Frequency.INCIDENTAL
    data_date: date | None = None
    update_schedule: str = ""
    coverage_area: str = ""
    coverage_level: str = ""
    reference_codes: list[str] = field(default_factory=list)
    licence: str = ""
    contact_post: str = ""
    source_note: str = ""
    synthetic: bool = False


def get(session: Session, agency: str, slug: str) -> Dataset:
    """Raises DatasetNotFound."""
    dataset = session.get(Dataset, f"{agency}/{slug}")
    if dataset is None:
        raise DatasetNotFound(f"{agency}/{slug}")
    return dataset


def create(
    session: Session,
    agency: str,
    slug: str,
    said: Description,
    document: SchemaDocument,
    *,
    agency_name: str,
    now: datetime,
) -> Dataset:
    """Enter a dataset into the catalog and the index. Raises DatasetExists, DatasetInvalid, InvalidSteps.

    `document` is the schema that `said` names.
    """
    name = f"{agency}/{slug}"
    faults = [] if SLUG.fullmatch(slug) else [_BAD_SLUG]
    _check(said, document, faults)
    if session.get(Dataset, name) is not None:
        raise DatasetExists(name)
    dataset = Dataset(
        id=name, agency=agency, slug=slug, created_at=now, updated_at=now, **vars(said)
    )
    session.add(dataset)
    session.flush()  # the index entry refers to the dataset
    enter(session, dataset, document, agency_name)
    return dataset


def change(
    session: Session,
    dataset: Dataset,
    said: Description,
    document: SchemaDocument,
    *,
    agency_name: str,
    now: datetime,
) -> list[str]:
    """Bring a dataset to a new description; names of what changed. Raises DatasetInvalid, InvalidSteps."""
    _check(said, document, [])
    changed = [name for name, value in vars(said).items() if getattr(dataset, name) != value]
    for name in changed:
        setattr(dataset, name, getattr(said, name))
    if changed:
        dataset.updated_at = now
        session.add(dataset)
        enter(session, dataset, document, agency_name)
    return changed


def description_of(dataset: Dataset) -> Description:
    """What is said of a dataset now, to be changed in parts."""
    return Description(
        **{name: getattr(dataset, name) for name in Description.__dataclass_fields__}
    )


def touch(
    session: Session, dataset: Dataset, *, now: datetime, data_date: date | None = None
) -> None:
    """A release was published: the dataset counts as renewed."""
    dataset.updated_at = now
    dataset.data_date = data_date or dataset.data_date
    session.add(dataset)


def enter(session: Session, dataset: Dataset, document: SchemaDocument, agency_name: str) -> None:
    """Renew what the search knows of a dataset."""
    columns = [
        (name, f"{column.schema.get('title', '')} {column.schema.get('x-title-en', '')}")
        for name, column in document.by_name.items()
    ]
    titles = f"{document.title} {document.title_en}"
    index.put(session, dataset, agency_name=agency_name, columns=[("", titles), *columns])


_BAD_SLUG = Fault(
    "/slug",
    "Slug berisi huruf kecil, angka, dan tanda hubung, 2 sampai 63 karakter, diawali huruf.",
    "A slug has small letters, digits and hyphens, 2 to 63 characters, and begins with a letter.",
)


def _check(said: Description, document: SchemaDocument, faults: list[Fault]) -> None:
    """Raises DatasetInvalid with every fault, InvalidSteps when the steps do not fit the schema."""
    if not said.title.strip():
        faults.append(Fault("/title", "Judul wajib diisi.", "A title is needed."))
    if said.access_class not in OPEN_ENOUGH and not said.restriction_basis.strip():
        faults.append(
            Fault(
                "/restriction_basis",
                f"Kelas {said.access_class} memerlukan dasar pembatasan.",
                f"The class {said.access_class} needs a legal ground.",
            )
        )
    if (
        document.personal
        and said.access_class is AccessClass.TERBUKA
        and said.personal_data == "tidak"
    ):
        faults.append(
            Fault(
                "/personal_data",
                "Skema memuat kolom data pribadi; nyatakan umum atau spesifik.",
                "The schema has columns with personal data; say umum or spesifik.",
            )
        )
    faults.extend(severity_faults(said.severities, document))
    if faults:
        raise DatasetInvalid(faults)
    check(said.intake, document)
