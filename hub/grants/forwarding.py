"""A request that came to the wrong agency goes on to the one that holds the data (T01).

UU 14/2008 pasal 22 ayat (7) by analogy: who does not hold it says who does.
"""

from sqlmodel import Session

from catalog.models import AccessClass, Dataset
from hub.agencies.principal import Principal
from hub.debts import service as debts
from hub.debts.service import Wish
from hub.errors import InvalidInput
from hub.grants import opening
from hub.grants.models import AccessRequest
from hub.proceedings.models import Step
from hub.proceedings.office import Office
from hub.proceedings.subject import Subject


def forward(
    session: Session,
    office: Office,
    principal: Principal | None,
    request: AccessRequest,
    step: Step,
    subject: Subject,
) -> AccessRequest | None:
    """Open the same request at the holder's dataset, in the requester's name; where only an agency was
    named, it becomes a data debt of that agency. None for that, and for open data, which needs no request.

    Raises InvalidInput when nobody is named, or a dataset that cannot be asked for.
    """
    offer = step.said.get("offer") or step.said
    named = offer.get("dataset")
    if named is None:
        _owed(session, office, request, offer.get("holder"))
        return None
    dataset = session.get(Dataset, named)
    if dataset is None or not _askable(dataset, request):
        raise InvalidInput(
            f"Dataset {named} tidak ada, atau tidak dapat diminta oleh pemohon ini.",
            f"There is no dataset {named}, or this requester cannot ask for it.",
            member="dataset",
        )
    if dataset.access_class is AccessClass.TERBUKA:
        return None
    onward = opening.copied(session, office, request, dataset)
    request.forwarded_to, onward.forwarded_from = onward.id, request.id
    session.add_all([request, onward])
    session.flush()  # the proceeding of the new one asks for it
    opening.begin(session, office, None, onward, subject)
    return onward


def _askable(dataset: Dataset, request: AccessRequest) -> bool:
    """Excluded data is asked for by the walidata alone, and nobody asks for what is his or the same."""
    return (
        dataset.id != request.target
        and dataset.agency != request.agency
        and dataset.access_class is not AccessClass.DIKECUALIKAN
    )


def _owed(session: Session, office: Office, request: AccessRequest, holder: str | None) -> None:
    """The agency that holds it publishes no dataset of it yet: it is asked to, with a clock of its own."""
    if not holder or holder == request.agency:
        raise InvalidInput(
            "Sebutkan pemegang datanya: kode perangkat daerah lain (holder) atau dataset (dataset).",
            "Name who holds the data: the code of another agency (holder) or a dataset (dataset).",
            member="holder",
        )
    dataset = session.get_one(Dataset, request.target)
    debt = debts.owe(
        session,
        office,
        None,
        Wish(holder, dataset.title, request.purpose, request.basis, fields=request.columns or []),
        agency=request.agency,
        requester=(request.requester_kind, request.requester),
        from_request=request.id,
    )
    request.forwarded_to = debt.id
    session.add(request)
