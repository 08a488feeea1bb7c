"""One-time codes, rosters of people, days of the regency's own, priority data

Revision 0015.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _entry_code()
    _roster()
    _local_day()
    _priority_data()


def downgrade() -> None:
    for table in (
        "hub_priority_data",
        "hub_local_day",
        "hub_agency_roster",
        "hub_auth_entry_code",
    ):
        op.drop_table(table)


def _entry_code() -> None:
    op.create_table(
        "hub_auth_entry_code",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["hub_auth_person.id"]),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_hub_auth_entry_code_person", "hub_auth_entry_code", ["person"])


def _roster() -> None:
    op.create_table(
        "hub_agency_roster",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("applied_at", UtcDateTime(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _local_day() -> None:
    op.create_table(
        "hub_local_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("applies_to", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("day", "applies_to"),
    )


def _priority_data() -> None:
    op.create_table(
        "hub_priority_data",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=True),
        sa.Column("frequency", sa.String(length=32), nullable=False),
        sa.Column("first_due", sa.Date(), nullable=True),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["hub_agency.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_hub_priority_data_agency", "hub_priority_data", ["agency"])
    op.create_index("ix_hub_priority_data_dataset", "hub_priority_data", ["dataset"])
