"""Page cursors: opaque, checked, and good for one question only."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from catalog.errors import CursorInvalid

_MARK = 16


def _mark(payload: bytes, binding: str, secret: bytes) -> bytes:
    key = hashlib.sha256(b"simpul cursor\0" + secret).digest()
    message = binding.encode() + b"\0" + payload
    return hmac.new(key, message, hashlib.sha256).digest()[:_MARK]


def seal(position: object, binding: str, secret: bytes) -> str:
    """A cursor for a position (JSON values that the caller has been shown)."""
    payload = json.dumps(position, separators=(",", ":"), ensure_ascii=False).encode()
    token = _mark(payload, binding, secret) + payload
    return base64.urlsafe_b64encode(token).decode().rstrip("=")


def unseal(cursor: str, binding: str, secret: bytes) -> Any:
    """The position in a cursor; raise CursorInvalid when altered or made for another question."""
    try:
        token = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError) as error:
        raise CursorInvalid from error
    mark, payload = token[:_MARK], token[_MARK:]
    if not hmac.compare_digest(mark, _mark(payload, binding, secret)):
        raise CursorInvalid
    return json.loads(payload)
