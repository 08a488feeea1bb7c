"""The closed list of grounds on which a request may be refused (domain.md §4.3)."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from hub.errors import InvalidInput


@dataclass(frozen=True)
class Ground:
    """`code` is T01 to T13; `also` is what the producer must give along with the refusal."""

    code: str
    name: str
    title: str
    title_en: str
    law: str
    also: str
    also_en: str


@cache
def grounds() -> dict[str, Ground]:
    """Every ground by its code, in order."""
    listed = json.loads((files("hub.grants") / "grounds.json").read_text(encoding="utf-8"))
    return {entry["code"]: Ground(**entry) for entry in listed}


def ground(code: str | None) -> Ground:
    """The ground behind `T02` or `T02_TANPA_DASAR_PEMROSESAN`; raises InvalidInput."""
    found = grounds().get((code or "")[:3])
    if found is None or code not in (found.code, f"{found.code}_{found.name}"):
        raise InvalidInput(
            "Penolakan memerlukan salah satu alasan T01 sampai T13.",
            "A refusal needs one of the grounds T01 to T13.",
            grounds=list(grounds()),
        )
    return found
