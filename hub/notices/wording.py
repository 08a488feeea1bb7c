"""The words of a notice: of bounded length, on one line where a header asks for it, without numbers of people."""

import re

LONGEST_SUBJECT = 160
LONGEST_BODY = 2000
LONGEST_PATH = 200

_CONTROL = re.compile(r"[^\S\n]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_NUMBER_OF_A_PERSON = re.compile(
    r"\d{15,}"  # NIK (16), NIP (18), NPWP (15, 16)
    r"|\d{6}[ .]\d{6}[ .]\d{4}|\d{8} \d{6} \d \d{3}|\d\d\.\d{3}\.\d{3}\.\d-\d{3}\.\d{3}"
)
HIDDEN_NUMBER = "[…]"


def line(text: str, longest: int = LONGEST_SUBJECT) -> str:
    """One line without control characters, cut with «…» at `longest` characters."""
    return _cut(" ".join(_hidden(text).split()), longest)


def paragraphs(text: str, longest: int = LONGEST_BODY) -> str:
    """Several lines; otherwise as `line`."""
    lines = (" ".join(one.split()) for one in _hidden(text).split("\n"))
    return _cut("\n".join(lines).strip(), longest)


def _hidden(text: str) -> str:
    return _NUMBER_OF_A_PERSON.sub(HIDDEN_NUMBER, _CONTROL.sub(" ", text.replace("\r\n", "\n")))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
