"""What the machine asks of a data debt, and what its moves do: the subject of `utang-data`."""

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from catalog.models import Dataset
from hub.agencies.models import Agency
from hub.agencies.principal import Principal
from hub.debts.models import DataDebt
from hub.errors import InvalidInput
from hub.proceedings.models import Proceeding, Step
from hub.proceedings.office import Office
from hub.proceedings.procedure import Facts, Words

PROCEDURE = "utang-data"


class DebtSubject:
    """Data that somebody asked for and nobody publishes yet."""

    def facts(self, session: Session, proceeding: Proceeding) -> Facts:
        return {}

    def effect(
        self,
        name: str,
        session: Session,
        office: Office,
        principal: Principal | None,
        proceeding: Proceeding,
        step: Step,
    ) -> None:
        debt = session.get_one(DataDebt, proceeding.id)
        match name:
            case "promise":
                debt.promised_on = _promised(step, office)
            case "settle":
                debt.dataset = _dataset(session, step)
        session.add(debt)

    def restate(self, session: Session, proceeding: Proceeding, said: Mapping[str, Any]) -> None:
        """Another agency is asked, or told to owe it."""
        code = str(said.get("holder") or "")
        if session.get(Agency, code) is None:
            raise InvalidInput(
                "Sebutkan kode perangkat daerah yang ditunjuk (holder).",
                "Name the code of the agency that is meant (holder).",
                member="holder",
            )
        proceeding.producer = code
        session.add(proceeding)

    def digest(self, session: Session, proceeding: Proceeding) -> str | None:
        debt = session.get_one(DataDebt, proceeding.id)
        asked = {"title": debt.title, "purpose": debt.purpose, "owner": proceeding.producer}
        return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def title(self, session: Session, proceeding: Proceeding) -> Words:
        debt = session.get_one(DataDebt, proceeding.id)
        return Words(f"Data yang diminta: «{debt.title}»", f"Data asked for: «{debt.title}»")

    def path(self, proceeding: Proceeding) -> str:
        return f"/utang-data/{proceeding.id}"


def _promised(step: Step, office: Office) -> date:
    said = step.said.get("promised_on")
    try:
        day = date.fromisoformat(str(said))
    except ValueError as odd:
        raise InvalidInput(
            "Sebutkan hari penyelesaian (promised_on), TTTT-BB-HH.",
            "Name the day by which it will be there (promised_on), YYYY-MM-DD.",
            member="promised_on",
        ) from odd
    latest = step.due_at.astimezone(office.clock.zone).date() if step.due_at else None
    if day <= office.clock.today() or (latest is not None and day > latest):
        raise InvalidInput(
            f"Hari penyelesaian setelah hari ini dan paling lambat {latest}.",
            f"The day is after today and not after {latest}.",
            member="promised_on",
        )
    return day


def _dataset(session: Session, step: Step) -> str:
    name = str(step.said.get("dataset") or "")
    if session.get(Dataset, name) is None:
        raise InvalidInput(
            "Sebutkan dataset yang memuat datanya (dataset).",
            "Name the dataset that holds the data (dataset).",
            member="dataset",
        )
    return name
