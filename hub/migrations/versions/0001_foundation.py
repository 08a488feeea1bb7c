"""The control plane as the foundation leaves it

Revision 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

from catalog.moments import UtcDateTime
from catalog.search.index import create_index

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "catalog_dataset",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("summary_en", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("schema_name", sa.String(), nullable=False),
        sa.Column("schema_version", sa.String(), nullable=False),
        sa.Column("intake", sa.JSON(), nullable=False),
        sa.Column(
            "access_class",
            sa.Enum(
                "TERBUKA",
                "BERBAGI",
                "TERBATAS",
                "PRIBADI",
                "PRIBADI_SPESIFIK",
                "DIKECUALIKAN",
                name="accessclass",
            ),
            nullable=False,
        ),
        sa.Column("class_note", sa.String(), nullable=False),
        sa.Column("restriction_basis", sa.String(), nullable=False),
        sa.Column("kip_class", sa.String(), nullable=False),
        sa.Column("personal_data", sa.String(), nullable=False),
        sa.Column("priority", sa.Boolean(), nullable=False),
        sa.Column(
            "frequency",
            sa.Enum(
                "REAL_TIME",
                "DAILY",
                "WEEKLY",
                "MONTHLY",
                "QUARTERLY",
                "HALF_YEARLY",
                "YEARLY",
                "INCIDENTAL",
                name="frequency",
            ),
            nullable=False,
        ),
        sa.Column("data_date", sa.Date(), nullable=True),
        sa.Column("update_schedule", sa.String(), nullable=False),
        sa.Column("coverage_area", sa.String(), nullable=False),
        sa.Column("coverage_level", sa.String(), nullable=False),
        sa.Column("reference_codes", sa.JSON(), nullable=False),
        sa.Column("licence", sa.String(), nullable=False),
        sa.Column("contact_post", sa.String(), nullable=False),
        sa.Column("source_note", sa.String(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("catalog_dataset", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_catalog_dataset_access_class"), ["access_class"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_catalog_dataset_agency"), ["agency"], unique=False)
        batch_op.create_index(batch_op.f("ix_catalog_dataset_topic"), ["topic"], unique=False)

    op.create_table(
        "hub_access_request",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("target_type", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("producer", sa.String(), nullable=False),
        sa.Column("requester_kind", sa.String(), nullable=False),
        sa.Column("requester", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("columns", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("filter", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("WAITING", "ACTIVE", "REFUSED", "ENDED", "REVOKED", name="state"),
            nullable=False,
        ),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("ground", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("hub_access_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hub_access_request_agency"), ["agency"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_hub_access_request_producer"), ["producer"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_hub_access_request_requester"), ["requester"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_hub_access_request_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_hub_access_request_target"), ["target"], unique=False)

    op.create_table(
        "hub_agency",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "sekretariat",
                "inspektorat",
                "dinas",
                "badan",
                "kecamatan",
                "kelurahan",
                "unit",
                "pemerintah-daerah",
                "lainnya",
                name="agencykind",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("satker_code", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent"],
            ["hub_agency.code"],
        ),
        sa.PrimaryKeyConstraint("code"),
    )
    with op.batch_alter_table("hub_agency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hub_agency_parent"), ["parent"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_hub_agency_satker_code"), ["satker_code"], unique=False
        )

    op.create_table(
        "hub_auth_client",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("jwks", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("client_id"),
    )
    op.create_table(
        "hub_auth_person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("username"),
    )
    op.create_table(
        "hub_auth_revoked_token",
        sa.Column("jti", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("jti"),
    )
    op.create_table(
        "hub_auth_sign_in_tries",
        sa.Column("name_hash", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name_hash"),
    )
    op.create_table(
        "hub_auth_spent_assertion",
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("jti", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("client", "jti"),
    )
    op.create_table(
        "hub_idempotency",
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", "route"),
    )
    with op.batch_alter_table("hub_idempotency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hub_idempotency_at"), ["at"], unique=False)

    op.create_table(
        "hub_ledger_checkpoint",
        sa.Column(
            "size",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )
    op.create_table(
        "hub_ledger_entry",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("idx", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("target_type", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("idx"),
    )
    with op.batch_alter_table("hub_ledger_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hub_ledger_entry_agency"), ["agency"], unique=False)
        batch_op.create_index(batch_op.f("ix_hub_ledger_entry_owner"), ["owner"], unique=False)
        batch_op.create_index(
            "ix_hub_ledger_entry_target", ["target_type", "target_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_hub_ledger_entry_trace_id"), ["trace_id"], unique=False
        )
        batch_op.create_index(
            "ix_hub_ledger_entry_waiting",
            ["id"],
            unique=False,
            sqlite_where=sa.text("idx IS NULL"),
            postgresql_where=sa.text("idx IS NULL"),
        )

    op.create_table(
        "hub_ledger_node",
        sa.Column(
            "place",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
    )
    op.create_table(
        "hub_outbox_cursor",
        sa.Column("subscriber", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber"),
    )
    op.create_table(
        "hub_outbox_event",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("position"),
    )
    with op.batch_alter_table("hub_outbox_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hub_outbox_event_dataset"), ["dataset"], unique=False)

    op.create_table(
        "hub_schema_version",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version"),
    )
    op.create_table(
        "hub_series",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "catalog_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("delta_version", sa.Integer(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("schema_name", sa.String(), nullable=False),
        sa.Column("schema_version", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"],
            ["catalog_dataset.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dataset", "number"),
    )
    with op.batch_alter_table("catalog_release", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_catalog_release_dataset"), ["dataset"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_catalog_release_published_at"), ["published_at"], unique=False
        )

    op.create_table(
        "catalog_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("keywords", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("sort_title", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"],
            ["catalog_dataset.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("dataset"),
    )
    op.create_table(
        "hub_agency_post",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "steward",
                "head",
                "walidata",
                "analyst",
                "rw",
                "executive",
                "auditor",
                name="role",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["agency"],
            ["hub_agency.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("hub_agency_post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hub_agency_post_agency"), ["agency"], unique=False)

    op.create_table(
        "hub_auth_personal_token",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"],
            ["hub_auth_person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    with op.batch_alter_table("hub_auth_personal_token", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_hub_auth_personal_token_person"), ["person"], unique=False
        )

    op.create_table(
        "hub_auth_session",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"],
            ["hub_auth_person.id"],
        ),
        sa.PrimaryKeyConstraint("hash"),
    )
    with op.batch_alter_table("hub_auth_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hub_auth_session_person"), ["person"], unique=False)

    op.create_table(
        "hub_batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("on_error", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("actor", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("RECEIVED", "PUBLISHED", "REFUSED", "FAILED", name="batchstate"),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("schema_name", sa.String(), nullable=False),
        sa.Column("schema_version", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("receipt", sa.JSON(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("message_en", sa.String(), nullable=False),
        sa.Column(
            "phase", sa.Enum("WAITING", "JUDGING", "STAGING", "DONE", name="phase"), nullable=False
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("try_after", UtcDateTime(), nullable=True),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.Column("trace", sa.String(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dataset"],
            ["catalog_dataset.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("hub_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hub_batch_dataset"), ["dataset"], unique=False)
        batch_op.create_index(batch_op.f("ix_hub_batch_received_at"), ["received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_hub_batch_source"), ["source"], unique=False)
        batch_op.create_index(batch_op.f("ix_hub_batch_state"), ["state"], unique=False)

    op.create_table(
        "hub_grant",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("target_type", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("producer", sa.String(), nullable=False),
        sa.Column(
            "access_class",
            sa.Enum(
                "TERBUKA",
                "BERBAGI",
                "TERBATAS",
                "PRIBADI",
                "PRIBADI_SPESIFIK",
                "DIKECUALIKAN",
                name="accessclass",
            ),
            nullable=False,
        ),
        sa.Column("grantee_agency", sa.String(), nullable=True),
        sa.Column("grantee", sa.String(), nullable=True),
        sa.Column("columns", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("filter", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("masks", sa.JSON(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.Column("revoke_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request"],
            ["hub_access_request.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("hub_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hub_grant_grantee"), ["grantee"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_hub_grant_grantee_agency"), ["grantee_agency"], unique=False
        )
        batch_op.create_index("ix_hub_grant_of_agency", ["target", "grantee_agency"], unique=False)
        batch_op.create_index(batch_op.f("ix_hub_grant_producer"), ["producer"], unique=False)
        batch_op.create_index(batch_op.f("ix_hub_grant_request"), ["request"], unique=False)

    op.create_table(
        "hub_source",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dataset", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("on_error", sa.String(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("next_run_at", UtcDateTime(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"],
            ["catalog_dataset.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("hub_source", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hub_source_dataset"), ["dataset"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_hub_source_next_run_at"), ["next_run_at"], unique=False
        )

    op.create_table(
        "hub_agency_holding",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column(
            "holder_kind",
            sa.Enum("person", "client", name="holderkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["post"],
            ["hub_agency_post.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("hub_agency_holding", schema=None) as batch_op:
        batch_op.create_index("hub_agency_holding_holder", ["holder_kind", "holder"], unique=False)
        batch_op.create_index(batch_op.f("ix_hub_agency_holding_post"), ["post"], unique=False)

    op.create_table(
        "hub_source_run",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("RUNNING", "OK", "NOTHING_NEW", "REFUSED", "FAILED", name="runoutcome"),
            nullable=False,
        ),
        sa.Column("batches", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("layer", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("message_en", sa.String(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source"],
            ["hub_source.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("hub_source_run", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hub_source_run_source"), ["source"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_hub_source_run_started_at"), ["started_at"], unique=False
        )
    create_index(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("the first revision has nothing before it; restore a backup instead")
