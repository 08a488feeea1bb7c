"""Edges between records: what joins, per reference and pair of datasets

Revision 0007.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_reference_edge",
        sa.Column("from_dataset", sa.String(), nullable=False),
        sa.Column("reference", sa.Integer(), nullable=False),
        sa.Column("to_dataset", sa.String(), nullable=False),
        sa.Column("from_release", sa.Integer(), nullable=False),
        sa.Column("to_release", sa.Integer(), nullable=False),
        sa.Column("via", sa.JSON(), nullable=False),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("match", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("one", sa.Integer(), nullable=False),
        sa.Column("several", sa.Integer(), nullable=False),
        sa.Column("none", sa.Integer(), nullable=False),
        sa.Column("empty", sa.Integer(), nullable=False),
        sa.Column("edges", sa.BigInteger(), nullable=False),
        sa.Column("agency_column", sa.String(), nullable=True),
        sa.Column("by_agency", sa.JSON(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("computed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["from_dataset"], ["catalog_dataset.id"]),
        sa.ForeignKeyConstraint(["to_dataset"], ["catalog_dataset.id"]),
        sa.PrimaryKeyConstraint("from_dataset", "reference", "to_dataset"),
    )
    with op.batch_alter_table("hub_reference_edge") as batch:
        batch.create_index("ix_hub_reference_edge_to_dataset", ["to_dataset"])


def downgrade() -> None:
    op.drop_table("hub_reference_edge")
