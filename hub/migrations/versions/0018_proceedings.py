"""Rule books, proceedings, their steps and planned notices

Revision 0018.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_rule_book",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("put_by", sa.String(), nullable=False),
        sa.Column("put_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version"),
    )
    op.create_table(
        "hub_proceeding",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("procedure", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("entered_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("requester", sa.String(), nullable=True),
        sa.Column("producer", sa.String(), nullable=True),
        sa.Column("dataset", sa.String(), nullable=True),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("client", sa.String(), nullable=True),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("last_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("hub_proceeding") as batch:
        for column in ("procedure", "state", "due_at", "requester", "producer", "dataset"):
            batch.create_index(f"ix_hub_proceeding_{column}", [column])
    op.create_table(
        "hub_proceeding_step",
        sa.Column("proceeding", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=False),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("by_clock", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.JSON(), nullable=False),
        sa.Column("post_title", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["proceeding"], ["hub_proceeding.id"]),
        sa.PrimaryKeyConstraint("proceeding", "number"),
    )
    with op.batch_alter_table("hub_proceeding_step") as batch:
        batch.create_index("ix_hub_proceeding_step_at", ["at"])
    op.create_table(
        "hub_proceeding_notice",
        sa.Column("proceeding", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["proceeding"], ["hub_proceeding.id"]),
        sa.PrimaryKeyConstraint("proceeding", "step", "mark", "to"),
    )
    with op.batch_alter_table("hub_proceeding_notice") as batch:
        batch.create_index("ix_hub_proceeding_notice_state", ["state"])
    op.create_table(
        "hub_proceeding_heartbeat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("hub_proceeding_heartbeat")
    op.drop_table("hub_proceeding_notice")
    op.drop_table("hub_proceeding_step")
    op.drop_table("hub_proceeding")
    op.drop_table("hub_rule_book")
