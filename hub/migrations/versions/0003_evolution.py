"""Schemas have a mode, majors and promises end with a notice

Revision 0003.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_schema_subject",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "hub_schema_notice",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("major", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("by_version", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", "major"),
    )
    op.create_table(
        "hub_promise_notice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("announced_by", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["catalog_dataset.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_hub_promise_notice_dataset", "hub_promise_notice", ["dataset"], unique=False
    )


def downgrade() -> None:
    op.drop_table("hub_promise_notice")
    op.drop_table("hub_schema_notice")
    op.drop_table("hub_schema_subject")
