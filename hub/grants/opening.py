"""A request is entered and its proceeding begins."""

from sqlmodel import Session

from catalog.models import Dataset
from hub.agencies.principal import Principal
from hub.grants import opinions, records
from hub.grants.models import AccessRequest
from hub.grants.terms import PERSONAL_CLASSES
from hub.proceedings import machine
from hub.proceedings.models import Proceeding
from hub.proceedings.numbering import next_number
from hub.proceedings.office import Office
from hub.proceedings.subject import Subject

PROCEDURE = "permintaan-data"
TOLD = ("produsen.head", "produsen.steward", "walidata")
TOLD_IN_EMERGENCY = (*TOLD, "mandat.sekda", "mandat.bpbd")


def begin(
    session: Session,
    office: Office,
    principal: Principal | None,
    request: AccessRequest,
    subject: Subject,
) -> Proceeding:
    """Open the proceeding; what its class gives at once is given at once, everybody else is told."""
    proceeding = machine.begin(
        session,
        office,
        principal,
        PROCEDURE,
        subject,
        machine.Opening(
            request.id,
            requester=request.agency,
            producer=request.producer,
            dataset=request.target,
            asker=(request.requester_kind, request.requester),
        ),
    )
    records.submitted(session, request, proceeding)
    if machine.advance(session, office, subject, request.id, "otomatis") is None:
        told = TOLD_IN_EMERGENCY if request.emergency else TOLD
        heard = [seat.party for seat in opinions.seats(session, request)]
        machine.announce(session, subject, proceeding, [*told, *heard])
    return proceeding


def copied(
    session: Session, office: Office, request: AccessRequest, dataset: Dataset
) -> AccessRequest:
    """The same request to another dataset; columns and filter are of the old one and stay behind."""
    return AccessRequest(
        id=next_number(session, "PD", office.clock.now().year, 6),
        target=dataset.id,
        producer=dataset.agency,
        requester_kind=request.requester_kind,
        requester=request.requester,
        agency=request.agency,
        purpose=request.purpose,
        basis=request.basis,
        columns=None,
        filter=None,
        until=request.until,
        use=request.use,
        may_store=request.may_store,
        personal=dataset.access_class in PERSONAL_CLASSES,
        emergency=request.emergency,
        emergency_reason=request.emergency_reason,
        answers=request.answers,
        offer=None,
        created_at=office.clock.now(),
    )
