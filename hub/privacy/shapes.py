"""What goes in and out of the personal data law over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from hub.privacy.models import Breach
from hub.privacy.naming import Known, party_of
from hub.privacy.reads import Found, Line
from hub.privacy.subject_access import Answer, Share

Name = Annotated[str, StringConstraints(max_length=150)]
Column = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=4000)]


class BreachIn(BaseModel):
    """`since` and `until` bound the reads; `party` is a client id or a person's id, `agency` the reader's.

    `known_at` is when the failure became known: the clock of the notice begins there.
    """

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime
    until: AwareDatetime
    dataset: Name | None = None
    agency: Name | None = None
    party: Name | None = None
    columns: Annotated[list[Column], Field(max_length=200)] = []
    what: Said
    known_at: AwareDatetime | None = None


class ToldIn(BaseModel):
    """Whom was told (`subjek`, `lembaga`, `masyarakat`), how, and when (now)."""

    model_config = ConfigDict(extra="forbid")

    to: Annotated[str, StringConstraints(max_length=40)]
    how: Said
    at: AwareDatetime | None = None


class HandlingIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    handling: Said


class ClosureIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Said


class SubjectIn(BaseModel):
    """Whose data is asked about. It stands in the body alone, and is not repeated in any answer."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    kind: Literal["nik", "nip"] = "nik"
    identifier: Annotated[str, Field(min_length=1, max_length=40, repr=False)]


class ShareOut(BaseModel):
    """One read of the person's data. `rows` is told of sets alone: of a read that names her it would tell
    of others. `certain` is false when it is known only that she was in the release that was read from.
    """

    at: datetime
    entry: str
    dataset: str
    release: int
    reader: str
    agency: str | None
    way: str
    columns: list[str]
    contract: str | None
    purpose: str | None
    basis: str | None
    kind: Literal["tercatat", "himpunan"]
    rows: int | None
    certain: bool


class SubjectAnswer(BaseModel):
    """Newest first. Persons are recorded since `recorded_since`; of the releases in `gone` nobody can say any
    more whether she was in them; `capped` when older sets were not looked at.
    """

    items: list[ShareOut]
    recorded_since: datetime | None
    gone: list[str]
    capped: bool
    receipt: dict[str, str]


class ReaderLine(BaseModel):
    """Reads of one release by one reader in one way; see `Line` for the members."""

    dataset: str
    release: int
    way: str
    agency: str | None
    person: str | None
    client: str | None
    post: str | None
    name: str
    grant: str | None
    purpose: str | None
    basis: str | None
    contract: str | None
    policy: str
    columns: list[str] | None
    filter: Any
    masks: dict[str, str]
    policy_known: bool
    personal: list[str]
    reads: int
    rows: int
    cut: int
    failed: int
    persons: int
    sets: int
    first_at: datetime
    last_at: datetime


class BreachOut(BaseModel):
    """`hours_left` until the notice is due, negative when it is past."""

    id: str
    state: str
    since: datetime
    until: datetime
    dataset: str | None
    agency: str | None
    party: str | None
    columns: list[str]
    what: str
    handling: str
    known_at: datetime
    due_at: datetime
    hours_left: float
    rules: int
    entries: int
    digest: str
    told: dict[str, Any]
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_because: str


class BreachReport(BaseModel):
    """`entries` and `digest` (SHA-256 over their hashes, in order) are of all entries of the ledger in the
    scope, `lines` those of the columns asked for; `persons` how many different persons are recorded, `sets` reads that name nobody.
    """

    case: BreachOut
    made_at: datetime
    entries: int
    digest: str
    persons: int
    sets: int
    lines: list[ReaderLine]


class SubjectCount(BaseModel):
    """A person as a keyed hash, and in how many of the reads."""

    subject: str
    reads: int


def breach_out(row: Breach, now: datetime) -> BreachOut:
    left = (row.due_at - now).total_seconds() / 3600
    return BreachOut(**row.model_dump(), hours_left=round(left, 2))


def line_out(line: Line, known: Known) -> ReaderLine:
    way, grant = line.way, known.grants.get(line.way.grant)
    return ReaderLine(
        dataset=way.dataset,
        release=way.release,
        way=way.kind,
        agency=way.agency or None,
        person=way.person or None,
        client=way.client or None,
        post=way.post or None,
        grant=way.grant or None,
        policy=way.policy,
        columns=line.columns,
        filter=line.filter,
        masks=line.masks,
        policy_known=line.known,
        personal=line.personal,
        reads=line.reads,
        rows=line.rows,
        cut=line.cut,
        failed=line.failed,
        persons=line.persons,
        sets=line.sets,
        first_at=line.first_at,
        last_at=line.last_at,
        name=known.names.get(way.agency or party_of(way), way.agency or party_of(way)),
        contract=None if grant is None else grant.id,
        purpose=None if grant is None else grant.purpose,
        basis=None if grant is None else grant.basis,
    )


def report_out(row: Breach, found: Found, known: Known, now: datetime) -> BreachReport:
    return BreachReport(
        case=breach_out(row, now),
        made_at=now,
        entries=found.entries,
        digest=found.digest,
        persons=found.persons,
        sets=found.sets,
        lines=[line_out(line, known) for line in found.lines],
    )


def answer_out(answer: Answer) -> SubjectAnswer:
    return SubjectAnswer(
        items=[share_out(share, answer.known) for share in answer.shares],
        recorded_since=answer.recorded_since,
        gone=answer.unread,
        capped=answer.capped,
        receipt=answer.receipt.as_dict(),
    )


def share_out(share: Share, known: Known) -> ShareOut:
    way, grant = share.way, known.grants.get(share.way.grant)
    who = way.agency or party_of(way)
    return ShareOut(
        at=share.at,
        entry=share.entry,
        dataset=way.dataset,
        release=way.release,
        reader=known.names.get(who, who),
        agency=way.agency or None,
        way=way.kind,
        columns=share.columns,
        contract=None if grant is None else grant.id,
        purpose=None if grant is None else grant.purpose,
        basis=None if grant is None else grant.basis,
        kind="tercatat" if share.named else "himpunan",
        rows=None if share.named else share.rows,
        certain=share.certain,
    )
