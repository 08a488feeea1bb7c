"""Where in a workbook the rows of a batch are

Revision 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hub_batch", sa.Column("sheet", sa.String(), nullable=True))
    op.add_column("hub_batch", sa.Column("header_row", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("hub_batch", "header_row")
    op.drop_column("hub_batch", "sheet")
