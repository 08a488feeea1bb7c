"""Raises of access classes that wait for confirmation

Revision 0023.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_class_raise",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("to_class", sa.String(32), nullable=False),
        sa.Column("fallback", sa.String(32), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("test_number", sa.String(), nullable=False),
        sa.Column("test_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("hub_class_raise") as batch:
        batch.create_index("ix_hub_class_raise_dataset", ["dataset"])
        batch.create_index("ix_hub_class_raise_agency", ["agency"])


def downgrade() -> None:
    op.drop_table("hub_class_raise")
