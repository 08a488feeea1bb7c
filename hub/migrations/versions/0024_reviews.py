"""Reviews before collecting

Revision 0024.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_variable",
        sa.Column("schema_name", sa.String(), nullable=False),
        sa.Column("schema_version", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("concept", sa.String(), nullable=False),
        sa.Column("personal", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("schema_name", "schema_version", "name"),
    )
    for column in ("word", "term", "concept"):
        op.create_index(f"ix_hub_variable_{column}", "hub_variable", [column])
    op.create_table(
        "hub_collection_reason",
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("holders", sa.JSON(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["catalog_dataset.id"]),
        sa.PrimaryKeyConstraint("dataset", "field"),
    )
    op.create_table(
        "hub_review",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("schema_name", sa.String(), nullable=False),
        sa.Column("schema_version", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("excluded", sa.JSON(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["catalog_dataset.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_hub_review_dataset", "hub_review", ["dataset"])
    op.create_index("ix_hub_review_agency", "hub_review", ["agency"])
    op.create_table(
        "hub_review_opinion",
        sa.Column("review", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.String(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("post_title", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["review"], ["hub_review.id"]),
        sa.PrimaryKeyConstraint("review", "round", "reviewer"),
    )


def downgrade() -> None:
    op.drop_table("hub_review_opinion")
    op.drop_table("hub_review")
    op.drop_table("hub_collection_reason")
    op.drop_table("hub_variable")
