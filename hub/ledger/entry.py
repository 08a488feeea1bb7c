"""Ledger entry, version 1: one shape for every fact, with no room in it for personal data.

Only identifiers, counts and digests fit. Whoever needs a text remembered puts its digest here.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NotRequired, TypedDict

from hub.ledger.also import Also

VERSION = 1
LONGEST_TEXT = 512
LARGEST_INTEGER = 2**53 - 1
DIGESTS = frozenset({"request", "response", "file"})
SIGNATURES = frozenset({"agency_key", "hub_attested", "by_rule"})

_DIGEST = re.compile(r"(?:[a-z0-9-]+:)?[0-9a-f]{64}")
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_WORD = re.compile(r"[a-z][a-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted, by opaque ids only: a person or a program, in a post of an agency (its code)."""

    person: str | None = None
    client: str | None = None
    post: str | None = None
    agency: str | None = None
    on_behalf_of: str | None = None

    def __post_init__(self) -> None:
        if (self.person is None) == (self.client is None):
            raise ValueError("an actor is either a person or a client")

    @property
    def id(self) -> str:
        return self.person or self.client or ""


HUB = Actor(client="simpul")
"""The hub itself, when a clock or a schedule acts and nobody asked."""


@dataclass(frozen=True, slots=True)
class Target:
    """What was acted on. `owner` (agency code) finds the entry and stays outside the body."""

    type: str
    id: str
    release: int | None = None
    version: str | None = None
    owner: str | None = None

    @property
    def owned_by(self) -> str | None:
        """The agency that may see the entry as owner; the first part of `agency/slug` by default."""
        return self.owner or (self.id.partition("/")[0] if "/" in self.id else None)


class Facts(TypedDict):
    """What a caller says of one fact; the ledger adds id, moment, hash and signature.

    `also` is no part of the entry: further rows that are written in its commit.
    """

    kind: str
    actor: Actor
    target: Target
    outcome: NotRequired[str]
    grant: NotRequired[str | None]
    decision: NotRequired[Mapping[str, str] | None]
    digests: NotRequired[Mapping[str, str] | None]
    counts: NotRequired[Mapping[str, int] | None]
    trace_id: NotRequired[str | None]
    signature: NotRequired[Mapping[str, Any] | None]
    also: NotRequired[Sequence[Also]]


def build(facts: Facts, *, entry_id: str, at: datetime, trace_id: str) -> dict[str, Any]:
    """The entry as JSON; ValueError when something does not belong in one.

    Integers beyond 2^53 become strings, because JSON readers would round them.
    """
    actor, target = facts["actor"], facts["target"]
    optional = {
        "grant": facts.get("grant"),
        "decision": _decision(facts.get("decision")),
        "digests": _digests(facts.get("digests")),
        "counts": _counts(facts.get("counts")),
        "signature": _signature(facts.get("signature")),
    }
    entry = {
        "v": VERSION,
        "id": entry_id,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "kind": _word(facts["kind"]),
        "actor": _actor(actor),
        "target": _present(
            type=_word(target.type), id=target.id, release=target.release, version=target.version
        ),
        "outcome": _word(facts.get("outcome", "ok")),
        "trace_id": trace_id,
        **{name: value for name, value in optional.items() if value is not None},
    }
    return {name: _clean(member) for name, member in entry.items()}


def canonical(entry: dict[str, Any]) -> bytes:
    """RFC 8785 bytes of an entry.

    With ASCII names and no floats the standard library's encoder writes the very same bytes at a
    sixth of the cost; a property test holds it against the `rfc8785` package.
    """
    return _ENCODER.encode(entry).encode()


def _actor(actor: Actor) -> dict[str, Any]:
    who = _present(person=actor.person, client=actor.client, on_behalf_of=actor.on_behalf_of)
    return {**who, "post": actor.post, "agency": actor.agency}


def _present(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise ValueError(f"{text!r} is not a lower-case word")
    return str(text)


def _decision(decision: Mapping[str, str] | None) -> dict[str, str] | None:
    if decision is None:
        return None
    if set(decision) != {"id", "policy"}:
        raise ValueError("a decision is named by its id and its policy")
    return dict(decision)


def _digests(digests: Mapping[str, str] | None) -> dict[str, str] | None:
    """Each digest as `algorithm:hex`; a bare one of 64 hex digits is a SHA-256."""
    if not digests:
        return None
    if not set(digests) <= DIGESTS:
        raise ValueError(f"digests are of {sorted(DIGESTS)}, not {sorted(digests)}")
    for value in digests.values():
        if not _DIGEST.fullmatch(value):
            raise ValueError(f"{value!r} is not a digest")
    return {what: v if ":" in v else f"sha256:{v}" for what, v in digests.items()}


def _counts(counts: Mapping[str, int] | None) -> dict[str, int] | None:
    return {_word(name): int(n) for name, n in counts.items()} if counts else None


def _signature(signature: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if signature is None:
        return None
    if signature.get("kind") not in SIGNATURES:
        raise ValueError(f"a signature is one of {sorted(SIGNATURES)}")
    return dict(signature)


def _clean(value: Any) -> Any:
    """Text, whole numbers and containers of them; whatever else is not fit for an entry."""
    match value:
        case str():
            # Control characters break the database's text; a long text is content, not a name.
            if len(value) > LONGEST_TEXT or not value.isprintable():
                raise ValueError("text in an entry is short and printable")
            return str(value)
        case None | bool():
            return value
        case int():
            return value if abs(value) <= LARGEST_INTEGER else str(value)
        case dict():
            return {_member(name): _clean(member) for name, member in value.items()}
        case list() | tuple():
            return [_clean(member) for member in value]
        case _:
            raise ValueError(f"{type(value).__name__} does not belong in an entry")


def _member(name: str) -> str:
    """ASCII names sort alike by code point and by UTF-16 unit, which RFC 8785 asks for."""
    if not name.isascii():
        raise ValueError(f"{name!r} is not a member's name")
    return name
