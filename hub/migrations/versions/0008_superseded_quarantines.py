"""Why rows were given up is a code with its facts; quarantines that a later replace closed are given up

Revision 0008. Revision 0002 opened the rejected rows of every published batch, of those too whose rows a
later batch had replaced: an old row must not come into a newer whole.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

EXPIRED = "Masa simpan karantina habis."
SUPERSEDED = "Digantikan oleh kiriman {batch}, yang mengganti semua baris."
NAMED = re.compile(re.escape(SUPERSEDED).replace(r"\{batch\}", "([0-9a-f]{32})"))
BATCH = sa.table(
    "hub_batch",
    sa.column("id", sa.String()),
    sa.column("dataset", sa.String()),
    sa.column("mode", sa.String()),
    sa.column("release", sa.Integer()),
    sa.column("open_rows", sa.Integer()),
    sa.column("given_up_rows", sa.Integer()),
    sa.column("given_up_why", sa.String()),
    sa.column("given_up_code", sa.String()),
    sa.column("given_up_facts", sa.JSON()),
)


def upgrade() -> None:
    op.add_column(
        "hub_batch",
        sa.Column("given_up_code", sa.String(32), nullable=False, server_default=""),
    )
    op.add_column("hub_batch", sa.Column("given_up_facts", sa.JSON(), nullable=True))
    _sentences_become_codes()
    _close_superseded()


def downgrade() -> None:
    """What was given up stays so; its reason is a sentence again."""
    connection = op.get_bind()
    coded = sa.select(BATCH.c.id, BATCH.c.given_up_code, BATCH.c.given_up_facts).where(
        BATCH.c.given_up_code.in_(("expired", "superseded"))
    )
    for batch, code, facts in connection.execute(coded).all():
        why = EXPIRED if code == "expired" else SUPERSEDED.format(**facts)
        connection.execute(sa.update(BATCH).where(BATCH.c.id == batch).values(given_up_why=why))
    op.drop_column("hub_batch", "given_up_facts")
    op.drop_column("hub_batch", "given_up_code")


def _sentences_become_codes() -> None:
    connection = op.get_bind()
    given_up = sa.select(BATCH.c.id, BATCH.c.given_up_why).where(BATCH.c.given_up_why != "")
    for batch, why in connection.execute(given_up).all():
        named = NAMED.fullmatch(why)
        code, facts, words = "said", {}, why
        if why == EXPIRED:
            code, words = "expired", ""
        elif named:
            code, facts, words = "superseded", {"batch": named[1]}, ""
        connection.execute(
            sa.update(BATCH)
            .where(BATCH.c.id == batch)
            .values(given_up_code=code, given_up_facts=facts, given_up_why=words)
        )


def _close_superseded() -> None:
    """Only what was published has a release; the first later one in mode `replace` closed the quarantine."""
    connection = op.get_bind()
    later = BATCH.alias("later")
    closing = (
        sa.select(later.c.id)
        .where(
            later.c.dataset == BATCH.c.dataset,
            later.c.mode == "replace",
            later.c.release > BATCH.c.release,
        )
        .order_by(later.c.release)
        .limit(1)
        .correlate(BATCH)
        .scalar_subquery()
    )
    still_open = sa.select(BATCH.c.id, closing).where(BATCH.c.open_rows > 0)
    for batch, by in connection.execute(still_open).all():
        if by is not None:
            connection.execute(
                sa.update(BATCH)
                .where(BATCH.c.id == batch)
                .values(
                    given_up_rows=BATCH.c.given_up_rows + BATCH.c.open_rows,
                    open_rows=0,
                    given_up_code="superseded",
                    given_up_facts={"batch": by},
                )
            )
