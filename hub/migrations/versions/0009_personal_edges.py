"""Edges that lead to personal columns

Revision 0009. Which columns are personal stands in the schemas, so what is known of edges is forgotten, and
the worker joins them anew from the events of the releases.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM hub_reference_edge")
    op.execute("UPDATE hub_outbox_cursor SET position = 0 WHERE subscriber = 'threads.edges'")
    op.add_column(
        "hub_reference_edge",
        sa.Column("personal", sa.JSON(), nullable=False, server_default="[]"),
    )


def downgrade() -> None:
    op.drop_column("hub_reference_edge", "personal")
