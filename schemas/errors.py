"""What can go wrong with a schema or a file.

SchemaError
├── UnknownSchema
├── SchemaExists
├── InvalidSchema
├── IncompatibleSchema
├── InvalidSteps
└── UnreadableFile
    └── FileTooLarge
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a document: JSON pointer, sentence in Indonesian and in English."""

    pointer: str
    message_id: str
    message_en: str
    detail: str = ""


@dataclass(frozen=True)
class Reason:
    """Why two versions of a schema are not compatible; `code` is stable, the sentences are for people.

    `direction` is BACKWARD (the new one reads less) or FORWARD (readers of the old one are lost);
    `against` the version that is broken.
    """

    code: str
    pointer: str
    message_id: str
    message_en: str
    direction: str = ""
    against: str = ""


@dataclass(frozen=True)
class Refusal:
    """One rule that a witness row breaks; `detail` is the engine's own sentence."""

    pointer: str
    rule: str
    message_id: str
    message_en: str
    detail: str


@dataclass(frozen=True)
class Witness:
    """Rows that version `accepted_by` takes and version `refused_by` does not.

    One row, or the two that one key tells apart and the other does not.
    """

    direction: str
    accepted_by: str
    refused_by: str
    rows: tuple[Any, ...]
    refusals: tuple[Refusal, ...]


class SchemaError(Exception):
    """Base of the room."""


class UnknownSchema(SchemaError):
    """No document has this name, or no such version of it."""

    def __init__(self, name: str, version: str | None = None) -> None:
        super().__init__(f"No schema {name}{f'/{version}' if version else ''}.")
        self.name, self.version = name, version

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.name, self.version)


class SchemaExists(SchemaError):
    """The version is published already; a published document never changes."""

    def __init__(self, name: str, version: str) -> None:
        super().__init__(f"Schema {name}/{version} is already published.")
        self.name, self.version = name, version

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.name, self.version)


class InvalidSchema(SchemaError):
    """The document breaks JSON Schema 2020-12 or the annotations of this hub."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{f.pointer or '/'}: {f.message_en}" for f in faults))
        self.faults = tuple(faults)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.faults,)


class IncompatibleSchema(SchemaError):
    """The new version would break readers or writers of the old one; rows that show it, when found."""

    def __init__(self, reasons: Sequence[Reason], witnesses: Sequence[Witness] = ()) -> None:
        super().__init__("; ".join(r.message_en for r in reasons))
        self.reasons, self.witnesses = tuple(reasons), tuple(witnesses)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.reasons, self.witnesses)


class InvalidSteps(SchemaError):
    """The list of intake steps cannot be executed against the schema."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{f.pointer or '/'}: {f.message_en}" for f in faults))
        self.faults = tuple(faults)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.faults,)


class UnreadableFile(SchemaError):
    """The file as a whole cannot be read; `where` says where (line, byte, part) or is empty."""

    def __init__(self, reason_id: str, reason_en: str, where: str = "") -> None:
        super().__init__(f"{reason_en}{f' ({where})' if where else ''}")
        self.reason_id, self.reason_en, self.where = reason_id, reason_en, where

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.reason_id, self.reason_en, self.where)


class FileTooLarge(UnreadableFile):
    """A limit of size, number or nesting was passed before the file was read to its end."""
