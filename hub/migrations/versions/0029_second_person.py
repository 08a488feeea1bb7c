"""A batch that waits for a second person

Revision 0029.
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite keeps states as text; in PostgreSQL they are a type of their own.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TYPE batchstate ADD VALUE IF NOT EXISTS 'HELD'")


def downgrade() -> None:
    """PostgreSQL takes no value from a type; one that nobody uses harms nothing."""
