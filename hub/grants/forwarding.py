"""A request that came to the wrong agency goes on to the one that holds the data (T01).

UU 14/2008 pasal 22 ayat (7) by analogy: who does not hold it says who does.
"""

from sqlmodel import Session

from catalog.models import Dataset
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
    named, it becomes a data debt of that agency, and the answer is None.

    Raises InvalidInput for a dataset that is not there or is the same.
    """
    offer = step.said.get("offer") or step.said
    named = offer.get("dataset")
    if named is None:
        _owed(session, office, request, offer.get("holder"))
        return None
    dataset = session.get(Dataset, named)
    if dataset is None or dataset.id == request.target:
        raise InvalidInput(
            f"Dataset {named} tidak ada, atau sama dengan yang diminta.",
            f"There is no dataset {named}, or it is the one that was asked for.",
            member="dataset",
        )
    onward = opening.copied(session, office, request, dataset)
    request.forwarded_to, onward.forwarded_from = onward.id, request.id
    session.add_all([request, onward])
    session.flush()  # the proceeding of the new one asks for it
    opening.begin(session, office, None, onward, subject)
    return onward


def _owed(session: Session, office: Office, request: AccessRequest, holder: str | None) -> None:
    """The agency that holds it publishes no dataset of it yet: it is asked to, with a clock of its own."""
    if holder is None:
        return
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
