"""What a move of a request does: the subject of the procedure `permintaan-data` (domain.md §4.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

from catalog.models import AccessClass, Dataset
from hub.agencies.principal import Principal
from hub.calendar import real_now
from hub.errors import Conflict
from hub.grants import forwarding, issuing, records
from hub.grants.issuing import as_asked
from hub.grants.models import AccessRequest, Grant, State
from hub.grants.narrowing import Given
from hub.grants.terms import is_personal, opens_at_once, silence_is_yes
from hub.grants.verify import DEEMED, SHARED_AT_ONCE
from hub.proceedings import machine
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.office import Office
from hub.proceedings.procedure import Facts, Words
from hub.rules.classes import classes

PROCEDURE = "permintaan-data"


@dataclass(frozen=True)
class Ladder:
    """`given` are the terms of a decision that is just being made; None gives what was asked."""

    given: Given | None = None

    def facts(self, session: Session, proceeding: Proceeding) -> Facts:
        """By the class and the columns as they are now, for a class may be raised while it waits."""
        request = session.get_one(AccessRequest, proceeding.id)
        dataset = session.get(Dataset, request.target)
        kind = dataset.access_class if dataset is not None else AccessClass.DIKECUALIKAN
        member = request.agency is not None
        personal = is_personal(kind, names_personal=request.personal)
        return {
            "class": kind.value,
            "personal": personal,
            "member": member,
            "emergency": request.emergency,
            "at_once": opens_at_once(session, kind, member=member, personal=personal),
            "silence_is_yes": silence_is_yes(session, kind, member=member, personal=personal),
        }

    def effect(
        self,
        name: str,
        session: Session,
        office: Office,
        principal: Principal | None,
        proceeding: Proceeding,
        step: Step,
    ) -> None:
        request = session.get_one(AccessRequest, proceeding.id)
        match name:
            case "give":
                self._decided(session, principal, request, step)
                records.decided(session, request, step.to_state)
                self._give(session, office, principal, request, self.given or as_asked(request))
            case "give_at_once":
                given = as_asked(request)
                rule = issuing.ByRule(SHARED_AT_ONCE)
                self._give(session, office, principal, request, given, rule)
            case "give_deemed":
                self._give_deemed(session, office, request, proceeding, step)
            case "give_emergency":
                self._decided(session, principal, request, step)
                self._give_emergency(session, office, principal, request)
            case "refuse":
                self._decided(session, principal, request, step)
                records.decided(session, request, step.to_state)
            case "forward":
                forwarding.forward(session, office, principal, request, step, self)
            case "suspend" | "restore":
                _suspend(session, request, suspended=name == "suspend")
            case "end":
                _end(session, office, principal, request, step)

    def restate(self, session: Session, proceeding: Proceeding, said: Mapping[str, Any]) -> None:
        """Purpose, basis and answers as they were completed."""
        request = session.get_one(AccessRequest, proceeding.id)
        for name in ("purpose", "basis"):
            if said.get(name):
                setattr(request, name, str(said[name]))
        request.answers = {**request.answers, **dict(said.get("answers") or {})}
        session.add(request)

    def digest(self, session: Session, proceeding: Proceeding) -> str | None:
        return records.digest_of(session.get_one(AccessRequest, proceeding.id))

    def title(self, session: Session, proceeding: Proceeding) -> Words:
        dataset = session.get(Dataset, proceeding.dataset)
        name = dataset.title if dataset is not None else str(proceeding.dataset)
        asker = proceeding.requester or "pihak luar"
        return Words(
            f"Permintaan {asker} atas «{name}»",
            f"Request of {proceeding.requester or 'a party outside'} for «{name}»",
        )

    def path(self, proceeding: Proceeding) -> str:
        return f"/permintaan/{proceeding.id}"

    def _decided(
        self, session: Session, principal: Principal | None, request: AccessRequest, step: Step
    ) -> None:
        request.decided_by = principal.id if principal is not None else None
        request.decided_at = step.at
        request.ground = step.said.get("ground")
        request.offer = step.said.get("offer")
        request.reason = step.reason or None
        session.add(request)

    def _give(
        self,
        session: Session,
        office: Office,
        principal: Principal | None,
        request: AccessRequest,
        given: Given,
        rule: issuing.ByRule | None = None,
    ) -> None:
        grant = issuing.give(session, office, principal, request, given, rule=rule)
        if grant.waits_until is None:
            machine.advance(session, office, self, request.id, "terbit")

    def _give_deemed(
        self,
        session: Session,
        office: Office,
        request: AccessRequest,
        proceeding: Proceeding,
        step: Step,
    ) -> None:
        """By silence: never personal data, whatever a book says, and for a bounded time."""
        facts = self.facts(session, proceeding)
        if facts["personal"] or not facts["member"]:
            raise Conflict(
                f"Data pribadi tidak pernah dibuka karena diam ({request.id}).",
                f"Personal data is never opened by silence ({request.id}).",
            )
        overdue = [one.entry for one in machine.history(session, request.id) if one.by_clock]
        rule = issuing.ByRule(DEEMED, tuple(overdue))
        records.decided(session, request, step.to_state)
        until = real_now() + timedelta(days=classes(session).deemed_days)
        self._give(session, office, None, request, _until(request, until), rule)

    def _give_emergency(
        self, session: Session, office: Office, principal: Principal | None, request: AccessRequest
    ) -> None:
        until = real_now() + timedelta(days=classes(session).emergency_days)
        issuing.give(session, office, principal, request, _until(request, until), rule=None)
        records.decided(session, request, State.EMERGENCY)


def _until(request: AccessRequest, latest: Any) -> Given:
    """As asked, but not beyond `latest`; a wished end that has passed meanwhile does not count."""
    asked = as_asked(request)
    wished = asked.until if asked.until is not None and asked.until > real_now() else latest
    return Given(
        columns=asked.columns,
        filter=asked.filter,
        masks=asked.masks,
        daily_rows=asked.daily_rows,
        until=min(wished, latest),
        may_store=asked.may_store,
    )


def grant_of(session: Session, request_id: str) -> Grant | None:
    """The newest grant that came of a request."""
    wanted = select(Grant).where(Grant.request == request_id).order_by(Grant.id.desc())  # type: ignore[attr-defined]  # SQLModel types columns as values
    return session.exec(wanted).first()


def _suspend(session: Session, request: AccessRequest, *, suspended: bool) -> None:
    grant = grant_of(session, request.id)
    if grant is not None:
        grant.suspended_at = real_now() if suspended else None
        session.add(grant)


def _end(
    session: Session,
    office: Office,
    principal: Principal | None,
    request: AccessRequest,
    step: Step,
) -> None:
    """Whatever still runs of it ends with the move."""
    grant = grant_of(session, request.id)
    now = real_now()
    if grant is None or grant.state_at(now) not in (State.ACTIVE, State.TO_SIGN, State.SUSPENDED):
        return
    grant.revoked_at = now
    grant.revoked_by = principal.id if principal is not None else "simpul"
    grant.revoke_reason = step.reason or step.event
    session.add(grant)
    records.revoked(session, office.ledger, principal, grant)
