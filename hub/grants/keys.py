"""Public keys of agencies: registered by the agency, withdrawn by it, never more than the public half."""

from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from hub.agencies.principal import Principal, actor_of
from hub.agencies.service import the_agency
from hub.errors import Conflict, InvalidInput, NotFound, NotPermitted
from hub.grants.models import AgencyKey, KeyOnly
from hub.grants.verify import open_jwk, public_jwk, thumbprint
from hub.ledger.entry import Target
from hub.ledger.service import Ledger
from hub.ledger.verify import NotProven


def register(
    session: Session,
    ledger: Ledger,
    principal: Principal,
    agency: str,
    *,
    name: str,
    jwk: dict[str, Any],
    now: datetime,
) -> AgencyKey:
    """Take up a public key (Ed25519 or P-256); raises InvalidInput for any other, and for a private one."""
    the_agency(session, agency)
    _check_keeper(principal, agency)
    public = _public(jwk)
    key_id = thumbprint(public)
    if session.get(AgencyKey, key_id) is not None:
        raise _known(key_id)
    key = AgencyKey(
        id=key_id,
        agency=agency,
        name=name,
        jwk=public,
        registered_at=now,
        registered_by=principal.id,
    )
    session.add(key)
    try:
        session.flush()  # of two that register one key at the same time one meets the other here
    except IntegrityError as error:
        raise _known(key_id) from error
    _told(session, ledger, principal, key, "key.registered")
    return key


def withdraw(
    session: Session,
    ledger: Ledger,
    principal: Principal,
    agency: str,
    key_id: str,
    *,
    now: datetime,
) -> AgencyKey:
    """End a key; what it signed before stays signed. Raises NotFound, Conflict."""
    _check_keeper(principal, agency)
    key = session.exec(
        select(AgencyKey).where(AgencyKey.id == key_id, AgencyKey.agency == agency)
    ).first()
    if key is None:
        raise NotFound(f"Tidak ada kunci {key_id} pada {agency}.", f"{agency} has no key {key_id}.")
    if key.revoked_at is not None:
        raise Conflict("Kunci ini sudah ditarik.", "This key has been withdrawn.")
    key.revoked_at, key.revoked_by = now, principal.id
    session.add(key)
    _told(session, ledger, principal, key, "key.withdrawn")
    return key


def keys_of(session: Session, agency: str) -> list[AgencyKey]:
    """All keys that the agency ever had, oldest first; public, as keys are."""
    the_agency(session, agency)
    query = select(AgencyKey).where(AgencyKey.agency == agency)
    return list(session.exec(query.order_by(col(AgencyKey.registered_at))))


def sign_by_key_only(
    session: Session,
    ledger: Ledger,
    principal: Principal,
    agency: str,
    *,
    only: bool,
    now: datetime,
) -> bool:
    """Say whether sessions sign for the agency as well; for its head alone, not for the hub's people."""
    the_agency(session, agency)
    if not principal.holds("head", agency) or not principal.can("request:decide"):
        raise NotPermitted(
            "Hanya kepala instansi yang menentukan cara instansinya menandatangani.",
            "Only the head of an agency says how it signs.",
        )
    found = session.get(KeyOnly, agency)
    if only and not _has_live_key(session, agency):
        raise Conflict(
            "Daftarkan kunci instansi lebih dahulu.", "Register a key of the agency first."
        )
    if only == (found is not None):
        return only
    if found is None:
        session.add(KeyOnly(agency=agency, since=now))
    else:
        session.delete(found)
    ledger.record(
        session,
        kind="agency.key_only",
        actor=actor_of(principal, agency),
        target=Target("agency", agency, owner=agency),
        outcome="on" if only else "off",
    )
    return only


def valid_key(session: Session, key_id: object, *, now: datetime) -> AgencyKey:
    """The key that a signature names; raises InvalidInput for an unknown and for a withdrawn one."""
    key = session.get(AgencyKey, key_id) if isinstance(key_id, str) else None
    if key is None or (key.revoked_at is not None and key.revoked_at <= now):
        raise InvalidInput(
            "Kunci (kid) pada tanda tangan tidak terdaftar atau sudah ditarik.",
            "The key (kid) of the signature is not registered, or has been withdrawn.",
            member="kid",
        )
    return key


def _has_live_key(session: Session, agency: str) -> bool:
    live = select(AgencyKey).where(AgencyKey.agency == agency, col(AgencyKey.revoked_at).is_(None))
    return session.exec(live).first() is not None


def _check_keeper(principal: Principal, agency: str) -> None:
    principal.must("request:decide")
    if not (principal.has("walidata") or principal.holds("head", agency)):
        raise NotPermitted(
            "Hanya kepala instansi itu atau walidata yang mengurus kuncinya.",
            "Only the head of that agency or the walidata keeps its keys.",
        )


def _public(jwk: dict[str, Any]) -> dict[str, str]:
    if "d" in jwk:
        raise InvalidInput(
            "Ini kunci rahasia; simpan sendiri dan kirim hanya bagian publiknya.",
            "This is a private key; keep it to yourself and send its public half only.",
            member="d",
        )
    try:
        return public_jwk(open_jwk(jwk))
    except NotProven as wrong:
        raise InvalidInput(
            "Kunci harus JWK publik: Ed25519 (OKP) atau P-256 (EC).",
            "A key is a public JWK: Ed25519 (OKP) or P-256 (EC).",
        ) from wrong


def _known(key_id: str) -> Conflict:
    return Conflict(
        f"Kunci {key_id} sudah pernah didaftarkan; kunci tidak berganti pemilik dan tidak kembali.",
        f"Key {key_id} was registered before; a key changes no owner and does not come back.",
    )


def _told(
    session: Session, ledger: Ledger, principal: Principal, key: AgencyKey, kind: str
) -> None:
    ledger.record(
        session,
        kind=kind,
        actor=actor_of(principal, key.agency if principal.is_member_of(key.agency) else None),
        target=Target("key", key.id, owner=key.agency),
    )
