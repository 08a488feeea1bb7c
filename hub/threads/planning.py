"""Which references there are between the releases in force, seen from one dataset in both directions."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, select

from catalog.edges import Join, Side
from catalog.models import Dataset
from hub.intake.referenced import FindDocument, Player, bridges_of, players
from hub.settings import Settings
from schemas.document import SchemaDocument
from schemas.references import Reference, references_of

AGENCY_LISTS = frozenset({"lkpp/satker"})
"""Schemas whose records are agencies: a column that refers to one names the agency a row belongs to."""


@dataclass(frozen=True)
class Planned:
    """One reference from a release to another, through others if it goes by a bridge."""

    mine: Player
    theirs: Player
    bridges: tuple[Player, ...]
    reference: Reference

    @property
    def basis(self) -> str:
        """Names all that the edges are made from; the same basis gives the same edges."""
        read = [
            (one.document.id, one.release.sha256) for one in (self.mine, self.theirs, *self.bridges)
        ]
        said = [self.reference.place, read]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    @property
    def personal(self) -> list[str]:
        """Datasets of which a column that is met holds personal data."""
        met = [(self.mine, set(self.reference.mine)), (self.theirs, _theirs(self.reference))]
        met += [(bridge, _its(self.reference)) for bridge in self.bridges]
        return [one.dataset.id for one, columns in met if columns & set(one.document.personal)]

    @property
    def agency_column(self) -> str | None:
        return agency_column(self.mine.document)

    def join(self, settings: Settings) -> Join:
        first = self.mine.document.by_name[self.reference.mine[0]]
        return Join(
            reference=self.reference,
            mine=_side(self.mine, settings),
            theirs=_side(self.theirs, settings),
            bridge=tuple(path for one in self.bridges for path in one.files(settings)),
            array=first.types <= {"array", "null"},
            agency=self.agency_column,
        )


def plan(session: Session, find: FindDocument, dataset: Dataset) -> list[Planned]:
    """Every reference of the dataset, and every reference that leads to it or through it."""
    found = [one for mine in _player(session, find, dataset) for one in _from(session, find, mine)]
    schema = dataset.schema_name
    for other in session.exec(select(Dataset).where(Dataset.id != dataset.id)).all():
        for mine in _player(session, find, other):
            found += [
                one
                for one in _from(session, find, mine)
                if one.theirs.dataset.id == dataset.id or _through(one.reference, schema)
            ]
    return found


def agency_column(document: SchemaDocument) -> str | None:
    """The column by which a record names its agency, if its schema says so by a reference."""
    for reference in references_of(document):
        plain = reference.match == "equal" and len(reference.mine) == 1
        if plain and reference.schema in AGENCY_LISTS:
            return reference.mine[0]
    return None


def _player(session: Session, find: FindDocument, dataset: Dataset) -> list[Player]:
    return [
        one for one in players(session, dataset.schema_name, find) if one.dataset.id == dataset.id
    ]


def _from(session: Session, find: FindDocument, mine: Player) -> Iterator[Planned]:
    """References that can be followed now: both ends, and the bridge, have a release with these columns."""
    for reference in references_of(mine.document):
        bridges = bridges_of(session, reference, find)
        if reference.bridge is not None and not (
            bridges and all(_bridges(b, reference) for b in bridges)
        ):
            continue
        for theirs in players(session, reference.schema, find):
            own = reference.schema == mine.document.name
            if _is_met(theirs, reference) and (not own or theirs.dataset.id == mine.dataset.id):
                yield Planned(mine, theirs, tuple(bridges), reference)


def _is_met(theirs: Player, reference: Reference) -> bool:
    return _theirs(reference) <= set(theirs.document.by_name)


def _bridges(one: Player, reference: Reference) -> bool:
    return reference.bridge is not None and _its(reference) <= set(one.document.by_name)


def _theirs(reference: Reference) -> set[str]:
    """Columns of the referenced record that are met."""
    joined = [name for _, name in reference.bridge.to] if reference.bridge else []
    return {*reference.theirs, *joined}


def _its(reference: Reference) -> set[str]:
    """Columns of the record between."""
    if reference.bridge is None:
        return set()
    return {*reference.bridge.met, *(name for name, _ in reference.bridge.to)}


def _through(reference: Reference, schema: str) -> bool:
    return reference.bridge is not None and reference.bridge.schema == schema


def _side(player: Player, settings: Settings) -> Side:
    return Side(tuple(player.files(settings)), player.document.key)
