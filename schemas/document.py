"""A published schema: an immutable JSON Schema document with a name and a version."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from schemas.columns import Column, columns_of
from schemas.errors import InvalidSchema
from schemas.publication import faults_of

HOST = "https://simpul.invalid/schemas/"
_ID = re.compile(re.escape(HOST) + r"(?P<name>[^/]+/[^/]+)/(?P<version>\d+\.\d+\.\d+)\.json")


@dataclass(frozen=True)
class SchemaDocument:
    """`name` is `system/record`, `version` is `major.minor.patch`, `body` the JSON Schema as published."""

    name: str
    version: str
    body: dict[str, Any] = field(hash=False, repr=False)

    @classmethod
    def parse(cls, body: Any) -> "SchemaDocument":
        """Check a document and name it from its `$id`; raise InvalidSchema with every fault found."""
        faults = faults_of(body)
        if faults:
            raise InvalidSchema(faults)
        return cls.known(body)

    @classmethod
    def known(cls, body: dict[str, Any]) -> "SchemaDocument":
        """A document that was checked before (packaged, or stored at publication)."""
        match = _ID.fullmatch(body["$id"])
        if match is None:
            raise InvalidSchema(faults_of(body))
        return cls(match["name"], match["version"], body)

    @property
    def id(self) -> str:
        return f"{HOST}{self.name}/{self.version}.json"

    @property
    def title(self) -> str:
        return str(self.body.get("title", self.name))

    @property
    def title_en(self) -> str:
        return str(self.body.get("x-title-en", self.title))

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of `x-kunci`; empty if the record has no key."""
        return tuple(self.body.get("x-kunci", ()))

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by name, in the order of the document."""
        return columns_of(self.body)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.by_name)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(self.body.get("required", ()))

    @cached_property
    def personal(self) -> dict[str, str]:
        """Columns with personal data: name to the value of `x-data-pribadi`."""
        return self._annotated("x-data-pribadi")

    @cached_property
    def subjects(self) -> dict[str, str]:
        """Columns that say which person a row is about: name to the kind of identifier (`x-subjek`)."""
        return self._annotated("x-subjek")

    @cached_property
    def codes(self) -> dict[str, str]:
        """Columns whose value is a code of a list: name to `referensi/{list}`."""
        return self._annotated("x-kode-referensi")

    @property
    def references(self) -> tuple[dict[str, Any], ...]:
        """Every `x-rujukan`, of the document and of its columns, as written."""
        stated = [
            self.body.get("x-rujukan"),
            *(c.schema.get("x-rujukan") for c in self.by_name.values()),
        ]
        lists = [s if isinstance(s, list) else [s] for s in stated if s]
        return tuple(reference for listed in lists for reference in listed)

    @property
    def order(self) -> tuple[int, int, int]:
        """The version as numbers, for sorting."""
        major, minor, patch = self.version.split(".")
        return int(major), int(minor), int(patch)

    def _annotated(self, keyword: str) -> dict[str, str]:
        return {n: c.schema[keyword] for n, c in self.by_name.items() if keyword in c.schema}
