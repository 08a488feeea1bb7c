"""Public identifiers that nobody can guess and that sort by the time they were made."""

import secrets
import time

MS = 1_000_000


def new_id() -> str:
    """A UUID version 7 (RFC 9562 §5.7) as 32 hex digits; `rand_a` holds the fraction of the ms."""
    milliseconds, rest = divmod(time.time_ns(), MS)
    fraction = rest * 4096 // MS
    return f"{milliseconds:012x}7{fraction:03x}{_variant():016x}"


def _variant() -> int:
    """62 random bits under the two bits of the RFC variant."""
    return (0b10 << 62) | secrets.randbits(62)
