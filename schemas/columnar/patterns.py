"""Patterns in the part of the language that ECMA-262 and Rust read alike.

Characters are ASCII; `.`, `\\d` and `\\w` are written out, because the dialects differ in what they mean.
No lookaround, backreference, lazy quantifier, flag, word boundary or property; anchors only at the ends.
"""

import re
from dataclasses import dataclass

import polars as pl
from polars.exceptions import ComputeError

Ranges = tuple[tuple[int, int], ...]
"""Allowed bytes, as inclusive ranges in order."""

_DIGITS: Ranges = ((48, 57),)
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_NAMED = {"d": _DIGITS, "w": _WORD}
_COUNTS = re.compile(r"\{([0-9]{1,3})(,([0-9]{0,3}))?\}", re.ASCII)
_SPECIAL = frozenset("\\^$.|?*+()[]{}")
_MAX_REPEATS = 2_000
_MAX_LENGTH = 500
_MAX_DEPTH = 8
MANY = 1 << 30
_ANY_BUT_LINE_ENDS = "[^\\n\\r\\x{2028}\\x{2029}]"


@dataclass(frozen=True)
class Pattern:
    """`rust` is the pattern for a search. `runs` describes it when it is anchored and a plain row of classes.

    It is then a row of runs, each of ASCII characters alone.
    """

    rust: str
    runs: tuple["Run", ...] | None


@dataclass(frozen=True)
class Run:
    """Bytes of one class, at least and at most so many (`MANY` = without end)."""

    ranges: Ranges
    least: int
    most: int


class _Unsure(Exception):
    """The pattern leaves the common part of the dialects."""


def pattern_of(source: str) -> Pattern | None:
    """The pattern, or None if it is not sure that every engine reads it alike."""
    if len(source) > _MAX_LENGTH or not source.isascii():
        return None
    try:
        pattern = _Parser(source).whole()
        pl.Series([""]).str.contains(pattern.rust)
    except (_Unsure, ComputeError):  # the latter where repeats within repeats grow too large
        return None
    return pattern


class _Parser:
    """Reads a pattern once, from left to right, writing it anew for Rust."""

    def __init__(self, source: str) -> None:
        self._source, self._at = source, 0
        self._repeats = 0

    def whole(self) -> Pattern:
        rust, runs = self._alternatives(0)
        if self._at != len(self._source):
            raise _Unsure
        return Pattern(rust, tuple(runs) if runs is not None else None)

    def _alternatives(self, depth: int) -> tuple[str, list[Run] | None]:
        if depth > _MAX_DEPTH:
            raise _Unsure
        branches = [self._branch(depth)]
        while self._take("|"):
            branches.append(self._branch(depth))
        runs = branches[0][1] if len(branches) == 1 else None
        return "|".join(rust for rust, _ in branches), runs

    def _branch(self, depth: int) -> tuple[str, list[Run] | None]:
        out: list[str] = []
        runs: list[Run] | None = []
        begins = depth == 0 and self._take("^")
        ends = False
        while self._at < len(self._source) and self._source[self._at] not in "|)":
            if depth == 0 and self._take("$"):
                ends = True
                break
            text, ranges = self._atom(depth)
            counts, low, high = self._quantifier()
            out.append(text + counts)
            runs = [*runs, Run(ranges, low, high)] if runs is not None and ranges else None
        if self._at < len(self._source) and self._source[self._at] not in "|)":
            raise _Unsure
        rust = f"{'^' if begins else ''}{''.join(out)}{'$' if ends else ''}"
        return rust, runs if begins and ends else None

    def _atom(self, depth: int) -> tuple[str, Ranges | None]:
        character = self._next()
        match character:
            case "[":
                return self._class()
            case "(":
                if self._take("?") and not self._take(":"):
                    raise _Unsure
                inner, _ = self._alternatives(depth + 1)
                if not self._take(")"):
                    raise _Unsure
                return f"(?:{inner})", None
            case ".":
                return _ANY_BUT_LINE_ENDS, None
            case "\\":
                ranges = self._escape()
                return _written(ranges), ranges
            case _ if character in _SPECIAL or not character.isprintable():
                raise _Unsure
            case _:
                ranges = ((ord(character), ord(character)),)
                return _written(ranges), ranges

    def _class(self) -> tuple[str, Ranges | None]:
        negated = self._take("^")
        ranges: list[tuple[int, int]] = []
        while not self._take("]"):
            low = self._member()
            if self._peek(0) == "-" and self._peek(1) != "]":
                self._at += 1
                high = self._member()
                if (
                    len(low) > 1
                    or len(high) > 1
                    or low[0][0] != low[0][1]
                    or high[0][0] != high[0][1]
                ):
                    raise _Unsure
                if high[0][0] < low[0][0]:
                    raise _Unsure
                ranges.append((low[0][0], high[0][0]))
            else:
                ranges.extend(low)
        if not ranges:
            raise _Unsure
        merged = _merged(ranges)
        return (_written(merged, "^"), None) if negated else (_written(merged), merged)

    def _member(self) -> Ranges:
        character = self._next()
        if character == "\\":
            return self._escape()
        if character in "[&~" or not character.isprintable():
            raise _Unsure
        return ((ord(character), ord(character)),)

    def _escape(self) -> Ranges:
        """A named class, or a punctuation mark that stands for itself."""
        character = self._next()
        if character in _NAMED:
            return _NAMED[character]
        if character in _SPECIAL or character in "/-":
            return ((ord(character), ord(character)),)
        raise _Unsure

    def _quantifier(self) -> tuple[str, int, int]:
        low, high = 1, 1
        text = ""
        if self._take("*"):
            text, low, high = "*", 0, MANY
        elif self._take("+"):
            text, low, high = "+", 1, MANY
        elif self._take("?"):
            text, low, high = "?", 0, 1
        elif match := _COUNTS.match(self._source, self._at):
            self._at = match.end()
            text, low = match[0], int(match[1])
            high = low if match[2] is None else int(match[3]) if match[3] else MANY
            if high < low:
                raise _Unsure
            self._repeats += low if high == MANY else high
        if self._repeats > _MAX_REPEATS or self._peek(0) in tuple("*+?{"):
            raise _Unsure
        return text, low, high

    def _next(self) -> str:
        if self._at >= len(self._source):
            raise _Unsure
        self._at += 1
        return self._source[self._at - 1]

    def _peek(self, ahead: int) -> str:
        return self._source[self._at + ahead : self._at + ahead + 1]

    def _take(self, character: str) -> bool:
        if self._source.startswith(character, self._at):
            self._at += 1
            return True
        return False


def _merged(ranges: list[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def _written(ranges: Ranges, sign: str = "") -> str:
    inner = "".join(
        f"\\x{low:02x}" if low == high else f"\\x{low:02x}-\\x{high:02x}" for low, high in ranges
    )
    return f"[{sign}{inner}]"
