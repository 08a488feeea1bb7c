"""No real person's number is in the project: what looks like one must have a serial of zeros.

The rule of the project's fixtures: the serial part of a NIK or NIP is all zeros, hosts end in
`.invalid`, nobody can be called. The copies of the real feeds are looked into as well, unpacked: their
own codes have at most 14 digits, so they need no exception.
"""

import gzip
import re
import subprocess
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SKIPPED = {"uv.lock"}  # checksums and addresses of packages
NIK = re.compile(r"(?<![\w.])(\d{2})\d{4}(\d{2})(\d{2})(\d{2})(\d{4})(?![\w.]\d|\w)")
NIP = re.compile(r"(?<![\w.])(\d{4})(\d{2})(\d{2}) ?(\d{4})(\d{2}) ?([12])(?: ?)(\d{3})(?!\w)")
NPWP = re.compile(r"(?<!\d)\d{2}\.\d{3}\.\d{3}\.\d-(\d{3})\.(\d{3})(?!\d)")
EMAIL = re.compile(r"(?<![\w.%+-])[\w.%+-]+@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})(?![\w-])")
PHONE = re.compile(r"(?<![\w.+-])(?:\+62 ?|08)\d{2,3}[ -]?\d{3,4}[ -]?\d{3,5}(?![\w.])")
PROVINCES = range(11, 100)
OUR_HOSTS = (".invalid", "example.com", "example.org")


def real_niks(text: str) -> Iterator[str]:
    """Region, day (women: plus 40), month, year, serial: a possible birthday and a serial not zero."""
    for found in NIK.finditer(text):
        province, day, month, _, serial = (int(part) for part in found.groups())
        born = 1 <= (day - 40 if day > 40 else day) <= 31 and 1 <= month <= 12
        if province in PROVINCES and born and serial:
            yield found.group()


def real_nips(text: str) -> Iterator[str]:
    """Birthday, year and month of appointment (PPPK: 21), sex, serial; the serial not zero."""
    for found in NIP.finditer(text):
        year, month, day, since, at, _, serial = (int(part) for part in found.groups())
        if (
            _is_day(year, month, day)
            and 1950 <= since < 2100
            and at in {*range(1, 13), 21}
            and serial
        ):
            yield found.group()


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        return 1930 <= date(year, month, day).year < 2020
    except ValueError:
        return False


def real_npwps(text: str) -> Iterator[str]:
    """As written with dots; ours end in zeros."""
    return (found.group() for found in NPWP.finditer(text) if int(found[1] + found[2]))


def real_addresses(text: str) -> Iterator[str]:
    """Mail addresses under a host that exists."""
    return (found.group() for found in EMAIL.finditer(text) if not found[1].endswith(OUR_HOSTS))


def real_phones(text: str) -> Iterator[str]:
    """Indonesian mobile numbers whose last digits are not zeros."""
    return (found.group() for found in PHONE.finditer(text) if not found.group().endswith("0000"))


RULES = (real_niks, real_nips, real_npwps, real_addresses, real_phones)


@cache
def texts() -> dict[str, str]:
    """Every text that git keeps, unpacked, by its name."""
    told = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    found = {}
    for name in told.stdout.split("\0"):
        path = ROOT / name
        if not name or name in SKIPPED or not path.is_file():
            continue
        content = path.read_bytes()
        unpacked = gzip.decompress(content) if path.suffix == ".gz" else content
        if b"\0" not in unpacked[:8192]:
            found[name] = unpacked.decode(errors="replace")
    return found


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_nothing_that_git_keeps_names_a_real_person(rule: object) -> None:
    assert callable(rule)
    told = [f"{name}: {what}" for name, text in texts().items() for what in rule(text)]
    assert told == []


def test_the_feeds_are_among_what_is_looked_at() -> None:
    assert len([name for name in texts() if name.startswith("hub/demo/data/")]) > 20


def _joined(*parts: str) -> str:
    """Parts put together here only, so that this very file stays clean."""
    return "".join(parts)


CAUGHT = (
    (real_niks, _joined("640104", "150885", "0003")),
    (real_niks, _joined("640104", "550885", "0003")),
    (real_nips, _joined("19800101", "200501", "1", "007")),
    (real_nips, _joined("19800101 ", "202321 ", "2 ", "007")),
    (real_npwps, _joined("01.234.567.8-", "901.000")),
    (real_addresses, _joined("budi", "@", "paserkab.go.id")),
    (real_phones, _joined("0812", "-3456", "-7891")),
    (real_phones, _joined("+62 812", " 3456 ", "7891")),
)
PASSED = (
    (real_niks, "6401041508850000"),
    (real_niks, "6401000000000001"),
    (real_niks, "9007199254740993"),
    (real_nips, "198001012005011000"),
    (real_npwps, "01.234.567.8-000.000"),
    (real_addresses, "sri@bkad.invalid"),
    (real_phones, "0812-0000-0000"),
)


@pytest.mark.parametrize(("rule", "text"), CAUGHT)
def test_what_looks_real_is_found(rule: object, text: str) -> None:
    assert callable(rule)
    assert list(rule(f"a {text}, b"))


@pytest.mark.parametrize(("rule", "text"), PASSED)
def test_what_is_plainly_synthetic_passes(rule: object, text: str) -> None:
    assert callable(rule)
    assert list(rule(f"a {text}, b")) == []
