"""Tables and shapes of what arrives: batches, pull sources, runs."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic import Field as PydanticField
from sqlalchemy import JSON, Column, LargeBinary
from sqlmodel import Field, SQLModel

from catalog.free_objects import FreeObject
from catalog.moments import UtcDateTime

Mode = Literal["append", "upsert", "replace", "delete"]
OnError = Literal["reject", "quarantine"]


class BatchState(StrEnum):
    """Where a batch stands; final unless it is `received` or waits for its second person."""

    RECEIVED = "received"
    HELD = "menunggu_pengesahan"
    PUBLISHED = "published"
    REFUSED = "refused"
    FAILED = "failed"


class Phase(StrEnum):
    """How far the hub is with a batch that it acknowledged before judging it."""

    WAITING = "waiting"
    JUDGING = "judging"
    STAGING = "staging"
    DONE = "done"


class GivenUp(StrEnum):
    """Why rows of a quarantine that were open will not be corrected any more."""

    SAID = "said"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class Batch(SQLModel, table=True):
    """One delivery to one dataset, whatever came of it.

    While it is `received`, `tries` counts how often it was begun, and it is not begun again before
    `try_after`; a `failed` one has the `problem` that its sender would have been answered with.

    Rows that a published batch left in quarantine are open, mended by batches that say they correct it
    (`corrects`), or given up; `commonest` is the rule most of them broke, without any value. Rows that a
    correction leaves wrong stay open in the batch it corrects. Why they were given up is a `given_up_code`
    (GivenUp, "" before that) with its facts; `given_up_why` are the words of the person who said so.
    """

    __tablename__ = "hub_batch"

    id: str = Field(primary_key=True)
    dataset: str = Field(foreign_key="catalog_dataset.id", index=True)
    mode: str
    on_error: str
    format: str
    via: str
    source: str | None = Field(default=None, index=True)
    actor: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    state: BatchState = Field(index=True)
    sha256: str
    bytes: int
    schema_name: str
    schema_version: str
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    release: int | None = None
    receipt: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    message_id: str = ""
    message_en: str = ""
    phase: Phase = Phase.DONE
    tries: int = 0
    try_after: datetime | None = Field(default=None, sa_type=UtcDateTime)
    problem: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    trace: str = ""
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    corrects: str | None = Field(default=None, index=True)
    sheet: str | None = None
    header_row: int | None = None
    open_rows: int = Field(default=0, index=True)
    mended_rows: int = 0
    given_up_rows: int = 0
    given_up_why: str = ""
    given_up_code: str = Field(default="", max_length=32)
    given_up_facts: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    commonest: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    quarantine_dropped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Mending(SQLModel, table=True):
    """Which rejected rows of a batch have been brought right since: a bit for each row's number, packed."""

    __tablename__ = "hub_mending"

    batch: str = Field(primary_key=True, foreign_key="hub_batch.id")
    rows: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Source(SQLModel, table=True):
    """A place the hub pulls one dataset from; `state` moves only together with a batch."""

    __tablename__ = "hub_source"

    id: str = Field(primary_key=True)
    dataset: str = Field(foreign_key="catalog_dataset.id", index=True)
    kind: str
    stream: str = ""
    options: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    secrets: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    mode: str
    on_error: str
    every_minutes: int | None = None
    enabled: bool = True
    state: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    next_run_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fence: int = 0
    failures: int = 0
    created_by: str
    created_at: datetime = Field(sa_type=UtcDateTime)


class RunOutcome(StrEnum):
    RUNNING = "running"
    OK = "ok"
    NOTHING_NEW = "nothing-new"
    REFUSED = "refused"
    FAILED = "failed"


class Run(SQLModel, table=True):
    """One attempt to pull from a source, with what stopped it when something did."""

    __tablename__ = "hub_source_run"

    id: str = Field(primary_key=True)
    source: str = Field(foreign_key="hub_source.id", index=True)
    outcome: RunOutcome
    batches: int = 0
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    layer: str = ""
    message_id: str = ""
    message_en: str = ""
    started_at: datetime = Field(sa_type=UtcDateTime, index=True)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class BatchAccepted(BaseModel):
    """Answer to a push: what was published and the evidence of it."""

    batch: str
    state: str
    release: int | None
    accepted: int
    rejected: int
    receipt: dict[str, Any]


class JobAccepted(BaseModel):
    """Answer to a push that is judged later: it is on disk and in the ledger, and will be judged."""

    job: str
    batch: str
    state: str
    receipt: dict[str, Any]


class JobOut(BaseModel):
    """A batch as work in progress: `result` once it is published, `problem` once it came to nothing.

    `rows` are known when the phase is past `judging`; `events` streams these documents.
    """

    id: str
    kind: Literal["batch"]
    state: str
    phase: str
    dataset: str
    batch: str
    rows: int | None
    received_at: datetime
    finished_at: datetime | None
    result: BatchAccepted | None
    problem: dict[str, Any] | None
    events: str


class BatchOut(BaseModel):
    """One batch with its fate, times in UTC; `given_up_why` is told in the reader's language."""

    batch: str
    dataset: str
    state: str
    mode: str
    on_error: str
    format: str
    via: str
    source: str | None
    sha256: str
    bytes: int
    schema_name: str
    schema_version: str
    rows: int
    accepted: int
    rejected: int
    release: int | None
    receipt: dict[str, Any] | None
    message_id: str
    message_en: str
    received_at: datetime
    finished_at: datetime | None
    corrects: str | None
    open_rows: int
    mended_rows: int
    given_up_rows: int
    given_up_why: str
    given_up_code: str
    given_up_facts: dict[str, Any] | None


class GiveUp(BaseModel):
    """Why the rows of a quarantine that are still open will not be corrected."""

    model_config = ConfigDict(extra="forbid")

    reason: str = PydanticField(min_length=3, max_length=500)


class BatchMove(BaseModel):
    """What becomes of a batch that waits for its second person; returning it needs a reason."""

    model_config = ConfigDict(extra="forbid")

    event: Literal["sahkan", "kembalikan", "tarik"]
    reason: str = PydanticField(default="", max_length=4000)


class SourceIn(BaseModel):
    """A new pull source; `secrets` is write-only and kept encrypted."""

    model_config = ConfigDict(extra="forbid")

    dataset: str
    kind: str
    stream: str = ""
    options: FreeObject
    secrets: dict[str, str] = {}
    mode: Mode = "upsert"
    on_error: OnError = "quarantine"
    every_minutes: int | None = None


class SourceOut(BaseModel):
    """A pull source without its secrets; `secrets` names which are set."""

    id: str
    dataset: str
    kind: str
    stream: str
    options: dict[str, Any]
    secrets: list[str]
    mode: str
    on_error: str
    every_minutes: int | None
    enabled: bool
    failures: int
    next_run_at: datetime | None


class RunOut(BaseModel):
    """One run; `layer` names what failed (dns, tcp, tls, auth, query, gate …)."""

    id: str
    source: str
    outcome: str
    batches: int
    rows: int
    accepted: int
    rejected: int
    layer: str
    message_id: str
    message_en: str
    started_at: datetime
    finished_at: datetime | None
