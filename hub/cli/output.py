"""How every command speaks: data on stdout, remarks on stderr, exit codes that mean something."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

REFUSED, USAGE, UNREACHABLE = 1, 2, 3
"""Exit codes: a rule said no, the command was called wrongly, the hub does not answer."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

stdout = Console()
stderr = Console(stderr=True)


def show(rows: Sequence[dict[str, Any]] | dict[str, Any], *, as_json: bool) -> None:
    """Print one record or many, as JSON or for people."""
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, default=str))
    elif isinstance(rows, dict):
        _record(rows)
    else:
        _table(rows)


def note(message: str) -> None:
    """A remark for the person, not for the program that reads the output."""
    stderr.print(message, highlight=False)


def refuse(message: str, code: int = REFUSED) -> typer.Exit:
    """Say why and end with this exit code: `raise refuse(...)`."""
    stderr.print(message, style="red", highlight=False, markup=False)
    return typer.Exit(code)


@contextmanager
def answers() -> Iterator[None]:
    """Errors of the hub and of the way to it become sentences and exit codes."""
    from hub.client import Refused, Unreachable

    try:
        yield
    except Refused as error:
        raise refuse(_explained(error)) from error
    except Unreachable as error:
        raise refuse(f"Hub tidak terjangkau / hub unreachable: {error}", UNREACHABLE) from error


def _explained(error: Exception) -> str:
    """The problem's sentence, then what the gate found, a line each."""
    problem: dict[str, Any] = getattr(error, "problem", {})
    lines = [str(error)]
    for found in problem.get("report", {}).get("by_rule", [])[:10]:
        where = f"{found.get('column') or '-'} · {found.get('rule')}"
        lines.append(f"  {found.get('count')}× {where}: {found.get('message_id', '')}")
    if problem.get("errors"):
        lines.append(f"  {problem['errors']}?format=xlsx")
    return "\n".join(lines)


def _record(record: dict[str, Any]) -> None:
    width = max((len(name) for name in record), default=0)
    for name, value in record.items():
        typer.echo(f"{name.ljust(width)}  {_plain(value)}")


def _table(rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        note("(kosong / nothing)")
        return
    table = Table(box=None, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(_plain(row.get(name)) for name in rows[0]))
    stdout.print(table)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
