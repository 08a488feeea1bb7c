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
    _breaches()
    _records()
    _disposals()
    _assessments()


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


def _breaches() -> None:
    op.create_table(
        "hub_privacy_breach",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("party", sa.String(), nullable=True),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("handling", sa.String(), nullable=False),
        sa.Column("known_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_because", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_hub_privacy_breach_state", "hub_privacy_breach", ["state"])


def _records() -> None:
    op.create_table(
        "hub_processing_record",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("grant", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("controller", sa.String(), nullable=False),
        sa.Column("processor", sa.String(), nullable=True),
        sa.Column("recipient", sa.String(), nullable=True),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("activity", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("basis_stated", sa.Boolean(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("subject_categories", sa.JSON(), nullable=False),
        sa.Column("data_categories", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("abroad", sa.Boolean(), nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=False),
        sa.Column("disposal", sa.JSON(), nullable=False),
        sa.Column("safeguards", sa.JSON(), nullable=False),
        sa.Column("assessment", sa.JSON(), nullable=False),
        sa.Column("officer", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("carried", sa.Boolean(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["grant"], ["hub_grant.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("grant"),
    )
    for column in ("dataset", "controller", "recipient"):
        op.create_index(f"ix_hub_processing_record_{column}", "hub_processing_record", [column])


def _disposals() -> None:
    op.create_table(
        "hub_disposal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=True),
        sa.Column("what", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("gone_at", UtcDateTime(), nullable=True),
        sa.Column("entry", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("kind", "dataset"):
        op.create_index(f"ix_hub_disposal_{column}", "hub_disposal", [column])
    op.add_column("catalog_release", sa.Column("disposed_at", UtcDateTime(), nullable=True))


def _assessments() -> None:
    op.create_table(
        "hub_assessment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("triggers", sa.JSON(), nullable=False),
        sa.Column("risks", sa.String(), nullable=False),
        sa.Column("measures", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("attachment", sa.String(), nullable=False),
        sa.Column("opinion", sa.JSON(), nullable=True),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("agency", "dataset"):
        op.create_index(f"ix_hub_assessment_{column}", "hub_assessment", [column])
    op.create_table(
        "hub_assessed_request",
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("assessment", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["request"], ["hub_access_request.id"]),
        sa.ForeignKeyConstraint(["assessment"], ["hub_assessment.id"]),
        sa.PrimaryKeyConstraint("request", "assessment"),
    )


def downgrade() -> None:
    op.drop_table("hub_assessed_request")
    op.drop_table("hub_assessment")
    with op.batch_alter_table("catalog_release") as batch:
        batch.drop_column("disposed_at")
    op.drop_table("hub_disposal")
    op.drop_table("hub_processing_record")
    op.drop_table("hub_privacy_breach")
    op.drop_table("hub_read_subject")
    op.drop_table("hub_personal_read")
