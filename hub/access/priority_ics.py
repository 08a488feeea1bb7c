"""The due days of data prioritas as a calendar that others subscribe to (RFC 5545)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from hub.agencies.desk_models import PriorityData

LONGEST_LINE = 75
"""Octets of a line; a longer one goes on in the next, which begins with a space (RFC 5545 section 3.1)."""


def as_ics(
    scheduled: Iterable[tuple[PriorityData, date]],
    *,
    names: dict[str, str],
    host: str,
    now: datetime,
) -> bytes:
    """One all-day event for each; `names` are those of the agencies, `host` makes the ids unique."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Simpul//Data prioritas//ID",
        "CALSCALE:GREGORIAN",
        "X-WR-CALNAME:Data prioritas",
    ]
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    for entry, day in scheduled:
        lines += _event(entry, day, names.get(entry.agency, entry.agency), host, stamp)
    lines.append("END:VCALENDAR")
    return b"".join(part for line in lines for part in _folded(line))


def _event(entry: PriorityData, day: date, agency: str, host: str, stamp: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{entry.id}-{day:%Y%m%d}@{host}",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_escaped(f'{entry.title} ({agency})')}",
        f"DESCRIPTION:{_escaped(entry.basis)}",
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
