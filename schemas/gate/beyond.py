"""What is asked of rows beyond their schema: rules across fields; and codes, references, keys by looking at what is
published.

What nobody has published cannot be asked: that is a note in the report, never silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.document import SchemaDocument
from schemas.gate.across.asking import Across
from schemas.gate.checking import Check
from schemas.gate.holding import HeldCheck
from schemas.gate.inforce import InForce
from schemas.gate.outcome import Note
from schemas.gate.referring import CodeCheck, KnownKeys, ReferenceCheck, codes_of
from schemas.references import Reference, references_of
from schemas.rules.language import rules_of
from schemas.severities import DEFAULTS


@dataclass(frozen=True)
class Beyond:
    """Checks for every block, references to the schema's own records, and what is not checked."""

    checks: Sequence[Check] = ()
    own: Sequence["OwnReference"] = ()
    notes: Sequence[Note] = ()


@dataclass(frozen=True)
class OwnReference:
    """A reference to a record of the same schema: those of the batch count, besides those in force."""

    document: SchemaDocument
    reference: Reference
    files: Sequence[Path]
    severity: str

    def broken(self, accepted: Path) -> ReferenceCheck | None:
        """The check that finds the rows at fault; None if there are none among the accepted."""
        known = KnownKeys.read(self.files) | KnownKeys.read([accepted], self.reference.theirs)
        check = ReferenceCheck(self.document, self.reference, known, self.severity)
        batches = pq.ParquetFile(accepted).iter_batches(columns=list(self.reference.mine))
        return check if any(check.findings(_by_name(batch)) for batch in batches) else None


def beyond(
    document: SchemaDocument, inforce: InForce, severities: Mapping[str, str], *, delete: bool
) -> Beyond:
    """What to ask of a batch; of a deletion only whether its keys are there."""
    severity = {**DEFAULTS, **severities}
    held = _held(document, inforce, severity, delete=delete)
    if delete:
        return Beyond(held)
    found = _Found(document, inforce, severity)
    for column, name in document.codes.items():
        found.code(column, name)
    for reference in references_of(document):
        found.reference(reference)
    across = [Across(document, severities)] if rules_of(document.body) else []
    return Beyond([*across, *held, *found.checks], found.own, found.notes)


@dataclass
class _Found:
    document: SchemaDocument
    inforce: InForce
    severity: Mapping[str, str]
    checks: list[Check] = field(default_factory=list)
    own: list[OwnReference] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    lists: dict[str, KnownKeys] = field(default_factory=dict)

    def code(self, column: str, name: str) -> None:
        path = self.inforce.codes.get(name)
        if path is None:
            self.notes.append(_unchecked("codes-unchecked", name, column))
            return
        if name not in self.lists:
            self.lists[name] = codes_of(path)
        severity = self.severity["kode-referensi"]
        self.checks.append(CodeCheck(column, name, self.lists[name], severity))

    def reference(self, reference: Reference) -> None:
        severity = self.severity["rujukan"]
        files = self.inforce.references.get(reference.place)
        if files is None:
            note = _unchecked("reference-unchecked", reference.schema, reference.said)
            self.notes.append(note)
        elif reference.schema == self.document.name and reference.bridge is None:
            self.own.append(OwnReference(self.document, reference, files, severity))
        else:
            known = KnownKeys.read(files)
            self.checks.append(ReferenceCheck(self.document, reference, known, severity))


def _held(
    document: SchemaDocument, inforce: InForce, severity: Mapping[str, str], *, delete: bool
) -> list[Check]:
    if inforce.held is None or not document.key:
        return []
    rule = "kunci-tidak-ada" if delete else "kunci-sudah-ada"
    known = KnownKeys.read(inforce.held, document.key)
    return [HeldCheck(document, known, rule, severity[rule])]


def _unchecked(code: str, name: str, what: str) -> Note:
    return Note(
        code,
        name,
        f"{what} tidak diperiksa terhadap {name}: belum ada rilisnya yang dapat dipakai di sini.",
        f"{what} was not checked against {name}: there is no release of it to use here.",
    )


def _by_name(batch: pa.RecordBatch) -> Mapping[str, pa.Array]:
    return dict(zip(batch.schema.names, batch.columns, strict=True))
