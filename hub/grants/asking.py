"""What a request must say before anybody is bothered with it."""

from datetime import datetime

from sqlmodel import Session

from catalog.errors import DatasetNotFound, FilterInvalid
from catalog.filters import columns_of
from catalog.models import AccessClass, Dataset
from hub.agencies.models import Agency
from hub.agencies.principal import Principal
from hub.calendar import real_now
from hub.errors import Conflict, InvalidInput, NotPermitted
from hub.grants import service
from hub.grants.duties import asking_agency
from hub.grants.models import AccessRequest, Grant
from hub.grants.personal import must_be_named, named
from hub.grants.service import Office, Wanted
from hub.grants.terms import PERSONAL_CLASSES, Terms, terms_of
from hub.standards import service as standards
from schemas.document import SchemaDocument

SHORTEST_BASIS = 3


def ask(
    session: Session,
    office: Office,
    principal: Principal,
    dataset_id: str,
    wanted: Wanted,
    *,
    recipient: str | None = None,
) -> tuple[AccessRequest, Grant | None]:
    """Check and record a request; the grant comes along when the class gives it at once.

    Raises DatasetNotFound, NotPermitted, Conflict (nothing to ask for), InvalidInput.
    """
    dataset = session.get(Dataset, dataset_id)
    known = dataset is not None and (principal.posts or _known_outside(dataset))
    if dataset is None or not known or not principal.reaches(dataset_id):
        raise DatasetNotFound(dataset_id)
    principal.must("request:write")
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    _check_closed(dataset, document, wanted)
    agency = _reader(session, principal, dataset, recipient)
    _check_foreign(dataset, agency)
    terms = _terms(dataset, document, wanted, member=agency is not None)
    _check_until(wanted.until, real_now())
    return service.submit(session, office, principal, dataset, wanted, agency=agency, terms=terms)


def _reader(
    session: Session, principal: Principal, dataset: Dataset, recipient: str | None
) -> str | None:
    """The agency that will read; None for a party outside the regency.

    Excluded data has lawful recipients only: the walidata records the request for one of them.
    """
    if dataset.access_class is not AccessClass.DIKECUALIKAN:
        if recipient is not None:
            raise InvalidInput(
                "Penerima (recipient) hanya untuk data yang dikecualikan.",
                "A recipient is for excluded data only.",
            )
        return asking_agency(principal)
    if not principal.has("walidata"):
        raise NotPermitted(
            "Data ini dikecualikan; permintaannya dicatat oleh walidata untuk penerima yang sah.",
            "This data is excluded; the walidata records requests for its lawful recipients.",
        )
    if recipient is None or session.get(Agency, recipient) is None:
        raise InvalidInput(
            "Sebutkan kode perangkat daerah yang menjadi penerima yang sah (recipient).",
            "Name the code of the agency that is the lawful recipient (recipient).",
        )
    return recipient


def _known_outside(dataset: Dataset) -> bool:
    """Excluded data does not exist for parties outside the regency."""
    return dataset.access_class is not AccessClass.DIKECUALIKAN


def _check_closed(dataset: Dataset, document: SchemaDocument, wanted: Wanted) -> None:
    """Open data needs no request, except for columns that are never open: personal ones."""
    if dataset.access_class is AccessClass.TERBUKA and not named(document, wanted.columns):
        raise Conflict(
            f"Dataset {dataset.id} TERBUKA: siapa pun boleh membacanya tanpa permintaan.",
            f"Dataset {dataset.id} is open (TERBUKA): anybody may read it without a request.",
        )


def _check_foreign(dataset: Dataset, agency: str | None) -> None:
    if agency == dataset.agency:
        raise Conflict(
            f"Dataset {dataset.id} milik instansi Anda sendiri; tidak perlu permintaan.",
            f"Dataset {dataset.id} already belongs to your agency; no request is needed.",
        )


def _terms(dataset: Dataset, document: SchemaDocument, wanted: Wanted, *, member: bool) -> Terms:
    """The terms of a complete request; raises InvalidInput saying what is missing."""
    _check_columns(document, wanted)
    personal = named(document, wanted.columns)
    if dataset.access_class in PERSONAL_CLASSES and wanted.columns is None:
        raise InvalidInput(
            "Data pribadi diminta per kolom: sebutkan kolom (columns) yang diperlukan.",
            "Personal data is asked for field by field: name the columns you need.",
            personal=sorted(must_be_named(document)),
        )
    terms = terms_of(dataset.access_class, member=member, names_personal=bool(personal))
    if terms.working_days is not None and len(wanted.basis) < SHORTEST_BASIS:
        raise InvalidInput(
            "Sebutkan dasar (basis): pasal atau tugas yang mendasari permintaan ini.",
            "State the basis: the article or the task on which this request rests.",
        )
    return terms


def _check_columns(document: SchemaDocument, wanted: Wanted) -> None:
    """Raise InvalidInput for columns that the schema does not have, and for a filter that is none."""
    try:
        filtered = columns_of(wanted.filter) if wanted.filter is not None else set()
    except FilterInvalid as fault:
        raise InvalidInput(fault.reason_id, fault.reason_en) from fault
    asked = [*(wanted.columns or ()), *sorted(filtered)]
    unknown = [column for column in asked if column not in document.by_name]
    if unknown:
        raise InvalidInput(
            "Kolom ini tidak ada dalam skema dataset.",
            "These columns are not in the schema of the dataset.",
            columns=unknown,
        )


def _check_until(until: datetime | None, now: datetime) -> None:
    if until is not None and until <= now:
        raise InvalidInput(
            "Akhir masa akses (until) sudah lewat.", "The asked end (until) has passed."
        )
