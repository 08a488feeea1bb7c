"""The published documents, by name and version."""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from schemas.document import SchemaDocument
from schemas.errors import SchemaExists, UnknownSchema


class Registry:
    """An immutable set of documents; `with_` gives a larger one."""

    def __init__(self, documents: Iterable[SchemaDocument] = ()) -> None:
        self._by_name: dict[str, dict[str, SchemaDocument]] = {}
        for document in documents:
            versions = self._by_name.setdefault(document.name, {})
            if document.version in versions:
                raise SchemaExists(document.name, document.version)
            versions[document.version] = document

    @classmethod
    def packaged(cls) -> "Registry":
        """The documents that come with the package, `schemas/published/**.json`."""
        return _packaged()

    def get(self, name: str, version: str) -> SchemaDocument:
        """One version; raises UnknownSchema."""
        try:
            return self._by_name[name][version]
        except KeyError:
            raise UnknownSchema(name, version) from None

    def latest(self, name: str) -> SchemaDocument:
        """The highest version; raises UnknownSchema."""
        if name not in self._by_name:
            raise UnknownSchema(name)
        return max(self._by_name[name].values(), key=lambda document: document.order)

    def versions(self, name: str) -> list[str]:
        """Versions from the oldest to the newest; raises UnknownSchema."""
        if name not in self._by_name:
            raise UnknownSchema(name)
        documents = sorted(self._by_name[name].values(), key=lambda document: document.order)
        return [document.version for document in documents]

    def names(self) -> list[str]:
        return sorted(self._by_name)

    def with_(self, document: SchemaDocument) -> "Registry":
        """A registry with one document more; raises SchemaExists."""
        return Registry([*self, document])

    def __iter__(self) -> Iterator[SchemaDocument]:
        for name in self.names():
            for version in self.versions(name):
                yield self._by_name[name][version]

    def __len__(self) -> int:
        return sum(len(versions) for versions in self._by_name.values())

    def __contains__(self, name: object) -> bool:
        return name in self._by_name


@cache
def _packaged() -> Registry:
    folder = files("schemas") / "published"
    bodies = (json.loads(file.read_text(encoding="utf-8")) for file in _json_files(folder))
    return Registry(SchemaDocument.known(body) for body in bodies)


def _json_files(folder: Traversable) -> Iterator[Traversable]:
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _json_files(entry)
        elif entry.name.endswith(".json"):
            yield entry
