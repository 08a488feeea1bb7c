"""Drafts of schemas between steward and walidata

Revision 0005.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_schema_draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_form", sa.String(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["hub_agency.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("agency", "state"):
        op.create_index(f"ix_hub_schema_draft_{name}", "hub_schema_draft", [name], unique=False)


def downgrade() -> None:
    op.drop_table("hub_schema_draft")
