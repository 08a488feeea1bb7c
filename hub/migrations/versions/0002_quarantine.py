"""Rejected rows are open, mended or given up, and a batch may correct another

Revision 0002.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counts = ("open_rows", "mended_rows", "given_up_rows")
    added: list[sa.Column[Any]] = [
        sa.Column("corrects", sa.String(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in counts),
        sa.Column("given_up_why", sa.String(), nullable=False, server_default=""),
        sa.Column("commonest", sa.JSON(), nullable=True),
        sa.Column("quarantine_dropped_at", UtcDateTime(), nullable=True),
    ]
    for column in added:
        op.add_column("hub_batch", column)
    op.create_index("ix_hub_batch_corrects", "hub_batch", ["corrects"], unique=False)
    op.create_index("ix_hub_batch_open_rows", "hub_batch", ["open_rows"], unique=False)
    op.execute("UPDATE hub_batch SET open_rows = rejected WHERE state = 'PUBLISHED'")
    op.create_table(
        "hub_mending",
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["hub_batch.id"]),
        sa.PrimaryKeyConstraint("batch"),
    )


def downgrade() -> None:
    op.drop_table("hub_mending")
    op.drop_index("ix_hub_batch_open_rows", "hub_batch")
    op.drop_index("ix_hub_batch_corrects", "hub_batch")
    for name in (
        "quarantine_dropped_at",
        "commonest",
        "given_up_why",
        "given_up_rows",
        "mended_rows",
        "open_rows",
        "corrects",
    ):
        op.drop_column("hub_batch", name)
