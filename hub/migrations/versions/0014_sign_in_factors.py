"""Second factors, recovery codes, outside identities, sessions that can be told apart

Revision 0014. Sign-ins that are open stay open; of these no browser is known.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SESSION = ("browser", "network", "provider", "outside_session")


def upgrade() -> None:
    _widen()
    _second_factor()
    _outside()


def downgrade() -> None:
    for table in (
        "hub_outside_seat",
        "hub_outside_role",
        "hub_auth_outside_attempt",
        "hub_auth_outside_identity",
        "hub_auth_half_sign_in",
        "hub_auth_recovery_code",
        "hub_auth_authenticator",
    ):
        op.drop_table(table)
    op.drop_column("hub_auth_personal_token", "actions")
    op.drop_index("ix_hub_auth_session_outside_session", "hub_auth_session")
    op.drop_index("ix_hub_auth_session_id", "hub_auth_session")
    for name in ("second_factor", *reversed(SESSION), "id"):
        op.drop_column("hub_auth_session", name)


def _widen() -> None:
    op.add_column("hub_auth_personal_token", sa.Column("actions", sa.JSON(), nullable=True))
    op.add_column(
        "hub_auth_session", sa.Column("id", sa.String(), nullable=False, server_default="")
    )
    # Half of the hash of a secret that nobody can guess tells nothing of it.
    op.execute("UPDATE hub_auth_session SET id = substr(hash, 1, 32)")
    op.create_index("ix_hub_auth_session_id", "hub_auth_session", ["id"], unique=True)
    for name in SESSION:
        op.add_column(
            "hub_auth_session", sa.Column(name, sa.String(), nullable=False, server_default="")
        )
    op.create_index("ix_hub_auth_session_outside_session", "hub_auth_session", ["outside_session"])
    op.add_column(
        "hub_auth_session",
        sa.Column("second_factor", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def _second_factor() -> None:
    op.create_table(
        "hub_auth_authenticator",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["hub_auth_person.id"]),
        sa.PrimaryKeyConstraint("person"),
    )
    op.create_table(
        "hub_auth_recovery_code",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["hub_auth_person.id"]),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_hub_auth_recovery_code_person", "hub_auth_recovery_code", ["person"])
    op.create_table(
        "hub_auth_half_sign_in",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("outside_session", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["hub_auth_person.id"]),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_hub_auth_half_sign_in_person", "hub_auth_half_sign_in", ["person"])


def _outside() -> None:
    op.create_table(
        "hub_auth_outside_identity",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["hub_auth_person.id"]),
        sa.PrimaryKeyConstraint("issuer", "subject"),
    )
    op.create_index("ix_hub_auth_outside_identity_person", "hub_auth_outside_identity", ["person"])
    op.create_table(
        "hub_auth_outside_attempt",
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("verifier", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["hub_auth_person.id"]),
        sa.PrimaryKeyConstraint("state"),
    )
    op.create_table(
        "hub_outside_role",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["hub_agency_post.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("provider", "value", "post"),
    )
    op.create_index("ix_hub_outside_role_post", "hub_outside_role", ["post"])
    op.create_table(
        "hub_outside_seat",
        sa.Column("holding", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["holding"], ["hub_agency_holding.id"]),
        sa.PrimaryKeyConstraint("holding"),
    )
