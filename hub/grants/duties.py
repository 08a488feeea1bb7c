"""Who may ask, see, decide and take back: the separation of duties around a grant."""

from hub.agencies.principal import Principal
from hub.errors import NotPermitted
from hub.grants.models import AccessRequest, Grant

ASKING_ROLES = ("analyst", "steward", "head", "walidata")
"""Roles that read data for their agency, and so may ask for it."""


def asking_agency(principal: Principal) -> str | None:
    """The agency for which the caller asks; None for a party outside the regency.

    Raises NotPermitted for members whose role reads no rows (rw, executive, auditor).
    """
    if not principal.posts:
        return None
    asking = (post.agency for post in principal.posts if post.role in ASKING_ROLES)
    agency = next(asking, None)
    if agency is None:
        raise NotPermitted(
            "Peran Anda tidak membaca data, jadi tidak mengajukan permintaan data.",
            "Your role reads no data, so it cannot ask for any.",
        )
    return agency


def may_see_request(principal: Principal, request: AccessRequest) -> bool:
    """The requester, his agency, those who answer for the producer, the walidata."""
    return principal.reaches(request.target) and (
        (request.requester_kind, request.requester) == _self(principal)
        or (request.agency is not None and principal.is_member_of(request.agency))
        or answers_for(principal, request.producer)
    )


def may_see_grant(principal: Principal, grant: Grant) -> bool:
    """Those who received it, those who answer for the producer, the walidata."""
    return principal.reaches(grant.target) and (
        grant.grantee == principal.id
        or (grant.grantee_agency is not None and principal.is_member_of(grant.grantee_agency))
        or answers_for(principal, grant.producer)
    )


def answers_for(principal: Principal, producer: str) -> bool:
    return principal.has("walidata") or any(
        principal.holds(role, producer) for role in ("head", "steward")
    )


def check_decider(principal: Principal, request: AccessRequest) -> None:
    """Head of the producer or walidata, and never anybody of the side that asks."""
    principal.must("request:decide")
    if not (principal.has("walidata") or principal.holds("head", request.producer)):
        raise NotPermitted(
            "Hanya kepala instansi produsen atau walidata yang memutus permintaan ini.",
            "Only the head of the producing agency or the walidata decides on this request.",
        )
    asks = (request.requester_kind, request.requester) == _self(principal)
    if asks or (request.agency is not None and principal.is_member_of(request.agency)):
        raise NotPermitted(
            "Pihak yang mengajukan permintaan tidak boleh memutusnya.",
            "The side that made the request may not decide on it.",
        )


def check_revoker(principal: Principal, grant: Grant) -> None:
    """Head or steward of the producer, or the walidata."""
    principal.must("request:decide")
    if not answers_for(principal, grant.producer):
        raise NotPermitted(
            "Hanya kepala atau steward instansi produsen, atau walidata, yang mencabut hak akses.",
            "Only the head or steward of the producer, or the walidata, revokes a grant.",
        )


def _self(principal: Principal) -> tuple[str, str]:
    return principal.identity.kind, principal.id
