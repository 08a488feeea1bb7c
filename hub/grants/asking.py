"""What a request must say before anybody is bothered with it."""

from datetime import datetime

from sqlmodel import Session, select

from catalog.errors import DatasetNotFound, FilterInvalid
from catalog.filters import columns_of
from catalog.models import AccessClass, Dataset
from hub.agencies.models import Agency
from hub.agencies.principal import Principal
from hub.calendar import real_now
from hub.errors import Conflict, InvalidInput, NotPermitted
from hub.grants import masks, questions, service
from hub.grants.duties import asking_agency, may_see_grant, may_see_request
from hub.grants.models import AccessRequest, Grant, State
from hub.grants.personal import must_be_named, named
from hub.grants.service import Wanted
from hub.grants.terms import PERSONAL_CLASSES, is_personal, opens_at_once
from hub.proceedings.office import Office
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
    personal = _checked(session, dataset, document, wanted, member=agency is not None)
    _check_until(wanted.until, real_now())
    questions.check(session, document, wanted.answers)
    _check_superseded(session, principal, wanted.supersedes, dataset, agency)
    return service.submit(
        session, office, principal, dataset, wanted, agency=agency, personal=personal
    )


def extend(
    session: Session,
    office: Office,
    principal: Principal,
    request_id: str,
    *,
    until: datetime | None,
    purpose: str | None = None,
) -> tuple[AccessRequest, Grant | None]:
    """Ask for the same for longer: a new request for a new contract, which replaces the grant.

    Raises NotFound, Conflict (nothing runs that could go on), and what `ask` raises.
    """
    request = session.get(AccessRequest, request_id)
    found = select(Grant).where(Grant.request == request_id)
    grant = session.exec(found).first() if request is not None else None
    if request is None or not may_see_request(session, principal, request):
        raise service.no_request(request_id)
    if grant is None or grant.state_at(real_now()) is not State.ACTIVE:
        raise Conflict(
            f"Permintaan {request_id} tidak punya hak akses yang berjalan; ajukan permintaan baru.",
            f"Request {request_id} has no running grant; make a new request.",
        )
    excluded = grant.access_class is AccessClass.DIKECUALIKAN
    wanted = Wanted(
        purpose or grant.purpose,
        grant.basis,
        grant.columns,
        grant.filter,
        until,
        use=grant.use,
        masks=grant.masks,
        daily_rows=grant.daily_rows,
        may_store=grant.may_store,
        supersedes=grant.id,
        answers=request.answers,
    )
    recipient = grant.grantee_agency if excluded else None
    return ask(session, office, principal, grant.target, wanted, recipient=recipient)


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


def _checked(
    session: Session, dataset: Dataset, document: SchemaDocument, wanted: Wanted, *, member: bool
) -> bool:
    """Whether a complete request is for personal data; raises InvalidInput saying what is missing."""
    _check_columns(document, wanted)
    _check_masks(document, wanted)
    personal = named(document, wanted.columns)
    if dataset.access_class in PERSONAL_CLASSES and wanted.columns is None:
        raise InvalidInput(
            "Data pribadi diminta per kolom: sebutkan kolom (columns) yang diperlukan.",
            "Personal data is asked for field by field: name the columns you need.",
            member="columns",
            personal=sorted(must_be_named(document)),
        )
    is_for_persons = is_personal(dataset.access_class, names_personal=bool(personal))
    at_once = opens_at_once(session, dataset.access_class, member=member, personal=is_for_persons)
    if not at_once and len(wanted.basis) < SHORTEST_BASIS:
        raise InvalidInput(
            "Sebutkan dasar (basis): pasal atau tugas yang mendasari permintaan ini.",
            "State the basis: the article or the task on which this request rests.",
            member="basis",
        )
    return is_for_persons


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


def _check_masks(document: SchemaDocument, wanted: Wanted) -> None:
    """Raise InvalidInput for a mask that cannot be; a personal column is masked only if it is named."""
    masks.check(document, wanted.masks, wanted.columns)
    hidden = must_be_named(document) if wanted.columns is None else frozenset()
    unnamed = sorted(hidden & set(wanted.masks))
    if unnamed:
        raise InvalidInput(
            "Kolom data pribadi disamarkan hanya bila disebut dalam kolom (columns).",
            "A personal column is masked only when the columns name it.",
            member="masks",
            columns=unnamed,
        )


def _check_superseded(
    session: Session,
    principal: Principal,
    superseded: str | None,
    dataset: Dataset,
    agency: str | None,
) -> None:
    """Only the reader of a running grant may ask for the contract that replaces it."""
    if superseded is None:
        return
    grant = session.get(Grant, superseded)
    if grant is None or not may_see_grant(principal, grant):
        raise service.no_grant(superseded)
    same = grant.target == dataset.id and grant.grantee_agency == agency
    if not same or grant.state_at(real_now()) is not State.ACTIVE:
        raise Conflict(
            f"Hak akses {superseded} tidak dapat digantikan: bukan untuk Anda, atau sudah berakhir.",
            f"Grant {superseded} cannot be replaced: it is not yours, or it is over.",
        )


def _check_until(until: datetime | None, now: datetime) -> None:
    if until is not None and until <= now:
        raise InvalidInput(
            "Akhir masa akses (until) sudah lewat.", "The asked end (until) has passed."
        )
