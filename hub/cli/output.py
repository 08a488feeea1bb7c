"""How every command speaks: data on stdout, remarks on stderr, exit codes that mean something."""

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hub.cli import table

if TYPE_CHECKING:
    from hub.client import Refused

REFUSED, USAGE, UNREACHABLE = 1, 2, 3
"""Exit codes: a rule said no, the command was called wrongly, the hub does not answer."""
UNAUTHENTICATED = 401

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Language = Literal["id", "en"]


def show(rows: Sequence[dict[str, Any]] | dict[str, Any], *, as_json: bool) -> None:
    """Print one record or many, as JSON or for people."""
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    if isinstance(rows, dict):
        lines = table.record(rows, width)
    elif rows:
        lines = table.lines(rows, width)
    else:
        note("(kosong / nothing)")
        return
    for line in lines:
        typer.echo(line)


def note(message: str) -> None:
    """A remark for the person, not for the program that reads the output."""
    typer.echo(message, err=True)


def refuse(message: str, code: int = REFUSED) -> typer.Exit:
    """Say why, in red where there is colour, and end with this exit code: `raise refuse(...)`."""
    from rich.console import Console  # knows NO_COLOR and what a terminal can do

    Console(stderr=True, soft_wrap=True).print(message, style="red", highlight=False, markup=False)
    return typer.Exit(code)


@contextmanager
def answers(*, as_json: bool = False, language: Language = "id") -> Iterator[None]:
    """Errors of the hub and of the way to it become sentences and exit codes.

    For a program that asked for JSON the problem document itself goes to stdout.
    """
    from hub.client import Refused, Unreachable

    try:
        yield
    except Refused as error:
        if as_json:
            show(error.problem, as_json=True)
        raise refuse("\n".join(_explained(error, language))) from error
    except Unreachable as error:
        raise refuse(f"Hub tidak terjangkau / hub unreachable: {error}", UNREACHABLE) from error


def _explained(error: "Refused", language: Language) -> Iterator[str]:
    """The problem's sentence, then what the gate found, a line each, then where the rest is."""
    problem = error.problem
    where = problem.get("where")
    yield f"{error} ({where})" if where else str(error)
    if error.status == UNAUTHENTICATED:
        yield "  simpul login URL"
    report = problem.get("report") or {}
    # What is wrong with the header is in the sentence already.
    for found in report.get("by_rule", [])[:10]:
        where = f"{found.get('column') or '-'} · {found.get('rule')}"
        mark = "" if found.get("severity", "error") == "error" else "(!) "
        yield f"  {mark}{found.get('count')}× {where}: {found.get(f'message_{language}', '')}"
    for fault in problem.get("faults") or problem.get("reasons") or []:
        yield f"  {fault.get('pointer') or '/'}: {fault.get(f'message_{language}', '')}"
    for shown in problem.get("witnesses") or []:
        taken, refused = shown["accepted_by"], shown["refused_by"]
        yield f"  {shown['direction']}: diterima / accepted {taken}, ditolak / refused {refused}"
        yield from (f"    {json.dumps(row, ensure_ascii=False)}" for row in shown["rows"])
    if problem.get("errors"):
        yield f"  {problem['errors']}?format=xlsx"
