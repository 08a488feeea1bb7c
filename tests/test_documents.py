"""The manual knows every setting, command, problem type, event type and route that the code has, and no others."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from fastapi import FastAPI
from typer.core import TyperCommand, TyperGroup

from hub.app import ROUTERS
from hub.cli import app as commands
from hub.outbox.service import EventType
from hub.problems import INVALID_REQUEST, PROBLEMS, UNEXPECTED, Problem
from hub.settings import Settings

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
EVERY_PROBLEM = [*PROBLEMS.values(), INVALID_REQUEST, UNEXPECTED]
SLUGS = {problem.slug: problem for problem in EVERY_PROBLEM}


def page(name: str) -> str:
    return (REFERENCE / name).read_text()


def row_of(name: str, start: str) -> str:
    found = [line for line in page(name).splitlines() if line.startswith(f"| {start}")]
    assert len(found) == 1, f"{start} has {len(found)} rows in {name}"
    return found[0]


def named(*pages: str, like: str) -> set[str]:
    """What the first column of the tables of these pages names."""
    return {
        found
        for one in pages
        for line in page(one).splitlines()
        for found in re.findall(rf"^\| `({like})", line)
    }


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_in_the_manual_with_its_meaning(name: str) -> None:
    row = row_of("settings.md", f"`SIMPUL_{name.upper()}`")
    assert str(Settings.model_fields[name].description) in row


def test_the_manual_has_no_setting_that_the_code_lacks() -> None:
    assert named("settings.md", like="SIMPUL_[A-Z_]+") == {
        f"SIMPUL_{name.upper()}" for name in Settings.model_fields
    }


@pytest.mark.parametrize("slug", sorted(SLUGS))
def test_every_problem_type_is_in_the_manual_with_status_and_titles(slug: str) -> None:
    problem = SLUGS[slug]
    row = row_of("problems.md", f"`/problems/{slug}`")
    assert f"| {problem.status.value} | {problem.title_id} / {problem.title_en} |" in row
    assert not [name for name in _members(slug) if f"`{name}`" not in row]


def _members(slug: str) -> set[str]:
    return {name for problem in EVERY_PROBLEM if problem.slug == slug for name in problem.members}


def test_problems_of_one_type_agree_on_status_and_title() -> None:
    def told(problem: Problem) -> tuple[int, str, str]:
        return problem.status.value, problem.title_id, problem.title_en

    assert {p.slug: told(p) for p in EVERY_PROBLEM} == {s: told(p) for s, p in SLUGS.items()}
    assert not [p.slug for p in EVERY_PROBLEM if told(p) != told(SLUGS[p.slug])]


def test_the_manual_has_no_problem_type_that_the_code_lacks() -> None:
    assert named("problems.md", like="/problems/[a-z-]+") == {f"/problems/{slug}" for slug in SLUGS}


def test_the_manual_has_the_event_types_of_the_code_and_no_others() -> None:
    assert named("events.md", like=r"[a-z]+\.[a-z_]+") == {event.value for event in EventType}


def _leaves(group: TyperGroup, before: str = "simpul") -> Iterator[tuple[str, TyperCommand]]:
    for name, command in group.commands.items():
        path = f"{before} {name}"
        if isinstance(command, TyperGroup):
            yield from _leaves(command, path)
        else:
            assert isinstance(command, TyperCommand)
            yield path, command


def _commands() -> dict[str, TyperCommand]:
    group = typer.main.get_command(commands)
    assert isinstance(group, TyperGroup)
    return dict(_leaves(group))


SHARED = {"--help", "--json", "--url", "--client-id", "--client-secret", "--token", "--lang"}
"""Options that commands.md explains once for all commands."""


@pytest.mark.parametrize("path", sorted(_commands()))
def test_every_command_is_in_the_manual_with_its_options(path: str) -> None:
    rows = [line for line in page("commands.md").splitlines() if _names(line, path)]
    assert rows, f"{path} has no row in commands.md"
    options = {option for p in _commands()[path].params for option in p.opts if option[0] == "-"}
    told = set(re.findall(r"[ `](--?[a-z][a-z-]*)", " ".join(rows)))
    assert options - SHARED <= told


def _names(line: str, path: str) -> bool:
    return line.startswith((f"| `{path}`", f"| `{path} "))


def test_the_manual_has_no_command_that_the_code_lacks() -> None:
    rows = [line for line in page("commands.md").splitlines() if line.startswith("| `simpul ")]
    assert not [row for row in rows if not any(_names(row, path) for path in _commands())]


def _routes() -> set[str]:
    """`METHOD path` of every route of the API; pages for people are not in its description."""
    app = FastAPI()
    for router in ROUTERS:
        app.include_router(router)
    return {
        f"{method.upper()} {path}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if method != "head"
    }


def test_the_manual_has_the_routes_of_the_api_and_no_others() -> None:
    assert named("http.md", like=r"[A-Z]+ /[^`?]*") == _routes()


def _contracts() -> list[dict[str, Any]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts: list[dict[str, Any]] = project["tool"]["importlinter"]["contracts"]
    return contracts


def test_the_architecture_page_has_the_storeys_and_contracts_of_the_project() -> None:
    text = (ROOT / "docs" / "explanation" / "architecture.md").read_text()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    (storeys,) = (c["layers"] for c in _contracts() if c["id"] == "hub-storeys")
    for storey in storeys:
        wanted = ", ".join(f"`{name.strip()}`" for name in storey.split("|"))
        assert f" {wanted} " in rows
    assert {f" `{contract['id']}` " for contract in _contracts()} <= set(rows)


def _links(text: str) -> set[str]:
    without_code = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    found = re.findall(r"(?:\]\(|(?:src|href|srcset)=\")([^)\"\s]+)", without_code)
    return {link for link in found if not link.startswith(("http:", "https:", "mailto:"))}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_the_documents_leads_somewhere(path: Path) -> None:
    targets = {link: (path.parent / link.partition("#")[0]) for link in _links(path.read_text())}
    assert not [link for link, target in targets.items() if not target.exists()]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_anchor_of_the_documents_is_a_heading(path: Path) -> None:
    broken = []
    for link in _links(path.read_text()):
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        if anchor and target.suffix == ".md" and anchor not in _anchors(target):
            broken.append(link)
    assert broken == []


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_in_the_index() -> None:
    docs = ROOT / "docs"
    index = (docs / "README.md").read_text() + (docs / "decisions" / "README.md").read_text()
    assert not [
        str(path.relative_to(docs))
        for path in docs.rglob("*.md")
        if path.name != "README.md" and path.name not in index
    ]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs" / "decisions").glob("0*.md")), ids=lambda path: path.stem
)
def test_a_decision_is_dated_complete_and_short(path: Path) -> None:
    text = path.read_text()
    assert re.search(r"^Date: \d{4}-\d{2}-\d{2}\.", text, flags=re.MULTILINE)
    for heading in ("## Context", "## Decision", "## Consequences", "## Alternatives"):
        assert heading in text
    assert len(text.split()) < 300
