"""The due days of data prioritas as a calendar that others subscribe to (RFC 5545)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from hub.access.priority_dues import Due

LONGEST_LINE = 75
"""Octets of a line; a longer one goes on in the next, which begins with a space (RFC 5545 section 3.1)."""


def as_ics(dues: Iterable[Due], *, names: dict[str, str], host: str, now: datetime) -> bytes:
    """One all-day event for each; `names` are those of the agencies, `host` makes the ids unique."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Simpul//Data prioritas//ID",
        "CALSCALE:GREGORIAN",
        "X-WR-CALNAME:Data prioritas",
    ]
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    for due in dues:
        lines += _event(due, names.get(due.entry.agency, due.entry.agency), host, stamp)
    lines.append("END:VCALENDAR")
    return b"".join(part for line in lines for part in _folded(line))


def _event(due: Due, agency: str, host: str, stamp: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{due.entry.id}-{due.day:%Y%m%d}@{host}",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{due.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{due.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(f'{due.entry.title} ({agency})')}",
        f"DESCRIPTION:{_escaped(due.entry.basis)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    flat = " ".join(text.split())
    return flat.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[bytes]:
    """The line in pieces of at most 75 octets, no character cut through."""
    piece = b""
    for character in line:
        encoded = character.encode()
        if len(piece) + len(encoded) > LONGEST_LINE:
            yield piece + b"\r\n"
            piece = b" "
        piece += encoded
    yield piece + b"\r\n"
