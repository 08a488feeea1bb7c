"""Published schemas that say already what a draft says."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.columns import Column
from schemas.document import SchemaDocument
from schemas.drafting import ColumnPlan, Plan
from schemas.drafting.naming import words_of
from schemas.registry import Registry

MOST = 5
_TYPES = {"text": "string"}


@dataclass(frozen=True)
class Shared:
    """A column of the draft and the one like it; `kind` differs when it is held in another kind there."""

    mine: str
    theirs: str
    kind: str = ""


@dataclass(frozen=True)
class Similar:
    """A published schema with columns like those of the draft."""

    document: SchemaDocument
    shared: tuple[Shared, ...]


def similar(known: Registry, plan: Plan) -> list[Similar]:
    """The likest first: at least two columns and a fifth of the draft's."""
    latest = (known.latest(name) for name in known.names())
    found = [Similar(document, _shared(plan.kept, document)) for document in latest]
    enough = max(2, len(plan.kept) / 5)
    found = [one for one in found if len(one.shared) >= enough]
    return sorted(found, key=lambda one: (-len(one.shared), one.document.name))[:MOST]


def _shared(columns: Iterable[ColumnPlan], document: SchemaDocument) -> tuple[Shared, ...]:
    by_title = {words_of(str(c.schema.get("title", ""))): n for n, c in document.by_name.items()}
    found = []
    for column in columns:
        same = (
            column.name if column.name in document.by_name else by_title.get(words_of(column.title))
        )
        if same:
            found.append(Shared(column.name, same, _difference(column, document.by_name[same])))
    return tuple(found)


def _difference(mine: ColumnPlan, theirs: Column) -> str:
    return "" if _TYPES.get(mine.kind, mine.kind) == theirs.kind else theirs.kind
