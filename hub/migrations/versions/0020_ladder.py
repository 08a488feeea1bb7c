"""Requests on the ladder: their state and clock are a proceeding's

Requests from before keep the state they were in; their proceeding begins with one step that cites the
ledger's entry of their submission. A refusal of those days is final, for no objection existed then.

Revision 0020.
"""

import json
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BOOK = "permintaan-data"
CARRIED = {"ditolak": "ditolak_final", "menunggu_tanda_tangan": "disetujui"}
ENDS = frozenset({"ditolak_final", "berakhir", "dicabut"})


def upgrade() -> None:
    _new_columns()
    connection = op.get_bind()
    proceedings, steps = [], []
    for request in connection.execute(_requests()).mappings():
        proceeding, step = _carried(request)
        proceedings.append(proceeding)
        steps.append(step)
    if proceedings:
        op.bulk_insert(_PROCEEDING, proceedings)
        op.bulk_insert(_STEP, steps)
    # Not in a batch: SQLite would make the table anew, and grants refer to it.
    op.drop_index("ix_hub_access_request_state", "hub_access_request")
    op.drop_column("hub_access_request", "state")
    op.drop_column("hub_access_request", "due_at")


BEFORE = {
    "dianggap_disetujui": "aktif",
    "aktif_sementara": "aktif",
    "ditangguhkan": "aktif",
    "penangguhan_walidata": "aktif",
    "aktif": "aktif",
    "disetujui": "aktif",
    "disetujui_sebagian": "aktif",
    "disetujui_otomatis": "aktif",
    "berakhir": "berakhir",
    "selesai": "berakhir",
    "dicabut": "dicabut",
    "ditolak": "ditolak",
    "ditolak_final": "ditolak",
    "gugur": "ditolak",
    "dialihkan": "ditolak",
}
"""States of the ladder in the words of before; every other one was the producer's to answer."""


def downgrade() -> None:
    """What was ended by suspension alone opens again only if it is restored first: such a grant ends."""
    op.execute("UPDATE hub_grant SET revoked_at = suspended_at WHERE suspended_at IS NOT NULL")
    op.add_column(
        "hub_access_request",
        sa.Column(
            "state", sa.String(), nullable=False, server_default=sa.text("'menunggu_produsen'")
        ),
    )
    op.add_column("hub_access_request", sa.Column("due_at", UtcDateTime(), nullable=True))
    for state, before in BEFORE.items():
        there = sa.select(_PROCEEDING.c.id).where(_PROCEEDING.c.state == state)
        op.execute(sa.update(_REQUEST).where(_REQUEST.c.id.in_(there)).values(state=before))
    due = sa.select(_PROCEEDING.c.due_at).where(_PROCEEDING.c.id == _REQUEST.c.id).scalar_subquery()
    op.execute(sa.update(_REQUEST).values(due_at=due))
    op.create_index("ix_hub_access_request_state", "hub_access_request", ["state"])
    for name in (
        "emergency",
        "emergency_reason",
        "answers",
        "forwarded_from",
        "forwarded_to",
        "offer",
    ):
        op.drop_column("hub_access_request", name)
    op.drop_column("hub_grant", "suspended_at")
    requests = sa.select(_REQUEST.c.id)
    for table in ("hub_proceeding_notice", "hub_proceeding_step"):
        of = sa.table(table, sa.column("proceeding"))
        op.execute(sa.delete(of).where(of.c.proceeding.in_(requests)))
    op.execute(sa.delete(_PROCEEDING).where(_PROCEEDING.c.id.in_(requests)))


def _new_columns() -> None:
    op.add_column(
        "hub_access_request",
        sa.Column("emergency", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "hub_access_request",
        sa.Column("emergency_reason", sa.String(), nullable=False, server_default=sa.text("''")),
    )
    op.add_column(
        "hub_access_request",
        sa.Column("answers", sa.JSON(), nullable=False, server_default=sa.text("'{}'")),
    )
    for name in ("forwarded_from", "forwarded_to"):
        op.add_column("hub_access_request", sa.Column(name, sa.String(), nullable=True))
    op.add_column("hub_access_request", sa.Column("offer", sa.JSON(), nullable=True))
    op.add_column("hub_grant", sa.Column("suspended_at", UtcDateTime(), nullable=True))


def _requests() -> sa.Select[Any]:
    request, entry = _REQUEST, _ENTRY
    submitted = (
        sa.select(sa.func.min(entry.c.id))
        .where(entry.c.target_id == request.c.id, entry.c.kind == "request.submitted")
        .scalar_subquery()
    )
    return sa.select(*request.c, submitted.label("entry")).order_by(request.c.id)


def _carried(request: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    state = CARRIED.get(request["state"], request["state"])
    at, due_at = request["created_at"], request["due_at"]
    due = due_at if state == "menunggu_produsen" else None
    told = {"proceeding": request["id"], "at": at.isoformat(), "to": state, "carried": True}
    digest = sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    who = {request["requester_kind"]: request["requester"]}
    proceeding = {
        "id": request["id"],
        "procedure": BOOK,
        "version": 0,
        "state": state,
        "opened_at": at,
        "entered_at": request["decided_at"] or at,
        "due_at": due,
        "ends_at": (request["decided_at"] or at) if state in ENDS else None,
        "requester": request["agency"],
        "producer": request["producer"],
        "dataset": request["target"],
        "person": who.get("person"),
        "client": who.get("client"),
        "steps": 1,
        "last_hash": digest,
    }
    step = {
        "proceeding": request["id"],
        "number": 1,
        "at": at,
        "event": "terbawa",
        "from_state": "",
        "to_state": state,
        "by_clock": False,
        "actor": who,
        "post_title": "",
        "reason": request["reason"] or "",
        "said": {},
        "due_at": due,
        "entry": request["entry"] or "",
        "previous_hash": "",
        "hash": digest,
    }
    return proceeding, step


_REQUEST = sa.table(
    "hub_access_request",
    sa.column("id", sa.String),
    sa.column("state", sa.String),
    sa.column("due_at", UtcDateTime()),
    sa.column("created_at", UtcDateTime()),
    sa.column("decided_at", UtcDateTime()),
    sa.column("requester_kind", sa.String),
    sa.column("requester", sa.String),
    sa.column("agency", sa.String),
    sa.column("producer", sa.String),
    sa.column("target", sa.String),
    sa.column("reason", sa.String),
)
_ENTRY = sa.table(
    "hub_ledger_entry",
    sa.column("id", sa.String),
    sa.column("kind", sa.String),
    sa.column("target_id", sa.String),
)
_PROCEEDING = sa.table(
    "hub_proceeding",
    *(sa.column(name) for name in ("id", "procedure", "version", "state")),
    *(sa.column(name, UtcDateTime()) for name in ("opened_at", "entered_at", "due_at", "ends_at")),
    *(sa.column(name) for name in ("requester", "producer", "dataset", "person", "client")),
    *(sa.column(name) for name in ("steps", "last_hash")),
)
_STEP = sa.table(
    "hub_proceeding_step",
    *(sa.column(name) for name in ("proceeding", "number", "event", "from_state", "to_state")),
    *(sa.column(name, UtcDateTime()) for name in ("at", "due_at")),
    *(sa.column(name, sa.JSON()) for name in ("actor", "said")),
    *(sa.column(name) for name in ("by_clock", "post_title", "reason", "entry")),
    *(sa.column(name) for name in ("previous_hash", "hash")),
)
