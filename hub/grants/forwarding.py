"""A request that came to the wrong agency goes on to the one that holds the data (T01).

UU 14/2008 pasal 22 ayat (7) by analogy: who does not hold it says who does.
"""

from sqlmodel import Session

from catalog.models import Dataset
from hub.agencies.principal import Principal
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
    """Open the same request at the holder's dataset, in the requester's name; None when only an agency
    was named, or none. Raises InvalidInput for a dataset that is not there or is the same.
    """
    named = (step.said.get("offer") or {}).get("dataset") or step.said.get("dataset")
    if named is None:
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
