"""Secrets of 256 random bits. One SHA-256 is enough to store them: nobody guesses what they hash."""

import hashlib
import hmac
import secrets

PERSONAL_PREFIX = "smp_"


def new_secret(prefix: str = "") -> str:
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """SHA-256 in hex; the only form in which a secret is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def matches(secret: str, stored: str) -> bool:
    """Compare in constant time; an empty stored hash matches nothing."""
    return bool(stored) and hmac.compare_digest(digest(secret), stored)
