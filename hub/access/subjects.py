"""Whom a read was about: keyed hashes of the persons in small answers, the size of larger ones.

Written in the commit of the read's own entry, so that one never stands without the other. The key is
derived from the hub's secret, which is a file or a setting and never in the database: whoever has the
database alone cannot try out identifiers.
"""

import hmac
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import text
from sqlmodel import Session

from catalog.masks import HIDE
from catalog.policy import Policy
from hub.access.subject_models import PersonalRead, ReadSubject
from hub.calendar import real_now
from hub.grants.personal import must_be_named
from hub.ledger.also import Also, Statement, for_both
from hub.rules import service as rules
from schemas.document import SchemaDocument

BOOK = "pelindungan-data-pribadi"
HASH_BYTES = 16
DIGITS = {"nik": 16, "nip": 18}
"""Kinds of identifiers of persons, with how many digits they have."""

READS = PersonalRead.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
SUBJECTS = ReadSubject.__table__  # type: ignore[attr-defined]  # the same
WRITE_READ = for_both(lambda insert: insert(READS).on_conflict_do_nothing())
WRITE_SUBJECTS = Statement(
    text(
        "WITH RECURSIVE place (n) AS"
        " (SELECT 0 UNION ALL SELECT n + 1 FROM place WHERE n + 1 < :people)"
        " INSERT INTO hub_read_subject (entry, subject)"
        " SELECT :entry, substr(:hashes, 1 + :size * n, :size) FROM place"
    ),
    text(
        "INSERT INTO hub_read_subject (entry, subject)"
        " SELECT :entry, substring(CAST(:hashes AS bytea)"
        " FROM 1 + CAST(:size AS integer) * n FOR CAST(:size AS integer))"
        " FROM generate_series(0, CAST(:people AS integer) - 1) AS n"
    ),
)
"""All persons of a read from one text of their hashes: a thousand rows as one statement, for everybody
who reads waits for the one writer.
"""


@dataclass(frozen=True)
class Personal:
    """What is personal behind an open door: the columns that show something, the column that says whom
    a row is about with its kind, and up to how many rows persons are recorded.
    """

    columns: tuple[str, ...]
    subject: str | None
    kind: str
    most: int


@dataclass(frozen=True)
class About:
    """What one read hands out of it: `values` are identifiers of all its rows, None when not known."""

    columns: tuple[str, ...]
    values: Sequence[Any] | None
    kind: str


def personal_of(session: Session, document: SchemaDocument, policy: Policy) -> Personal | None:
    """What a policy shows of the columns that are personal in every row; None when nothing."""
    hidden = {column for column, kind in policy.masks if kind == HIDE}
    shown = tuple(
        column
        for column in document.columns
        if column in must_be_named(document)
        and column not in hidden
        and (policy.columns is None or column in policy.columns)
    )
    if not shown:
        return None
    law = rules.current(session, BOOK).body["subjects"]
    subject, kind = subject_of(document, law["names"])
    return Personal(shown, subject, kind, int(law["most_rows"]["value"]))


def subject_of(
    document: SchemaDocument, names: Mapping[str, Collection[str]]
) -> tuple[str | None, str]:
    """The column that says which person a row is about (`x-subjek`, else by its name), and its kind."""
    for column, kind in document.subjects.items():
        return column, kind
    for kind, patterns in names.items():
        for column in document.columns:
            fits = any(fnmatchcase(column, pattern) for pattern in patterns)
            if fits and column in document.personal:
                return column, kind
    return None, ""


def about(
    personal: Personal | None, shown: Collection[str] | None, values: Sequence[Any] | None
) -> About | None:
    """What a read of these columns (None is all) hands out; None when nothing personal."""
    if personal is None:
        return None
    columns = tuple(one for one in personal.columns if shown is None or one in shown)
    if not columns:
        return None
    small = values is not None and len(values) <= personal.most
    return About(columns, values if small else None, personal.kind)


def rows_of(secret: bytes, read: About, told: Mapping[str, Any]) -> list[Also]:
    """What is written of a read with its entry; `told` are dataset, release, grant, policy and rows."""
    hashes = None if read.values is None else hashes_of(secret, read.kind, read.values)
    if hashes is not None and not hashes and told["rows"]:
        hashes = None  # rows without a single identifier are a set, not nobody
    row = {
        **told,
        "at": real_now(),
        "columns": list(read.columns),
        "recorded": None if hashes is None else len(hashes),
    }
    decision = str(row.pop("decision"))
    written = [Also(WRITE_READ, row, (READS.name, decision), entry="entry")]
    if hashes:
        people = {"hashes": b"".join(hashes), "people": len(hashes), "size": HASH_BYTES}
        written.append(Also(WRITE_SUBJECTS, people, (SUBJECTS.name, decision), entry="entry"))
    return written


def hashes_of(secret: bytes, kind: str, values: Iterable[Any]) -> list[bytes]:
    """One hash for each person, in the order of the hashes; what holds no digit is nobody."""
    key = hmac.new(secret, b"simpul subjects of reads", sha256).digest()
    people = {plain(value) for value in values} - {""}
    return sorted(_hash(key, kind, person) for person in people)


def plain(value: Any) -> str:
    """An identifier as it is compared: its digits."""
    return "" if value is None else re.sub(r"\D", "", str(value))


def _hash(key: bytes, kind: str, person: str) -> bytes:
    return hmac.digest(key, f"{kind}:{person}".encode(), "sha256")[:HASH_BYTES]


class Watch:
    """Finds identifiers of persons in the rows of a query as they pass, whatever their columns are called.

    A row in which none is found makes the whole a set: it may be about somebody who is not named.
    """

    def __init__(self, kind: str, most: int) -> None:
        self._kind, self._most = kind, most
        self._rows = 0
        self._found: list[str] | None = []

    def see(self, batch: pa.RecordBatch) -> None:
        self._rows += batch.num_rows
        if self._found is None:
            return
        if self._rows > self._most:
            self._found = None
            return
        named = pa.array([False] * batch.num_rows)
        for column in batch.columns:
            texts = _texts(column)
            if texts is None:
                continue
            hits = pc.fill_null(pc.match_substring_regex(texts, self._pattern), False)
            named = pc.or_(named, hits)
            self._found += pc.filter(texts, hits).to_pylist()
        if not all(named.to_pylist()):
            self._found = None

    @property
    def values(self) -> list[str] | None:
        """Those found in every row; None when they do not say whom the answer is about."""
        return self._found

    @property
    def _pattern(self) -> str:
        return rf"^\d{{{DIGITS[self._kind]}}}$"


def _texts(column: pa.Array) -> pa.Array | None:
    """A column that may hold identifiers, as text."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column
    if pa.types.is_integer(column.type) or pa.types.is_decimal(column.type):
        return pc.cast(column, pa.string())
    return None
