"""Whom reads were about; processing records, assessments, breaches and disposals

Revision 0022.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _reads()


def _reads() -> None:
    op.create_table(
        "hub_personal_read",
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("grant", sa.String(), nullable=True),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("recorded", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("entry"),
    )
    op.create_index(
        "ix_hub_personal_read_of_set", "hub_personal_read", ["dataset", "release", "recorded"]
    )
    op.create_table(
        "hub_read_subject",
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("entry", "subject"),
    )
    op.create_index("ix_hub_read_subject_subject", "hub_read_subject", ["subject"])


def downgrade() -> None:
    op.drop_table("hub_read_subject")
    op.drop_table("hub_personal_read")
