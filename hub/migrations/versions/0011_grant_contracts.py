"""Signed contracts: masks, quota, use, signatures

Grants from before keep working under the text and digest they were given under. Nobody signs for
anybody here: what stands in for the signatures of those days is what the hub's ledger attested then,
the entries "grant.issued" and "request.submitted" with the hub's own receipt under each.

Revision 0011.
"""

import json
from datetime import UTC, datetime
from typing import Any

import rfc8785
import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CARRIED_FORM = 0


def upgrade() -> None:
    for table in ("hub_access_request", "hub_grant"):
        op.add_column(
            table, sa.Column("use", sa.String(), nullable=False, server_default=sa.text("'read'"))
        )
        op.add_column(table, sa.Column("daily_rows", sa.Integer(), nullable=True))
        op.add_column(
            table, sa.Column("may_store", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        op.add_column(table, sa.Column("supersedes", sa.String(), nullable=True))
    op.add_column(
        "hub_access_request",
        sa.Column("masks", sa.JSON(), nullable=False, server_default=sa.text("'{}'")),
    )
    for column in (
        sa.Column("form", sa.Integer(), nullable=False, server_default=sa.text("1")),
        sa.Column("text", sa.String(), nullable=False, server_default=sa.text("''")),
        sa.Column("waits_until", UtcDateTime(), nullable=True),
    ):
        op.add_column("hub_grant", column)
    op.create_table(
        "hub_grant_signature",
        sa.Column("grant", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("signer", sa.JSON(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("cites", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["grant"], ["hub_grant.id"]),
        sa.PrimaryKeyConstraint("grant", "side", "kind"),
    )
    op.create_table(
        "hub_agency_key",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("jwk", sa.JSON(), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.Column("registered_by", sa.String(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["agency"], ["hub_agency.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_hub_agency_key_agency", "hub_agency_key", ["agency"])
    op.create_table(
        "hub_agency_key_only",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["hub_agency.code"]),
        sa.PrimaryKeyConstraint("agency"),
    )
    # Nobody asked for it, and the plain answer for personal data is no.
    op.execute(sa.text("UPDATE hub_access_request SET may_store = false WHERE personal"))
    _carry_over()


def downgrade() -> None:
    op.drop_table("hub_agency_key_only")
    op.drop_index("ix_hub_agency_key_agency", "hub_agency_key")
    op.drop_table("hub_agency_key")
    op.drop_table("hub_grant_signature")
    for column in ("waits_until", "text", "form"):
        op.drop_column("hub_grant", column)
    op.drop_column("hub_access_request", "masks")
    for table in ("hub_access_request", "hub_grant"):
        for column in ("supersedes", "may_store", "daily_rows", "use"):
            op.drop_column(table, column)


GRANTS = sa.table(
    "hub_grant",
    sa.column("id", sa.String()),
    sa.column("target_type", sa.String()),
    sa.column("target", sa.String()),
    sa.column("producer", sa.String()),
    sa.column("access_class", sa.String()),
    sa.column("grantee_agency", sa.String()),
    sa.column("grantee", sa.String()),
    sa.column("columns", sa.JSON()),
    sa.column("filter", sa.JSON()),
    sa.column("masks", sa.JSON()),
    sa.column("purpose", sa.String()),
    sa.column("basis", sa.String()),
    sa.column("starts_at", UtcDateTime()),
    sa.column("expires_at", UtcDateTime()),
    sa.column("request", sa.String()),
    sa.column("form", sa.Integer()),
    sa.column("text", sa.String()),
)
ENTRIES = sa.table(
    "hub_ledger_entry",
    sa.column("id", sa.String()),
    sa.column("at", UtcDateTime()),
    sa.column("kind", sa.String()),
    sa.column("body", sa.LargeBinary()),
    sa.column("signature", sa.String()),
    sa.column("target_type", sa.String()),
    sa.column("target_id", sa.String()),
)
SIGNATURES = sa.table(
    "hub_grant_signature",
    sa.column("grant", sa.String()),
    sa.column("side", sa.String()),
    sa.column("kind", sa.String()),
    sa.column("key_id", sa.String()),
    sa.column("signer", sa.JSON()),
    sa.column("statement", sa.String()),
    sa.column("signature", sa.String()),
    sa.column("at", UtcDateTime()),
    sa.column("cites", sa.JSON()),
)


def _carry_over() -> None:
    """Each grant gets the text of its old contract, and the ledger's word for its two sides."""
    connection = op.get_bind()
    columns = [c for c in GRANTS.c if c.name not in ("access_class", "form", "text")]
    # As text: the type of the column is an enumeration on PostgreSQL.
    kind = sa.cast(GRANTS.c.access_class, sa.String()).label("access_class")
    for row in connection.execute(sa.select(*columns, kind)).all():
        connection.execute(
            sa.update(GRANTS)
            .where(GRANTS.c.id == row.id)
            .values(form=CARRIED_FORM, text=_old_text(row))
        )
        _attested(connection, row.id, "producer", "grant.issued", "grant", row.id)
        _attested(connection, row.id, "consumer", "request.submitted", "request", row.request)


def _attested(
    connection: sa.Connection, grant: str, side: str, kind: str, of: str, target: str
) -> None:
    found = connection.execute(
        sa.select(ENTRIES)
        .where(ENTRIES.c.target_type == of, ENTRIES.c.target_id == target, ENTRIES.c.kind == kind)
        .limit(1)
    ).first()
    if found is None:  # no entry, no signature: the grant opens nothing any more
        return
    statement = bytes(found.body).decode()
    connection.execute(
        sa.insert(SIGNATURES).values(
            grant=grant,
            side=side,
            kind="hub_attested",
            key_id="",
            signer=json.loads(statement)["actor"],
            statement=statement,
            signature=found.signature,
            at=found.at,
            cites=[found.id],
        )
    )


def _old_text(row: Any) -> str:
    """The contract as it was worded before this revision; its digest is in the ledger."""
    return rfc8785.dumps(
        {
            "id": row.id,
            "target": {"type": row.target_type, "id": row.target},
            "producer": row.producer,
            "access_class": row.access_class,
            "grantee": {"agency": row.grantee_agency, "party": row.grantee},
            "columns": row.columns,
            "filter": row.filter,
            "masks": row.masks,
            "purpose": row.purpose,
            "basis": row.basis,
            "starts_at": _moment(row.starts_at),
            "expires_at": _moment(row.expires_at),
        }
    ).decode()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
