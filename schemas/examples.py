"""Texts that a regular expression matches, for samples; a small part of ECMA-262, without lookaround."""

import random
from collections.abc import Callable
from dataclasses import dataclass

_CLASSES = {"d": "0", "w": "aZ0_", "s": " ", "D": "a", "W": "-", "S": "a"}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_PROPERTIES = {"L": "aÉ", "Lu": "AÉ", "Ll": "aé", "N": "7", "Nd": "7", "P": ".", "Z": " "}
_OTHERS = "a0Z -_.é"
_UNBOUNDED = 12
_LONGEST = 2_000

Make = Callable[[random.Random], str]


def examples(pattern: str, lengths: tuple[int, ...] = (), *, count: int = 12) -> list[str]:
    """Texts that should match, the shortest first; repeats prefer to reach one of `lengths`.

    Empty when the pattern holds what is not understood here. The same pattern gives the same texts.
    """
    try:
        make = _Parser(pattern, lengths).whole()
    except (ValueError, IndexError):
        return []
    dice = random.Random(pattern)  # noqa: S311 - reproducible samples, no secret
    found = {make(dice)[:_LONGEST]: None for _ in range(count)}
    return sorted(found, key=lambda text: (len(text), text))


@dataclass
class _Parser:
    """One pass over the pattern; every method eats what it has read."""

    pattern: str
    lengths: tuple[int, ...]
    at: int = 0

    def whole(self) -> Make:
        made = self.choice()
        if self.at < len(self.pattern):
            raise ValueError("unbalanced")
        return made

    def choice(self) -> Make:
        branches = [self.sequence()]
        while self._eats("|"):
            branches.append(self.sequence())
        return lambda dice: dice.choice(branches)(dice)

    def sequence(self) -> Make:
        parts: list[Make] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            parts.append(self.repeated(self.atom()))
        return lambda dice: "".join(part(dice) for part in parts)

    def atom(self) -> Make:
        sign = self._next()
        match sign:
            case "^" | "$":
                return lambda _dice: ""
            case ".":
                return lambda dice: dice.choice(_OTHERS)
            case "(":
                return self.group()
            case "[":
                return self.bracket()
            case "\\":
                return self.escape()
            case _:
                return lambda _dice: sign

    def group(self) -> Make:
        if self._eats("?"):
            kind = self._next()
            if kind == "<" and self.pattern[self.at] not in "=!":
                self.at = self.pattern.index(">", self.at) + 1
            elif kind != ":":
                raise ValueError("lookaround")
        inner = self.choice()
        if not self._eats(")"):
            raise ValueError("unbalanced")
        return inner

    def escape(self) -> Make:
        sign = self._next()
        if sign in "bB":
            return lambda _dice: ""
        if sign.isdigit() and sign != "0":
            raise ValueError("backreference")
        letters = self._letters(sign)
        return lambda dice: dice.choice(letters)

    def bracket(self) -> Make:
        negated = self._eats("^")
        letters: list[str] = []
        while (sign := self._next()) != "]":
            low = self._letters(self._next()) if sign == "\\" else sign
            if self.pattern[self.at] == "-" and self.pattern[self.at + 1] != "]":
                self.at += 1
                letters += _between(low, self._end())
            else:
                letters += low
        if negated:
            letters = [letter for letter in _OTHERS + "!~" if letter not in letters]
        if not letters:
            raise ValueError("empty")
        return lambda dice: dice.choice(letters)

    def _end(self) -> str:
        sign = self._next()
        return self._letters(self._next()) if sign == "\\" else sign

    def repeated(self, make: Make) -> Make:
        bounds = self._bounds()
        if bounds is None:
            return make
        self._eats("?")  # lazy
        low, high = bounds
        wanted = [n for n in self.lengths if low <= n <= high]
        counts = [low, low, min(low + 1, high), *range(low, min(high, low + _UNBOUNDED) + 1)]
        counts += [*wanted, *wanted, *wanted, min(high, low + _UNBOUNDED)]
        return lambda dice: "".join(make(dice) for _ in range(dice.choice(counts)))

    def _bounds(self) -> tuple[int, int] | None:
        sign = self.pattern[self.at : self.at + 1]
        simple = {"*": (0, _LONGEST), "+": (1, _LONGEST), "?": (0, 1)}
        if sign in simple and sign:
            self.at += 1
            return simple[sign]
        if sign != "{":
            return None
        end = self.pattern.index("}", self.at)
        low, comma, high = self.pattern[self.at + 1 : end].partition(",")
        self.at = end + 1
        return int(low), (int(high) if high else _LONGEST) if comma else int(low)

    def _letters(self, sign: str) -> str:
        if sign in "pP" and self._eats("{"):
            end = self.pattern.index("}", self.at)
            name = self.pattern[self.at : end].rpartition("=")[2]
            self.at = end + 1
            return _PROPERTIES.get(name, "aÉ") if sign == "p" else "-"
        if sign == "u":
            code = self.pattern[self.at : self.at + 4]
            self.at += 4
            return chr(int(code, 16))
        return _CLASSES.get(sign) or _CONTROLS.get(sign) or sign

    def _next(self) -> str:
        sign = self.pattern[self.at]
        self.at += 1
        return sign

    def _eats(self, sign: str) -> bool:
        if not self.pattern.startswith(sign, self.at):
            return False
        self.at += len(sign)
        return True


def _between(low: str, high: str) -> tuple[str, str]:
    """The ends of a range: a number made of 0 and 9 alone is nobody's."""
    return low[-1], high[0]
