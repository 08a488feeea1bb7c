"""Alembic's entry: runs revisions on the engine that `hub.migrations.upgrade` hands over."""

from alembic import context

from hub.tables import metadata

target_metadata = metadata


def run() -> None:
    engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
