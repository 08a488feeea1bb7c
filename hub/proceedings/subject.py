"""What the machine must be told about a subject: its facts, what a move does to it, how it is called."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from sqlmodel import Session

from hub.agencies.principal import Principal
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.office import Office
from hub.proceedings.procedure import Facts, Words


class Subject(Protocol):
    """One kind of thing that waits: a request, a review, a report of a wrong value."""

    def facts(self, session: Session, proceeding: Proceeding) -> Facts:
        """What the book's conditions ask, as it is at this moment."""
        ...

    def effect(
        self,
        name: str,
        session: Session,
        office: Office,
        principal: Principal | None,
        proceeding: Proceeding,
        step: Step,
    ) -> None:
        """What a move does beyond the state, in its transaction; `principal` None is the hub."""
        ...

    def digest(self, session: Session, proceeding: Proceeding) -> str | None:
        """SHA-256 of what was asked, for the ledger."""
        ...

    def title(self, session: Session, proceeding: Proceeding) -> Words:
        """How a notice calls it; no personal data."""
        ...

    def path(self, proceeding: Proceeding) -> str:
        """Its page."""
        ...


@runtime_checkable
class Restated(Protocol):
    """A subject with moves that restate what is asked."""

    def restate(self, session: Session, proceeding: Proceeding, said: Mapping[str, Any]) -> None:
        """Take up what is asked anew."""
        ...


Subjects = Mapping[str, Subject]
"""By the name of the procedure."""
