"""Every import contract bites: a module that violates it, in a copy of the rooms, breaks it and no other."""

import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("hub", "connectors", "schemas", "catalog")
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}


@dataclass(frozen=True)
class Violation:
    """Modules to write (path → what it imports) so that just this contract is broken."""

    contract: str
    what: str
    modules: tuple[tuple[str, str], ...]


VIOLATIONS = (
    Violation("rooms", "the catalog asks the hub", (("catalog/intruder.py", "hub.errors"),)),
    Violation("rooms", "a schema asks the catalog", (("schemas/intruder.py", "catalog.errors"),)),
    Violation(
        "blind-connectors",
        "a connector looks at a schema",
        (("connectors/intruder.py", "schemas.errors"),),
    ),
    Violation("hub-storeys", "a module without a storey", (("hub/drawer.py", "json"),)),
    Violation(
        "hub-storeys",
        "a storey climbs to the one above",
        (("hub/audit/intruder.py", "hub.standards.models"),),
    ),
    Violation("no-web-below", "the catalog serves", (("catalog/intruder.py", "fastapi"),)),
    Violation("no-web-below", "a schema is a command", (("schemas/intruder.py", "typer"),)),
    Violation(
        "no-db-in-pure-rooms", "a schema has a table", (("schemas/intruder.py", "sqlmodel"),)
    ),
    Violation(
        "no-db-in-pure-rooms", "a connector has SQL", (("connectors/intruder.py", "sqlalchemy"),)
    ),
    Violation("services-no-http", "a service answers", (("hub/demo/service.py", "starlette"),)),
    Violation("services-no-http", "a service asks deps", (("hub/demo/service.py", "hub.deps"),)),
    Violation("one-home-each", "Authlib out of home", (("hub/intake/intruder.py", "authlib"),)),
    Violation("one-home-each", "Jinja2 out of home", (("hub/grants/intruder.py", "jinja2"),)),
    Violation(
        "routes-private", "a page calls a route", (("hub/web/intruder.py", "hub.audit.routes"),)
    ),
    Violation(
        "readers-behind-a-decision",
        "intake reads rows by itself",
        (("hub/intake/intruder.py", "catalog.reading"),),
    ),
    Violation(
        "internal-readings",
        "a page reads edges by itself",
        (("hub/web/intruder.py", "catalog.edges"),),
    ),
    Violation(
        "acyclic",
        "two modules need one another",
        (("schemas/here.py", "schemas.there"), ("schemas/there.py", "schemas.here")),
    ),
)


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The four rooms' modules alone, with the times of the originals so that the cache holds."""
    copy = tmp_path_factory.mktemp("rooms")
    for room in ROOMS:
        for module in (ROOT / room).rglob("*.py"):
            target = copy / module.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(module, target)
    shutil.copy2(ROOT / "pyproject.toml", copy)
    return copy


def broken(rooms: Path) -> set[str]:
    """The ids of the contracts that import-linter calls broken in these rooms."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--cache-dir", ".cache"],
        cwd=rooms,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "COLUMNS": "500"},
    )
    verdicts = dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", done.stdout, flags=re.MULTILINE))
    told = {contract: verdicts.get(name) for contract, name in CONTRACTS.items()}
    assert None not in told.values(), done.stdout + done.stderr
    return {contract for contract, verdict in told.items() if verdict == "BROKEN"}


@pytest.fixture(scope="module")
def already(rooms: Path) -> set[str]:
    """Broken before we begin; one test says so, and the others do not repeat it."""
    return broken(rooms)


def test_the_rooms_keep_every_contract(already: set[str]) -> None:
    assert already == set()


@pytest.mark.parametrize(
    "violation", VIOLATIONS, ids=lambda violation: f"{violation.contract}: {violation.what}"
)
def test_a_violation_breaks_its_contract_and_no_other(
    rooms: Path, already: set[str], violation: Violation
) -> None:
    written = [(rooms / path, imported) for path, imported in violation.modules]
    assert not [path for path, _ in written if path.exists()], "the case needs another name"
    try:
        for path, imported in written:
            path.write_text(f"import {imported}\n")
        assert broken(rooms) - already == {violation.contract} - already
    finally:
        for path, _ in written:
            path.unlink(missing_ok=True)


def test_every_contract_has_a_violation() -> None:
    assert {violation.contract for violation in VIOLATIONS} == set(CONTRACTS)
