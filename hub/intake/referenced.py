"""What a batch's references may name: which datasets play a schema, and the files of their keys.

A reference is a question about somebody else's rows ("is there a record with this key?"), so it is not asked of
everything. Of one's own agency's data it is; of other agencies' where the class is TERBUKA or BERBAGI, and never by a
column that holds personal data. Where one of the datasets that play a schema may not be asked, none is: what is not
in the others may be in that one. What may not be asked is not checked, and the report says that it was not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from catalog import releases
from catalog.datasets import OPEN_ENOUGH
from catalog.keyfiles import KeyFile
from catalog.models import Dataset, Release
from catalog.storage import from_json, paths
from hub.settings import Settings
from schemas.document import SchemaDocument
from schemas.references import Reference, references_of

FindDocument = Callable[[Session, str, str], SchemaDocument]


@dataclass(frozen=True)
class Player:
    """A dataset that plays a schema, with its release in force and the schema that release has."""

    dataset: Dataset
    release: Release
    document: SchemaDocument

    def files(self, settings: Settings) -> list[Path]:
        table = settings.storage / self.dataset.agency / self.dataset.slug
        return paths(table, from_json(self.release.files))

    def answers(self, asker: str, columns: tuple[str, ...]) -> bool:
        """Whether an agency may compare its values with these columns."""
        if not set(columns) <= set(self.document.by_name):
            return False
        if self.dataset.agency == asker:
            return True
        open_enough = self.dataset.access_class in OPEN_ENOUGH
        return open_enough and not set(columns) & set(self.document.personal)


def players(session: Session, schema: str, find: FindDocument) -> Iterator[Player]:
    """Every dataset that plays the schema and has a release, by name."""
    wanted = select(Dataset).where(col(Dataset.schema_name) == schema).order_by(col(Dataset.id))
    found = session.exec(wanted).all()
    latest = releases.latest_of(session, [dataset.id for dataset in found])
    for dataset in found:
        if release := latest.get(dataset.id):
            document = find(session, release.schema_name, release.schema_version)
            yield Player(dataset, release, document)


def key_files(
    session: Session,
    settings: Settings,
    dataset: Dataset,
    document: SchemaDocument,
    find: FindDocument,
    *,
    replaced: bool,
) -> dict[int, tuple[KeyFile, ...]]:
    """For each reference that can be checked, by its place: where the keys are that it may name.

    The files are made by whoever judges. A reference to the record's own schema is asked of the dataset itself,
    and of its rows in force only if they stay (not `replaced`).
    """
    found: dict[int, tuple[KeyFile, ...]] = {}
    for reference in references_of(document):
        own = reference.schema == document.name
        theirs = [
            player
            for player in players(session, reference.schema, find)
            if player.dataset.id == dataset.id or not own
        ]
        files = tuple(_key_files(session, settings, dataset.agency, reference, theirs, find))
        if own and reference.bridge is None:
            found[reference.place] = () if replaced else files
        elif files:
            found[reference.place] = files
    return found


def _key_files(
    session: Session,
    settings: Settings,
    asker: str,
    reference: Reference,
    theirs: list[Player],
    find: FindDocument,
) -> Iterator[KeyFile]:
    bridges = bridges_of(session, reference, find)
    asked = [one.answers(asker, _asked_of_them(reference)) for one in theirs]
    asked += [one.answers(asker, _asked_between(reference)) for one in bridges]
    if not all(asked) or (reference.bridge is not None and not bridges):
        return
    between = [path for one in bridges for path in one.files(settings)]
    shas = [one.release.sha256 for one in bridges]
    for player in theirs:
        releases_read = [player.release.sha256, *shas]
        files = player.files(settings)
        yield KeyFile.of(folder(settings), reference, files, releases_read, between)


def bridges_of(session: Session, reference: Reference, find: FindDocument) -> list[Player]:
    """The datasets that stand between, if the reference goes through one."""
    if reference.bridge is None:
        return []
    return list(players(session, reference.bridge.schema, find))


def folder(settings: Settings) -> Path:
    """Where key files are kept, and nothing else, for as long as somebody asks for them."""
    return settings.home.absolute() / "referenced"


def _asked_of_them(reference: Reference) -> tuple[str, ...]:
    joined = [theirs for _, theirs in reference.bridge.to] if reference.bridge else []
    return (*reference.theirs, *joined)


def _asked_between(reference: Reference) -> tuple[str, ...]:
    if reference.bridge is None:
        return ()
    return (*reference.bridge.met, *(its for its, _ in reference.bridge.to))
