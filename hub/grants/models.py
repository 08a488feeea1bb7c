"""Tables of the grants: what was asked, what was given and signed, and the keys of the agencies."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel

from catalog.models import AccessClass
from catalog.moments import UtcDateTime

Names = list[str] | None
"""Column names, or None for every column that needs no naming."""
Tree = dict[str, Any] | None
"""A row filter as `catalog.policy` reads it, or None for every row."""

Masks = dict[str, str]
"""Column name to the kind of its mask (`hub.grants.masks`)."""

READ, VERIFY = "read", "verify"
"""Uses of a grant: to read rows, or only to be told whether a record matches."""
CARRIED_FORM, FORM = 0, 1
"""Forms of the contract's text: as it was before contracts were signed, and as it is now."""


class State(StrEnum):
    """Status permintaan (domain.md §4.4), as the book `permintaan-data` names them.

    TO_SIGN is a state of grants only: no request is stored in it.
    """

    SUBMITTED = "diajukan"
    INCOMPLETE = "perlu_perbaikan"
    ASSESSMENT = "perlu_dpia"
    WAITING = "menunggu_produsen"
    OVERDUE = "terlambat"
    WITH_SEKDA = "eskalasi_sekda"
    WITH_BUPATI = "eskalasi_bupati"
    BUPATI_LATE = "bupati_terlambat"
    REFUSED = "ditolak"
    OBJECTION = "keberatan"
    WITH_FORUM = "keberatan_forum"
    APPROVED = "disetujui"
    APPROVED_IN_PART = "disetujui_sebagian"
    APPROVED_AT_ONCE = "disetujui_otomatis"
    DEEMED = "dianggap_disetujui"
    TO_SIGN = "menunggu_tanda_tangan"
    ACTIVE = "aktif"
    EMERGENCY = "aktif_sementara"
    SUSPENDED = "ditangguhkan"
    SUSPENDED_LONG = "penangguhan_walidata"
    FORWARDED = "dialihkan"
    LAPSED = "gugur"
    REFUSED_FINAL = "ditolak_final"
    ENDED = "berakhir"
    REVOKED = "dicabut"
    FINISHED = "selesai"


UNDECIDED = (
    State.SUBMITTED,
    State.INCOMPLETE,
    State.ASSESSMENT,
    State.WAITING,
    State.OVERDUE,
    State.WITH_SEKDA,
    State.WITH_BUPATI,
    State.BUPATI_LATE,
    State.OBJECTION,
    State.WITH_FORUM,
)
"""States in which somebody's word is awaited before there is, or is not, a grant."""


class AccessRequest(SQLModel, table=True):
    """One request for access; `agency` is None for a party outside the regency.

    Its state and its clock are the proceeding's of the same id. `answers` are those of the form beyond
    purpose and basis, `decided_*`, `ground`, `reason` and `offer` (what a refusal gives instead) those
    of the last decision.
    """

    __tablename__ = "hub_access_request"

    id: str = Field(primary_key=True)
    target_type: str = "dataset"
    target: str = Field(index=True)
    producer: str = Field(index=True)
    requester_kind: str
    requester: str = Field(index=True)
    agency: str | None = Field(default=None, index=True)
    purpose: str
    basis: str = ""
    columns: Names = Field(None, sa_column=Column(JSON(none_as_null=True)))
    filter: Tree = Field(None, sa_column=Column(JSON(none_as_null=True)))
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    use: str = READ
    masks: Masks = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    daily_rows: int | None = None
    may_store: bool = True
    supersedes: str | None = None
    personal: bool = False
    emergency: bool = False
    emergency_reason: str = ""
    answers: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    forwarded_from: str | None = None
    forwarded_to: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ground: str | None = None
    reason: str | None = None
    offer: Tree = Field(None, sa_column=Column(JSON(none_as_null=True)))


class RequestOpinion(SQLModel, table=True):
    """What one seat said of a request before the producer decided; never edited.

    `at` is of the business clock and `written_at` of the real one, `actor` as in the ledger's `entry`.
    """

    __tablename__ = "hub_request_opinion"

    request: str = Field(foreign_key="hub_access_request.id", primary_key=True)
    seat: str = Field(primary_key=True)
    opinion: str
    text: str = ""
    actor: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    post_title: str = ""
    at: datetime = Field(sa_type=UtcDateTime)
    written_at: datetime = Field(sa_type=UtcDateTime)
    entry: str


class Grant(SQLModel, table=True):
    """Leave to read, for an agency or (outside the regency) for one `grantee`; never edited.

    `access_class` is the dataset's at that time: a grant opens nothing that was closed further since.
    `text` is what was signed (`hub.grants.contract`); `waits_until` is set while a side has not.
    """

    __tablename__ = "hub_grant"
    __table_args__ = (Index("ix_hub_grant_of_agency", "target", "grantee_agency"),)

    id: str = Field(primary_key=True)
    target_type: str = "dataset"
    target: str
    producer: str = Field(index=True)
    access_class: AccessClass
    grantee_agency: str | None = Field(default=None, index=True)
    grantee: str | None = Field(default=None, index=True)
    columns: Names = Field(None, sa_column=Column(JSON(none_as_null=True)))
    filter: Tree = Field(None, sa_column=Column(JSON(none_as_null=True)))
    masks: Masks = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    use: str = READ
    daily_rows: int | None = None
    may_store: bool = True
    supersedes: str | None = None
    purpose: str
    basis: str = ""
    starts_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    request: str = Field(foreign_key="hub_access_request.id", index=True)
    granted_by: str
    form: int = FORM
    text: str = ""
    digest: str
    waits_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    suspended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_by: str | None = None
    revoke_reason: str | None = None

    def state_at(self, now: datetime) -> State:
        if self.revoked_at is not None:
            return State.REVOKED
        if self.waits_until is not None:
            return State.TO_SIGN if now < self.waits_until else State.ENDED
        if now >= self.expires_at:
            return State.ENDED
        return State.ACTIVE if self.suspended_at is None else State.SUSPENDED


class GrantSignature(SQLModel, table=True):
    """One signature under a contract. What was signed: the text by an agency, a statement by the hub.

    `key_id` names the agency's key or is the hub's verifier key; `cites` are ids of ledger entries.
    """

    __tablename__ = "hub_grant_signature"

    grant: str = Field(foreign_key="hub_grant.id", primary_key=True)
    side: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    key_id: str
    signer: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    statement: str
    signature: str
    at: datetime = Field(sa_type=UtcDateTime)
    cites: list[str] = Field(sa_column=Column(JSON, nullable=False))


class AgencyKey(SQLModel, table=True):
    """A public key of an agency; `id` is its thumbprint (RFC 7638). Its private half is not here."""

    __tablename__ = "hub_agency_key"

    id: str = Field(primary_key=True)
    agency: str = Field(foreign_key="hub_agency.code", index=True)
    name: str
    jwk: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    registered_at: datetime = Field(sa_type=UtcDateTime)
    registered_by: str
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_by: str | None = None


class KeyOnly(SQLModel, table=True):
    """An agency that signs contracts by its key and by nothing else."""

    __tablename__ = "hub_agency_key_only"

    agency: str = Field(foreign_key="hub_agency.code", primary_key=True)
    since: datetime = Field(sa_type=UtcDateTime)
