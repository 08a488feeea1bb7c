"""Notices and what goes out

Revision 0019.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _notices()
    _outgoing()
    op.create_table(
        "hub_notice_ways",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("by_phone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["hub_auth_person.id"]),
        sa.PrimaryKeyConstraint("person"),
    )
    op.create_table(
        "hub_notice_webhook",
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["agency"], ["hub_agency.code"]),
        sa.PrimaryKeyConstraint("agency"),
    )


def _notices() -> None:
    op.create_table(
        "hub_notice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("once", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=True),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("subject_en", sa.String(), nullable=False),
        sa.Column("body_id", sa.String(), nullable=False),
        sa.Column("body_en", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("address_at", UtcDateTime(), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["post"], ["hub_agency_post.id"]),
        sa.ForeignKeyConstraint(["person"], ["hub_auth_person.id"]),
        sa.ForeignKeyConstraint(["agency"], ["hub_agency.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("once", "recipient", name="hub_notice_once"),
    )
    with op.batch_alter_table("hub_notice") as batch:
        batch.create_index("ix_hub_notice_post", ["post"])
        batch.create_index("ix_hub_notice_person", ["person"])
        batch.create_index("ix_hub_notice_written_at", ["written_at"])
        batch.create_index("ix_hub_notice_address_at", ["address_at"])


def _outgoing() -> None:
    op.create_table(
        "hub_notice_outgoing",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("notice", sa.String(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["notice"], ["hub_notice.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("notice", "channel", "target", name="hub_notice_outgoing_once"),
    )
    with op.batch_alter_table("hub_notice_outgoing") as batch:
        batch.create_index("hub_notice_outgoing_due", ["channel", "next_at"])
        batch.create_index("ix_hub_notice_outgoing_created_at", ["created_at"])


def downgrade() -> None:
    op.drop_table("hub_notice_webhook")
    op.drop_table("hub_notice_ways")
    op.drop_table("hub_notice_outgoing")
    op.drop_table("hub_notice")
