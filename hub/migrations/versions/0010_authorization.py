"""Authorization codes, refresh tokens, redirect addresses

Revision 0010. Programs that there are go on as they were: client_credentials, no addresses.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("public", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("redirect_uris", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column(
            "grant_types", sa.JSON(), nullable=False, server_default='["client_credentials"]'
        ),
    ):
        op.add_column("hub_auth_client", column)
    op.create_table(
        "hub_auth_consent",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["hub_auth_person.id"]),
        sa.ForeignKeyConstraint(["client"], ["hub_auth_client.client_id"]),
        sa.PrimaryKeyConstraint("person", "client"),
    )
    op.create_index("ix_hub_auth_consent_client", "hub_auth_consent", ["client"])
    op.create_table(
        "hub_auth_token_family",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("signed_in_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["hub_auth_client.client_id"]),
        sa.ForeignKeyConstraint(["person"], ["hub_auth_person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_hub_auth_token_family_client", "hub_auth_token_family", ["client"])
    op.create_index("ix_hub_auth_token_family_person", "hub_auth_token_family", ["person"])
    op.create_table(
        "hub_auth_code",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("redirect_uri", sa.String(), nullable=False),
        sa.Column("challenge", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["family"], ["hub_auth_token_family.id"]),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_hub_auth_code_family", "hub_auth_code", ["family"])
    op.create_table(
        "hub_auth_refresh_token",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["family"], ["hub_auth_token_family.id"]),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_hub_auth_refresh_token_family", "hub_auth_refresh_token", ["family"])


def downgrade() -> None:
    op.drop_table("hub_auth_refresh_token")
    op.drop_table("hub_auth_code")
    op.drop_table("hub_auth_token_family")
    op.drop_table("hub_auth_consent")
    for name in ("grant_types", "redirect_uris", "public"):
        op.drop_column("hub_auth_client", name)
