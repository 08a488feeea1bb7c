"""Codes that change every 30 seconds (RFC 6238: HMAC-SHA-1, six digits, what every app shows)."""

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
AROUND = 1
"""Steps before and after this one that are taken as well: clocks of telephones are not exact."""


def new_secret() -> str:
    """160 random bits in base32, as people type it into an app."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def step_of(now: datetime) -> int:
    return int(now.timestamp()) // SECONDS


def code_at(secret: str, step: int) -> str:
    """RFC 4226 §5.3."""
    mac = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0xF
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_that_matches(secret: str, code: str, *, now: datetime) -> int | None:
    """The step around `now` whose code this is; every one of them is compared."""
    here = step_of(now)
    found = [
        step
        for step in range(here - AROUND, here + AROUND + 1)
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode())
    ]
    return found[-1] if found else None


def address_of(secret: str, *, issuer: str, username: str) -> str:
    """What the QR code says to an app (otpauth URI, as Google Authenticator defined it)."""
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(username)}?{query}"
