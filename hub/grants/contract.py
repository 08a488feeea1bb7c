"""A grant is a contract: its text in one canonical form, and the digest that names it."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785

from hub.grants.models import CARRIED_FORM, READ, Grant

TEXT_VERSION = 1
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def contract(grant: Grant) -> dict[str, Any]:
    """What both sides agreed to; whatever is not in here may change without a new contract."""
    agreed = {
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
    }
    if grant.form == CARRIED_FORM:
        return agreed | _window(grant, "seconds") | _beyond_the_old_form(grant)
    return agreed | _window(grant, "microseconds") | _since_the_first_form(grant)


def text_of(grant: Grant) -> str:
    """The canonical JSON (RFC 8785) of the contract: what is signed."""
    return rfc8785.dumps(contract(grant)).decode()


def says(grant: Grant, text: str) -> bool:
    """Whether this is the text of the contract.

    The standard library's encoder writes the same bytes at a tenth of the cost, unless there are
    fractions or odd names in them: what it does not write alike is written properly and compared.
    """
    if _ENCODER.encode(contract(grant)) == text:
        return True
    try:
        return text_of(grant) == text
    except rfc8785.CanonicalizationError:  # a number that nobody could have signed
        return False


def as_json(grant: Grant) -> dict[str, Any]:
    """The contract as it is read back, also when its row holds what has no canonical form."""
    try:
        told = text_of(grant)
    except rfc8785.CanonicalizationError:
        told = _ENCODER.encode(contract(grant))
    read: dict[str, Any] = json.loads(told)
    return read


def digest_of(grant: Grant) -> str:
    """SHA-256 of the text, in hex."""
    return sha256(text_of(grant).encode()).hexdigest()


def _since_the_first_form(grant: Grant) -> dict[str, Any]:
    return {
        "v": TEXT_VERSION,
        "request": grant.request,
        "supersedes": grant.supersedes,
        "use": grant.use,
        "daily_rows": grant.daily_rows,
        "may_store": grant.may_store,
    }


def _beyond_the_old_form(grant: Grant) -> dict[str, Any]:
    """Members that the old text could not say, where they were altered since; else nothing."""
    now = {"use": grant.use, "daily_rows": grant.daily_rows, "may_store": grant.may_store}
    then = {"use": READ, "daily_rows": None, "may_store": True}
    return {name: value for name, value in now.items() if value != then[name]}


def _window(grant: Grant, precision: str) -> dict[str, str]:
    return {
        "starts_at": _moment(grant.starts_at, precision),
        "expires_at": _moment(grant.expires_at, precision),
    }


def _moment(moment: datetime, precision: str) -> str:
    return moment.astimezone(UTC).isoformat(timespec=precision)
