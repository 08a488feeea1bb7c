"""Catatan pemrosesan: one record for every grant that opens columns with personal data (pasal 31)."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from catalog.masks import HIDE
from catalog.models import Dataset
from hub.agencies.models import Agency
from hub.grants import assessments
from hub.grants.models import AccessRequest, Grant
from hub.grants.personal import must_be_named
from hub.grants.personal_models import ProcessingRecord
from hub.proceedings.numbering import next_number
from hub.rules import mandates
from hub.rules import service as rules
from hub.standards import service as standards
from schemas.document import SchemaDocument

BOOK = "pelindungan-data-pribadi"
OFFICER = "ppdp"
SPECIFIC, GENERAL = "spesifik", "umum"
AT_ONCE = 200


def written(
    session: Session, request: AccessRequest, grant: Grant, *, carried: bool = False
) -> ProcessingRecord | None:
    """Write the record of a grant, in the grant's own transaction; None when nothing personal is opened."""
    dataset = session.get_one(Dataset, grant.target)
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    columns = opened(document, grant)
    if not columns:
        return None
    book = rules.current(session, BOOK)
    basis = request.answers.get("dasar_pemrosesan")
    began = grant.starts_at.date()
    row = ProcessingRecord(
        id=next_number(session, "CP", grant.starts_at.year, 5),
        grant=grant.id,
        request=request.id,
        dataset=dataset.id,
        controller=grant.producer,
        recipient=grant.grantee_agency,
        recipients=_recipients(session, request, grant),
        activity=f"Pemberian akses {dataset.title}",
        purpose=grant.purpose,
        basis=str(basis or book.body["assumed_basis"]["value"]),
        basis_stated=basis is not None,
        article=grant.basis,
        subject_categories=list(book.body["subject_categories"]["value"]),
        data_categories=_categories(document, grant, columns),
        source=dataset.source_note or dataset.title,
        retention_days=_retention(request, grant),
        disposal=dict(book.body["disposal"]["value"]),
        safeguards=_safeguards(request, book.body),
        assessment=_assessment(session, request, dataset, document),
        officer=", ".join(post.title for post in mandates.posts_of(session, OFFICER)),
        starts_on=began,
        review_on=began + timedelta(days=int(book.body["review_days"]["value"])),
        rules=book.version,
        carried=carried,
        written_at=grant.starts_at,
    )
    session.add(row)
    return row


def opened(document: SchemaDocument, grant: Grant) -> list[str]:
    """The personal columns that a grant opens: those in every row when it names them with a basis, those
    that speak of a person in some rows with any grant.
    """
    named = set(grant.columns or ()) & must_be_named(document) if grant.basis else set()
    sometimes = set(document.personal) - must_be_named(document)
    if grant.columns is not None:
        sometimes &= set(grant.columns)
    shown = (named | sometimes) - {name for name, kind in grant.masks.items() if kind == HIDE}
    return [name for name in document.columns if name in shown]


def carry_over(session: Session, *, now: datetime) -> int:
    """Write the records of live grants from before there were any; returns how many."""
    recorded = select(ProcessingRecord.grant)
    wanted = (
        select(Grant)
        .where(
            col(Grant.id).not_in(recorded),
            col(Grant.revoked_at).is_(None),
            col(Grant.expires_at) > now,
            Grant.target_type == "dataset",
        )
        .order_by(col(Grant.id))
    )
    made = 0
    for grant in session.exec(wanted):
        request = session.get_one(AccessRequest, grant.request)
        made += written(session, request, grant, carried=True) is not None
    return made


def _recipients(session: Session, request: AccessRequest, grant: Grant) -> list[str]:
    """The agency that reads, and the posts that it named."""
    agency = session.get(Agency, grant.grantee_agency) if grant.grantee_agency else None
    first = agency.name if agency is not None else str(grant.grantee_agency or grant.grantee)
    return [first, *request.answers.get("penerima_internal", ())]


def _categories(document: SchemaDocument, grant: Grant, columns: list[str]) -> list[dict[str, str]]:
    return [
        {
            "column": name,
            "title": str(document.by_name[name].schema.get("title", name)),
            "kind": SPECIFIC if document.personal[name].startswith(SPECIFIC) else GENERAL,
            "mask": grant.masks.get(name, ""),
        }
        for name in columns
    ]


def _retention(request: AccessRequest, grant: Grant) -> int:
    """Days for which the recipient keeps it: as the form says, else the life of the grant."""
    said = request.answers.get("retensi_hari")
    return int(said) if said else max(1, (grant.expires_at - grant.starts_at).days)


def _safeguards(request: AccessRequest, body: Any) -> list[dict[str, str]]:
    own = str(request.answers.get("pengamanan") or "")
    return [*body["safeguards"]["value"], *([{"id": own, "en": own}] if own else [])]


def _assessment(
    session: Session, request: AccessRequest, dataset: Dataset, document: SchemaDocument
) -> dict[str, Any]:
    """Which triggers of pasal 34 ayat (2) apply, and the assessment that is attached, if any."""
    triggers = [one.code for one in assessments.needed(session, dataset, document, request)]
    found = assessments.attached(session, request.id)
    told = {"needed": bool(triggers), "triggers": triggers}
    if found is None:
        words = str(request.answers.get("dpia") or "")
        return told | {"id": None, "number": "", "date": None, "result": words}
    dated = found.dated.isoformat() if found.dated else None
    return told | {
        "id": found.id,
        "number": found.number,
        "date": dated,
        "result": found.result,
        "opinion": (found.opinion or {}).get("verdict"),
    }
