"""Whether a grant stands as it was signed: text, row and signatures compared on every use.

Pure checks of a signature are remembered by everything they depend on; what can change (the row, its
signatures, the end of a key) is read anew each time, in one statement for any number of grants.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine, bindparam, select
from sqlmodel import Session

from hub.grants.contract import as_json, says
from hub.grants.models import AgencyKey, Grant, GrantSignature
from hub.grants.verify import SIDES, Alteration, alterations, attested, jws_holds, thumbprint
from hub.ledger.keys import Signer
from hub.ledger.service import TABLE as ENTRIES
from hub.ledger.verify import NotProven

AGENCY_KEY, HUB_ATTESTED, BY_RULE = "agency_key", "hub_attested", "by_rule"
OPTION = "simpul_signer"
REMEMBERED = 16_384

_E = ENTRIES
_S = GrantSignature.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
_K = AgencyKey.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
_TAKEN_BACK = (
    select(_E.c.id)
    .where(_E.c.target_type == "grant", _E.c.target_id == _S.c.grant, _E.c.kind == "grant.revoked")
    .exists()
)
_STORED = (
    select(
        _S,
        _K.c.agency,
        _K.c.jwk,
        _K.c.registered_at,
        _K.c.revoked_at,
        _TAKEN_BACK.label("taken_back"),
    )
    .select_from(_S.outerjoin(_K, _K.c.id == _S.c.key_id))
    .where(_S.c.grant.in_(bindparam("grants", expanding=True)))
)
Signed = Any
"""A row of _STORED; SQLAlchemy's type for it counts the columns one by one."""
_HOW = {"added": "ditambahkan", "removed": "dihapus", "changed": "diubah"}
_SIDES_ID = {"producer": "produsen", "consumer": "penerima"}


@dataclass(frozen=True)
class Flaw:
    """Why a grant does not stand. `code` is altered, digest, unsigned, signature, key, hub_key or revoked."""

    code: str
    member: str
    message_id: str
    message_en: str


def trust(engine: Engine, signer: Signer) -> None:
    """Say whose statements count for sessions of this engine; until then no grant stands there."""
    engine.update_execution_options(**{OPTION: signer})


def flaw(session: Session, grant: Grant) -> Flaw | None:
    """Why this grant does not stand; None when it does."""
    return flaws(session, [grant]).get(grant.id)


def flaws(session: Session, grants: Iterable[Grant]) -> dict[str, Flaw]:
    """The first flaw of each grant that has one, by its id; one statement for all of them."""
    asked = list(grants)
    if not asked:
        return {}
    by_grant: dict[str, list[Signed]] = defaultdict(list)
    found = session.connection().execute(_STORED, {"grants": [grant.id for grant in asked]})
    for row in found:
        by_grant[row.grant].append(row)
    signer = session.get_bind().get_execution_options().get(OPTION)
    vkey = signer.vkey if isinstance(signer, Signer) else None
    judged = {grant.id: _flaw(grant, by_grant[grant.id], vkey) for grant in asked}
    return {grant: found for grant, found in judged.items() if found is not None}


def _flaw(grant: Grant, signatures: list[Signed], vkey: str | None) -> Flaw | None:
    if not says(grant, grant.text):
        return _altered(grant)
    if sha256(grant.text.encode()).hexdigest() != grant.digest:
        return Flaw(
            "digest",
            "digest",
            "Sidik kontrak tidak sama dengan teksnya.",
            "The digest is not that of the contract's text.",
        )
    if grant.revoked_at is None and any(row.taken_back for row in signatures):
        return Flaw(
            "revoked",
            "revoked_at",
            "Buku jejak mencatat pencabutan yang tidak ada lagi pada hak akses ini.",
            "The ledger tells of a revocation that this grant no longer shows.",
        )
    if vkey is None:
        return Flaw(
            "hub_key",
            "signature",
            "Proses ini tidak mengenal kunci hub, jadi tanda tangan tidak dapat diperiksa.",
            "This process does not know the hub's key, so no signature can be checked.",
        )
    for side in SIDES:
        own = [row for row in signatures if row.side == side]
        if not own:
            return _unsigned(side)
        wrong = next(filter(None, (_wrong(row, grant, side, vkey) for row in own)), None)
        if wrong is not None:
            return wrong
    return None if grant.waits_until is None else _unsigned("")


def _wrong(row: Signed, grant: Grant, side: str, vkey: str) -> Flaw | None:
    if row.kind != AGENCY_KEY:
        held = _hub_says(vkey, row.statement, row.signature, side, grant.digest, row.kind)
        return None if held else _false(side, row.kind)
    agency = grant.producer if side == "producer" else grant.grantee_agency
    if row.agency is None or row.agency != agency:
        return _no_key(side)
    if row.at < row.registered_at or (row.revoked_at is not None and row.revoked_at <= row.at):
        return _no_key(side)
    known = json.dumps(row.jwk, sort_keys=True)
    return (
        None if _key_says(known, row.key_id, row.signature, grant.text) else _false(side, row.kind)
    )


@lru_cache(REMEMBERED)
def _hub_says(vkey: str, statement: str, signature: str, side: str, digest: str, kind: str) -> bool:
    try:
        attested(
            [vkey], statement=statement, signature=signature, side=side, digest=digest, kind=kind
        )
    except (NotProven, KeyError, TypeError):
        return False
    return True


@lru_cache(REMEMBERED)
def _key_says(jwk: str, key_id: str, jws: str, text: str) -> bool:
    key = json.loads(jwk)
    return bool(thumbprint(key) == key_id and jws_holds(key, jws, text))


def _altered(grant: Grant) -> Flaw:
    found = alterations(as_json(grant), grant.text) if _is_object(grant.text) else []
    first = found[0] if found else Alteration("text", "", "changed")
    return Flaw(
        "altered",
        first.member,
        f"Kontrak {grant.id} berubah sejak ditandatangani: {_in_indonesian(first)}.",
        f"Contract {grant.id} was altered since it was signed: {first}.",
    )


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _in_indonesian(alteration: Alteration) -> str:
    what = f" {alteration.what}" if alteration.what else ""
    return f"{alteration.member}:{what} {_HOW[alteration.how]}"


def _unsigned(side: str) -> Flaw:
    return Flaw(
        "unsigned",
        side,
        f"Kontrak belum ditandatangani {_SIDES_ID.get(side, 'semua pihak')}.",
        f"The contract is not signed by {'the ' + side if side else 'every side'} yet.",
    )


def _false(side: str, kind: str) -> Flaw:
    return Flaw(
        "signature",
        side,
        f"Tanda tangan {_SIDES_ID[side]} ({kind}) tidak sah untuk teks kontrak ini.",
        f"The signature of the {side} ({kind}) is not good for the text of this contract.",
    )


def _no_key(side: str) -> Flaw:
    return Flaw(
        "key",
        side,
        f"Kunci {_SIDES_ID[side]} tidak terdaftar atau tidak berlaku ketika menandatangani.",
        f"The key of the {side} was not registered, or not valid, when it signed.",
    )
