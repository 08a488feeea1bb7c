"""Check a signed contract offline: `simpul grant verify FILE`, or `python -m hub.grants.verify FILE`.

Needs Python, `cryptography`, this file and `hub/ledger/verify.py`, and nothing else of the hub. A key
that comes with the evidence proves little: give the agency's own key (`--agency-key CODE=FILE`) and
the hub's (`--key`). Sources: RFC 7515 appendix F and RFC 7797 (detached JWS), RFC 7517 and 7638 (keys
and their thumbprints), RFC 8037 and 9864 (Ed25519), RFC 7518 §3.4 (ES256).
"""

import argparse
import base64
import binascii
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from hub.ledger import verify as ledger
from hub.ledger.verify import Check, NotProven, Report

SHARED_AT_ONCE, DEEMED = "berbagi-seketika/1", "dianggap-disetujui/1"
SIDES = ("producer", "consumer")
PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey
ALGORITHMS = {"OKP": ("Ed25519", "EdDSA"), "EC": ("ES256",)}
LONGEST_JWS = 4096
CARRIED = "carried over from before contracts were signed: the ledger's entry of that day"


# Keys of agencies


def b64(text: str) -> bytes:
    """Bytes of unpadded base64url; NotProven when it is something else."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError, TypeError) as wrong:
        raise NotProven("not base64url") from wrong


def unb64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def public_jwk(key: PublicKey) -> dict[str, str]:
    """The public half of an agency's key as JWK, without anything else in it."""
    if isinstance(key, Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": unb64(key.public_bytes_raw())}
    at = key.public_numbers()
    x, y = (unb64(number.to_bytes(32, "big")) for number in (at.x, at.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def open_jwk(jwk: Mapping[str, Any]) -> PublicKey:
    """The key in a JWK (Ed25519 or P-256); NotProven for any other."""
    try:
        match jwk.get("kty"), jwk.get("crv"):
            case "OKP", "Ed25519":
                return Ed25519PublicKey.from_public_bytes(b64(jwk["x"]))
            case "EC", "P-256":
                x, y = (int.from_bytes(b64(jwk[part]), "big") for part in ("x", "y"))
                return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except (KeyError, ValueError, TypeError) as wrong:
        raise NotProven("not a public key") from wrong
    raise NotProven("a key is Ed25519 or P-256")


def open_key_file(path: Path) -> dict[str, str]:
    """The public JWK of a file: JWK (its private half is left alone) or PEM (public)."""
    raw = path.read_bytes()
    if raw.lstrip().startswith(b"{"):
        return public_jwk(open_jwk(json.loads(raw)))
    try:
        key = serialization.load_pem_public_key(raw)
    except ValueError as wrong:
        raise NotProven(f"{path}: neither JWK nor PEM") from wrong
    if isinstance(key, Ed25519PublicKey | ec.EllipticCurvePublicKey):
        return public_jwk(open_jwk(public_jwk(key)))
    raise NotProven(f"{path}: a key is Ed25519 or P-256")


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638: the name of a key, base64url of SHA-256."""
    needed = {"OKP": ("crv", "kty", "x"), "EC": ("crv", "kty", "x", "y")}[jwk["kty"]]
    canonical = json.dumps({name: jwk[name] for name in needed}, separators=(",", ":"))
    return unb64(hashlib.sha256(canonical.encode()).digest())


def header_of(jws: str) -> dict[str, Any]:
    """The protected header of a detached JWS; NotProven when it is none."""
    parts = jws.split(".")
    if len(jws) > LONGEST_JWS or len(parts) != 3 or parts[1]:
        raise NotProven("not a detached JWS")
    try:
        header = json.loads(b64(parts[0]))
    except ValueError as wrong:
        raise NotProven("not a detached JWS") from wrong
    if not isinstance(header, dict):
        raise NotProven("not a detached JWS")
    return header


def jws_holds(jwk: Mapping[str, Any], jws: str, text: str) -> bool:
    """Whether the holder of this key signed this text; both ways of detaching are understood."""
    try:
        header = header_of(jws)
        if header.get("alg") not in ALGORITHMS.get(str(jwk.get("kty")), ()):
            return False
        plain = _plain(header)
        protected, _, signature = jws.split(".")
        payload = text.encode() if plain else unb64(text.encode()).encode()
        _check(open_jwk(jwk), b64(signature), protected.encode() + b"." + payload)
    except (InvalidSignature, NotProven):
        return False
    return True


def _plain(header: Mapping[str, Any]) -> bool:
    """RFC 7797 §6: `b64` false counts only when it is critical; nothing else may be critical."""
    plain = header.get("b64", True) is False
    critical = header.get("crit", [])
    if critical != (["b64"] if "b64" in header else []) or header.get("b64", True) not in (
        True,
        False,
    ):
        raise NotProven("a header that is not understood")
    return plain


def _check(key: PublicKey, signature: bytes, message: bytes) -> None:
    if isinstance(key, Ed25519PublicKey):
        key.verify(signature, message)
        return
    if len(signature) != 64:
        raise InvalidSignature
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    key.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))


# The text and what the hub holds now


@dataclass(frozen=True)
class Alteration:
    """One way in which what stands now differs from the signed text; `how` is a word of English."""

    member: str
    what: str
    how: str

    def __str__(self) -> str:
        return f"{self.member}: {self.what} {self.how}".replace(":  ", ": ")


def alterations(contract: Mapping[str, Any], text: str) -> list[Alteration]:
    """Every member of the contract that stands otherwise in the signed text, by name."""
    signed = json.loads(text)
    names = [*signed, *(name for name in contract if name not in signed)]
    return [a for name in names for a in _altered(name, signed.get(name), contract.get(name))]


def _altered(name: str, signed: Any, now: Any) -> Iterator[Alteration]:
    if _same(signed, now):
        return
    lists = isinstance(signed, list) and isinstance(now, list)
    if lists and sorted(map(str, signed)) != sorted(map(str, now)):
        yield from (Alteration(name, str(one), "added") for one in now if one not in signed)
        yield from (Alteration(name, str(one), "removed") for one in signed if one not in now)
    elif name != "filter" and isinstance(signed, dict) and isinstance(now, dict):
        for key in sorted({*signed, *now}):
            yield from _altered(f"{name}.{key}", signed.get(key), now.get(key))
    else:
        yield Alteration(name, "", "changed")


def _instant(moment: str | None) -> str:
    """A moment in UTC to the microsecond, in a form that sorts; empty for none."""
    return (moment or "")[:26]


def wider(asked: Mapping[str, Any], agreed: Mapping[str, Any]) -> list[str]:
    """Members in which a contract gives more than was asked; what was not asked for is left out there."""
    columns, rows, quota = asked["columns"], asked["filter"], asked.get("daily_rows")
    more = {
        "target": not _same(asked["target"], agreed["target"]),
        "purpose": asked["purpose"] != agreed["purpose"],
        "use": asked.get("use", "read") != agreed["use"],
        "columns": columns is not None
        and (agreed["columns"] is None or not set(agreed["columns"]) <= set(columns)),
        "filter": rows is not None
        and not (_same(rows, agreed["filter"]) or _same(rows, _first_of_all(agreed["filter"]))),
        "masks": not {
            name
            for name in asked.get("masks", {})
            if agreed["columns"] is None or name in agreed["columns"]
        }
        <= set(agreed["masks"]),
        "daily_rows": quota is not None and not (agreed["daily_rows"] or quota + 1) <= quota,
        "may_store": asked.get("may_store", True) is False and agreed["may_store"],
    }
    return [member for member, is_wider in more.items() if is_wider]


def _first_of_all(rows: Any) -> Any:
    """The first of the conditions that must all hold: where an approval puts the asked filter."""
    every = rows.get("and") if isinstance(rows, dict) else None
    return every[0] if isinstance(every, list) and every else None


def _same(one: Any, other: Any) -> bool:
    """As JSON: true is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


# What the hub attests


def attested(
    vkeys: Sequence[str], *, statement: str, signature: str, side: str, digest: str, kind: str
) -> str:
    """What the hub's statement amounts to; NotProven when it does not hold for this contract.

    For grants from before contracts were signed the statement is a ledger entry of that day.
    """
    said = _object(statement)
    if "contract" not in said:
        return _carried(vkeys, said, statement, signature, side=side, digest=digest)
    if (said["contract"], said.get("side"), said.get("kind")) != (digest, side, kind):
        raise NotProven("the hub's statement is about something else")
    if not ledger.statement_holds(vkeys, statement.encode(), signature):
        raise NotProven("the hub's statement is not signed by a key we trust")
    return f"rule {said['rule']}" if kind == "by_rule" else "the hub's word for a person's session"


def _carried(
    vkeys: Sequence[str],
    entry: Mapping[str, Any],
    body: str,
    signature: str,
    *,
    side: str,
    digest: str,
) -> str:
    wanted = "grant.issued" if side == "producer" else "request.submitted"
    about = entry.get("grant") == digest if side == "producer" else True
    if entry.get("kind") != wanted or not about:
        raise NotProven("the ledger entry is about something else")
    if not ledger.receipt_holds(vkeys, ledger.leaf_hash(body.encode()), signature):
        raise NotProven("the ledger entry is not signed by a key we trust")
    return CARRIED


def _object(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError as wrong:
        raise NotProven("not a statement") from wrong
    if not isinstance(said, dict):
        raise NotProven("not a statement")
    return said


# A bundle, as `GET /api/v1/grants/{id}/contract` serves it


def bundle(
    document: dict[str, Any],
    *,
    agency_keys: Mapping[str, Mapping[str, Any]] | None = None,
    keys: Sequence[str] = (),
) -> Report:
    """Every claim of a contract's bundle.

    An agency named in `agency_keys` (code to public JWK) must have signed with that very key; what
    the hub says of it does not count then. `keys` are verifier keys of the hub that one knows.
    """
    try:
        return Report(tuple(_Bundle(document, agency_keys or {}, keys).checks()))
    except NotProven as wrong:
        return Report((Check("bundle", False, str(wrong)),))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as wrong:
        return Report((Check("bundle", False, f"not a contract bundle: {wrong!r}"),))


@dataclass(frozen=True)
class _Bundle:
    document: dict[str, Any]
    agency_keys: Mapping[str, Mapping[str, Any]]
    keys: Sequence[str]

    @property
    def text(self) -> str:
        return str(self.document["text"])

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def trusted(self) -> list[str]:
        return list(self.keys) or [self.document["hub_key"]]

    def checks(self) -> Iterator[Check]:
        found = alterations(self.document["contract"], self.text)
        yield Check("text", not found, "; ".join(map(str, found)) or "as it was signed")
        yield Check("digest", self.document["digest"] == self.digest, self.digest)
        yield Check("term", True, self._term())
        yield self._hub_key()
        yield from self._entries()
        for side in SIDES:
            yield from self._side(side)
        odd = [one["side"] for one in self.document["signatures"] if one["side"] not in SIDES]
        if odd:
            yield Check("sides", False, f"no side of a contract: {', '.join(odd)}")
        unknown = sorted(set(self.agency_keys) - {self._agency(side) for side in SIDES})
        if unknown:
            yield Check("agency key", False, f"{', '.join(unknown)}: no party to this contract")

    def _term(self) -> str:
        said, revoked = json.loads(self.text), self.document["revoked_at"]
        ended = f"; the hub says it was revoked at {revoked}" if revoked else ""
        return f"{said['starts_at']} to {said['expires_at']}{ended}"

    def _hub_key(self) -> Check:
        own = self.document["hub_key"]
        if not self.keys:
            return Check("hub key", True, f"taken from the bundle itself; compare it: {own}")
        return Check("hub key", own in self.keys, "known beforehand" if own in self.keys else own)

    def _entries(self) -> Iterator[Check]:
        """Every ledger entry that a signature cites, and its place in the tree once it has one."""
        for one in self.document["entries"]:
            name, leaf = (
                f"entry {one['receipt']['entry_id']}",
                ledger.leaf_hash(one["entry"].encode()),
            )
            if "inclusion" in one:
                report = ledger.bundle(one, keys=self.trusted)
                failed = [check.name for check in report.checks if not check.ok]
                yield Check(name, report.ok, ", ".join(failed) or "in the ledger")
                continue
            holds = ledger.receipt_holds(self.trusted, leaf, one["receipt"]["signature"])
            yield Check(name, holds, "signed; not in the tree yet")

    def _agency(self, side: str) -> str | None:
        said = json.loads(self.text)
        agency = said["producer"] if side == "producer" else said["grantee"]["agency"]
        return None if agency is None else str(agency)

    def _side(self, side: str) -> Iterator[Check]:
        own = [one for one in self.document["signatures"] if one["side"] == side]
        agency = self._agency(side)
        outside = self.agency_keys.get(agency or "")
        if outside is not None:
            by_key = [one for one in own if one["kind"] == "agency_key"]
            held = any(jws_holds(outside, one["signature"], self.text) for one in by_key)
            detail = f"{agency}: {'signed' if held else 'did not sign this'} with the key you gave"
            yield Check(f"{side} agency_key", held, detail)
            return
        if not own:
            yield Check(side, False, "nobody signed")
        for one in own:
            yield self._signature(one, side, agency)

    def _signature(self, one: Mapping[str, Any], side: str, agency: str | None) -> Check:
        name = f"{side} {one['kind']}"
        try:
            if one["kind"] == "agency_key":
                return Check(name, True, self._by_key(one, agency))
            return Check(name, True, self._by_hub(one, side))
        except NotProven as wrong:
            return Check(name, False, str(wrong))

    def _by_key(self, one: Mapping[str, Any], agency: str | None) -> str:
        keys = [key for key in self.document["agency_keys"] if key["id"] == one["key_id"]]
        if not keys or keys[0]["agency"] != agency or thumbprint(keys[0]["jwk"]) != one["key_id"]:
            raise NotProven("no key of this agency")
        if one["statement"] or one["signer"]["agency"] != agency:
            raise NotProven("another agency is named beside the signature")
        (key,) = keys
        if not jws_holds(key["jwk"], one["signature"], self.text):
            raise NotProven("the signature does not fit the text")
        entry = self._told(one["cites"])[-1]
        if entry.get("grant") != self.digest:
            raise NotProven("the ledger does not tell of this signature")
        at, begun, ended = (
            _instant(m) for m in (entry["at"], key["registered_at"], key["revoked_at"])
        )
        if at < begun or (ended and ended <= at):
            raise NotProven("the key was not valid when it signed")
        return f"{agency}: key {one['key_id']}, taken from the bundle; hold your own against it"

    def _by_hub(self, one: Mapping[str, Any], side: str) -> str:
        what = attested(
            self.trusted,
            statement=one["statement"],
            signature=one["signature"],
            side=side,
            digest=self.digest,
            kind=one["kind"],
        )
        said = _object(one["statement"])
        if "contract" not in said:
            if not _same(one["signer"], said["actor"]):
                raise NotProven("another person is named beside the entry")
            return what
        if any(not _same(one[name], said[name]) for name in ("signer", "at", "cites")):
            raise NotProven("what is told beside the statement is not what it says")
        if one["key_id"] not in self.trusted:
            raise NotProven("another key of the hub is named beside the statement")
        self._cited(said, side)
        return what

    def _cited(self, said: Mapping[str, Any], side: str) -> None:
        """The ledger must tell the same: who approved this text, who asked for what."""
        entry = self._told(said["cites"])[-1]
        if said["kind"] == "by_rule":
            self._ruled(said)
        elif entry["actor"] != said["signer"]:
            raise NotProven("the cited entry names another person")
        if side == "producer" and entry.get("grant") != self.digest:
            raise NotProven("the cited entry is about another text")
        if side == "consumer":
            asked = hashlib.sha256(self.document["asked"].encode()).hexdigest()
            if said["asked"] != asked or entry["digests"]["request"] != f"sha256:{asked}":
                raise NotProven("something else was asked for")
            more = wider(json.loads(self.document["asked"]), json.loads(self.text))
            if more:
                raise NotProven(f"wider than what was asked for: {', '.join(more)}")

    def _ruled(self, said: Mapping[str, Any]) -> None:
        """A rule gives only what it is for, and silence only what the ledger proves to be silence."""
        agreed = json.loads(self.text)
        if agreed["grantee"]["agency"] is None:
            raise NotProven("the rule is for agencies")
        if said["rule"] == SHARED_AT_ONCE and agreed["access_class"] == "BERBAGI":
            return
        if said["rule"] != DEEMED or agreed["access_class"] not in ("BERBAGI", "TERBATAS"):
            raise NotProven("the rule is not for this class of data")
        kinds = {
            told["kind"]
            for told in self._told(said["cites"])
            if (told.get("signature") or {}).get("kind") == "by_rule"
        }
        if not {"request.overdue", "request.deemed"} <= kinds:
            raise NotProven("the entries that prove the silence are not cited")

    def _told(self, cites: Sequence[str]) -> list[dict[str, Any]]:
        """The bodies of these entries, whose receipts `_entries` checks; NotProven when one is missing."""
        told = {one["receipt"]["entry_id"]: one["entry"] for one in self.document["entries"]}
        missing = [cited for cited in cites if cited not in told]
        if missing or not cites:
            raise NotProven(f"the cited entry is missing: {', '.join(missing)}")
        return [json.loads(told[cited]) for cited in cites]


def agency_key(argument: str) -> tuple[str, dict[str, str]]:
    """`CODE=FILE` as code and public JWK; NotProven when the file holds no such key."""
    code, _, path = argument.partition("=")
    return code, open_key_file(Path(path))


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when everything holds, 1 when something does not."""
    parser = argparse.ArgumentParser(description="Verify a signed contract of Simpul offline.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--agency-key", action="append", default=[], help="CODE=FILE (JWK or PEM)")
    parser.add_argument("--key", action="append", default=[], help="a hub's key (C2SP vkey)")
    asked = parser.parse_args(arguments)
    outside = dict(agency_key(one) for one in asked.agency_key)
    report = bundle(json.loads(asked.bundle.read_bytes()), agency_keys=outside, keys=asked.key)
    for check in report.checks:
        sys.stdout.write(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}  {check.detail}\n")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
