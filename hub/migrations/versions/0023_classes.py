"""Classes that wait for confirmation, second signatures, data debts

Revision 0023.
"""

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
