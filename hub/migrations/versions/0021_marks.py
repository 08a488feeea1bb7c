"""Marks on rows that are reported wrong

Revision 0021.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalog_mark",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("key", sa.JSON(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("says", sa.String(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["dataset"], ["catalog_dataset.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "catalog_marked",
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["catalog_dataset.id"]),
        sa.PrimaryKeyConstraint("dataset"),
    )
    op.create_table(
        "hub_correction_report",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("key", sa.JSON(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("observed", sa.String(), nullable=True),
        sa.Column("suggested", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("evidence_entry", sa.String(), nullable=False),
        sa.Column("reporter_kind", sa.String(), nullable=False),
        sa.Column("reporter", sa.String(), nullable=False),
        sa.Column("reporter_agency", sa.String(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("fixed_in", sa.Integer(), nullable=True),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["catalog_dataset.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "hub_correction_joined",
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("reporter", sa.String(), nullable=False),
        sa.Column("reporter_kind", sa.String(), nullable=False),
        sa.Column("reporter_agency", sa.String(), nullable=True),
        sa.Column("suggested", sa.String(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("evidence_entry", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["report"], ["hub_correction_report.id"]),
        sa.PrimaryKeyConstraint("report", "reporter"),
    )
    for table, column in INDEXED:
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index(
        "ix_hub_correction_report_who", "hub_correction_report", ["dataset", "reporter"]
    )


def downgrade() -> None:
    for table in (
        "hub_correction_joined",
        "hub_correction_report",
        "catalog_marked",
        "catalog_mark",
    ):
        op.drop_table(table)


INDEXED = (
    ("catalog_mark", "dataset"),
    ("hub_correction_report", "dataset"),
    ("hub_correction_report", "agency"),
    ("hub_correction_report", "reporter"),
    ("hub_correction_report", "reporter_agency"),
    ("hub_correction_joined", "reporter_agency"),
)
