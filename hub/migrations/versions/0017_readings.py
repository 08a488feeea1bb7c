"""Who read what, per dataset, reader and day

Revision 0017.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_usage_read_count",
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("grant", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("cut", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("dataset", "day", "agency", "party", "grant", "way"),
    )
    with op.batch_alter_table("hub_usage_read_count") as batch:
        batch.create_index("ix_hub_usage_read_count_owner", ["owner"])
    op.create_table(
        "hub_usage_counted_up_to",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    op.drop_table("hub_usage_counted_up_to")
    op.drop_table("hub_usage_read_count")
