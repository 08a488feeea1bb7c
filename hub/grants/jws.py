"""Signing a contract with an agency's own key, at the agency: a detached JWS (RFC 7797).

Runs where the key is, never at the hub; imports nothing of the hub but the verifier.
"""

import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from hub.grants.verify import b64, public_jwk, thumbprint, unb64
from hub.ledger.verify import NotProven

PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey


def new_key(curve: str = "Ed25519") -> PrivateKey:
    """A key on Ed25519 or P-256."""
    return (
        Ed25519PrivateKey.generate()
        if curve == "Ed25519"
        else ec.generate_private_key(ec.SECP256R1())
    )


def write_key(key: PrivateKey, path: Path) -> None:
    """As private JWK, for its owner alone; FileExistsError for a file that is there."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(json.dumps(_private_jwk(key), indent=2) + "\n")


def read_key(path: Path) -> PrivateKey:
    """A private key from JWK or unencrypted PEM; NotProven when the file holds none."""
    raw = path.read_bytes()
    try:
        if raw.lstrip().startswith(b"{"):
            return _from_jwk(json.loads(raw))
        key = serialization.load_pem_private_key(raw, password=None)
    except (ValueError, TypeError, KeyError) as wrong:
        raise NotProven(f"{path}: no private key in it") from wrong
    if isinstance(key, Ed25519PrivateKey):
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise NotProven(f"{path}: a key is Ed25519 or P-256")


def sign(key: PrivateKey, text: str) -> str:
    """The detached JWS of a text, named after the thumbprint of the key."""
    algorithm = "Ed25519" if isinstance(key, Ed25519PrivateKey) else "ES256"
    kid = thumbprint(public_jwk(key.public_key()))
    header = {"alg": algorithm, "b64": False, "crit": ["b64"], "kid": kid}
    protected = unb64(json.dumps(header, separators=(",", ":")).encode())
    signature = _signature(key, protected.encode() + b"." + text.encode())
    return f"{protected}..{unb64(signature)}"


def _signature(key: PrivateKey, message: bytes) -> bytes:
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(message)
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _private_jwk(key: PrivateKey) -> dict[str, str]:
    if isinstance(key, Ed25519PrivateKey):
        secret = key.private_bytes_raw()
    else:
        secret = key.private_numbers().private_value.to_bytes(32, "big")
    return {**public_jwk(key.public_key()), "d": unb64(secret)}


def _from_jwk(jwk: dict[str, Any]) -> PrivateKey:
    if jwk["kty"] == "OKP":
        return Ed25519PrivateKey.from_private_bytes(b64(jwk["d"]))
    return ec.derive_private_key(int.from_bytes(b64(jwk["d"]), "big"), ec.SECP256R1())
