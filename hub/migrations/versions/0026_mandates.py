"""Mandates that posts carry

Revision 0026.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_mandate",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("named_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["hub_agency_post.id"]),
        sa.PrimaryKeyConstraint("name", "post"),
    )


def downgrade() -> None:
    op.drop_table("hub_mandate")
