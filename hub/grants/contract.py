"""A grant is a contract: its text in one canonical form, and the digest that names it."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785

from hub.grants.models import Grant


def contract(grant: Grant) -> dict[str, Any]:
    """What both sides agreed to; whatever is not in here may change without a new contract."""
    return {
        "id": grant.id,
        "target": {"type": grant.target_type, "id": grant.target},
        "producer": grant.producer,
        "access_class": grant.access_class,
        "grantee": {"agency": grant.grantee_agency, "party": grant.grantee},
        "columns": grant.columns,
        "filter": grant.filter,
        "masks": grant.masks,
        "purpose": grant.purpose,
        "basis": grant.basis,
        "starts_at": _moment(grant.starts_at),
        "expires_at": _moment(grant.expires_at),
    }


def digest_of(grant: Grant) -> str:
    """SHA-256 of the canonical JSON (RFC 8785) of the contract, in hex."""
    return sha256(rfc8785.dumps(contract(grant))).hexdigest()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
