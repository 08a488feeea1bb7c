"""The closed list of grounds on which a request may be refused (domain.md §4.3), from the rule book."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from hub.errors import InvalidInput
from hub.rules import service as rules


@dataclass(frozen=True)
class Ground:
    """`code` is T01 to T13; `also` is what the producer must give along with the refusal.

    `gives` are the members of an offer that it may carry, `needs` those of which one must be there,
    `offers` what the hub offers by itself when the decider names nothing.
    """

    code: str
    name: str
    title: str
    title_en: str
    law: str
    also: str
    also_en: str
    gives: list[str]
    needs: list[str]
    offers: Mapping[str, Any]


def grounds(session: Session) -> dict[str, Ground]:
    """Every ground by its code, in order."""
    listed = rules.current(session, "alasan-penolakan").body["grounds"]
    return {entry["code"]: Ground(**entry) for entry in listed}


def ground(session: Session, code: str | None) -> Ground:
    """The ground behind `T02` or `T02_TANPA_DASAR_PEMROSESAN`; raises InvalidInput."""
    found = grounds(session).get((code or "")[:3])
    if found is None or code not in (found.code, f"{found.code}_{found.name}"):
        raise InvalidInput(
            "Penolakan memerlukan salah satu alasan T01 sampai T13.",
            "A refusal needs one of the grounds T01 to T13.",
            grounds=list(grounds(session)),
        )
    return found
