"""Roles belong to posts (jabatan), not to persons, so that they survive rotation."""

from enum import StrEnum

from hub.auth import scopes


class Role(StrEnum):
    STEWARD = "steward"
    HEAD = "head"
    WALIDATA = "walidata"
    ANALYST = "analyst"
    RW = "rw"
    EXECUTIVE = "executive"
    AUDITOR = "auditor"


OWNING_ROLES = (Role.STEWARD, Role.HEAD, Role.ANALYST)
"""Roles that read the data of their own agency."""

READING = frozenset({scopes.CATALOG_READ, scopes.DATA_READ})
"""Everybody who signs in may look and may read what a grant opens."""

SCOPES_OF: dict[Role, frozenset[str]] = {
    Role.STEWARD: READING
    | {
        scopes.DATA_WRITE,
        scopes.DATASET_WRITE,
        scopes.SCHEMA_WRITE,
        scopes.SOURCE_WRITE,
        scopes.REQUEST_WRITE,
        scopes.REQUEST_DECIDE,
    },
    Role.HEAD: READING | {scopes.REQUEST_WRITE, scopes.REQUEST_DECIDE},
    Role.WALIDATA: scopes.ALL,
    Role.ANALYST: READING | {scopes.REQUEST_WRITE},
    Role.RW: READING,
    Role.EXECUTIVE: READING | {scopes.REQUEST_DECIDE},
    Role.AUDITOR: READING | {scopes.AUDIT_READ},
}


def scopes_of(roles: frozenset[Role]) -> frozenset[str]:
    """What a person with these roles may do; with none, only read."""
    return READING.union(*(SCOPES_OF[role] for role in roles))
