"""A running PostgreSQL on its usual loopback port, if there is one that lets us in."""

import os
from functools import cache

import psycopg

USERS = ("postgres", os.environ.get("USER", "root"))


def connect(user: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(
        host="127.0.0.1", port=5432, user=user, dbname="postgres", connect_timeout=2
    )


@cache
def server() -> str | None:
    """The user as whom it lets us make databases; None when there is no server for us."""
    for user in USERS:
        try:
            with connect(user) as connection:
                may = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                if connection.execute(may).fetchone() == (True,):
                    return user
        except psycopg.OperationalError:
            continue
    return None
