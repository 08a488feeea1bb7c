"""What a program learns of a person who allowed it: OpenID Connect's standard claims."""

from typing import Any

from hub.auth import scopes
from hub.auth.models import Person

CLAIMS = ("sub", "name", "preferred_username", "email", "email_verified")


def claims_of(person: Person, granted: frozenset[str]) -> dict[str, Any]:
    """Always `sub`; name and address only when she allowed them, an address only when there is one."""
    claims: dict[str, Any] = {"sub": person.id}
    if scopes.PROFILE in granted:
        claims |= {"name": person.name, "preferred_username": person.username}
    if scopes.EMAIL in granted and person.email:
        # The walidata writes it down; nobody has proved that it reaches her.
        claims |= {"email": person.email, "email_verified": False}
    return claims
