"""Commands of those who exchange data: sign in, push, pull, search, ask."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hub.cli.connection import (
    DEFAULT_URL,
    ClientId,
    ClientSecret,
    Token,
    at_the_hub,
    hub_of,
    remember,
)
from hub.cli.output import USAGE, AsJson, answers, note, refuse, show

if TYPE_CHECKING:
    from hub.client import Format, Simpul

# Spelt out here, so that `simpul --help` does not load the client and HTTP; mypy compares them.
Mode = Literal["append", "upsert", "replace", "delete"]
OnError = Literal["reject", "quarantine"]
SheetName = Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook, by name.")]
HeaderRow = Annotated[
    int | None,
    typer.Option("--header-row", min=1, max=1_048_576, help="Row with the column names."),
]

FORMATS: "dict[str, Format]" = {
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".parquet": "parquet",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".arrow": "arrow",
}


def _known_suffix(out: Path | None) -> Path | None:
    """Asked before the hub is: a wrong file name is the caller's mistake."""
    if out is not None and out.suffix.lower() not in FORMATS:
        known = " ".join(FORMATS)
        raise typer.BadParameter(f"akhiran tidak dikenal / unknown suffix; {known}")
    return out


Out = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--out",
        help="FILE.{csv,xlsx,parquet,json,ndjson,arrow}",
        dir_okay=False,
        callback=_known_suffix,
    ),
]


def login(
    url: Annotated[
        str, typer.Argument(envvar="SIMPUL_URL", help="Address of the hub.")
    ] = DEFAULT_URL,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    token: Token = None,
) -> None:
    """Remember a hub and who you are there, in a file that only you can read."""
    found = {"url": url.rstrip("/")}
    if token is not None:
        found["token"] = token
    else:
        found["client_id"] = client_id or typer.prompt("Client ID", err=True)
        found["client_secret"] = client_secret or typer.prompt(
            "Client secret", hide_input=True, err=True
        )
    with answers(), hub_of(found) as hub:
        me = hub.ask("GET", "/api/v1/me")
    path = remember(found)
    note(f"Masuk ke / signed in to {found['url']}: {me['name']} ({path})")


@at_the_hub
def push(
    hub: "Simpul",
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, NDJSON, XLSX …")],
    dataset: Annotated[str, typer.Option(help="agency/slug")],
    mode: Annotated[
        Mode | None, typer.Option(help="What happens to rows that are there (append).")
    ] = None,
    on_error: Annotated[OnError, typer.Option(help="What happens to the good rows.")] = "reject",
    corrects: Annotated[
        str | None, typer.Option(help="Batch whose rejected rows these are, corrected.")
    ] = None,
    idempotency_key: Annotated[str | None, typer.Option(help="Sent again, it counts once.")] = None,
    sheet: SheetName = None,
    header_row: HeaderRow = None,
    as_json: AsJson = False,
) -> None:
    """Send a file to a dataset; prints what was published and its receipt."""
    answer = hub.push_file(
        file,
        dataset,
        mode=mode,
        on_error=on_error,
        corrects=corrects,
        idempotency_key=idempotency_key,
        sheet=sheet,
        header_row=header_row,
    )
    show(answer, as_json=as_json)


@at_the_hub
def pull(
    hub: "Simpul",
    dataset: Annotated[str, typer.Argument(help="agency/slug")],
    out: Out = None,
    release: Annotated[int | None, typer.Option(help="An older release.")] = None,
    as_json: AsJson = False,
) -> None:
    """Download the rows your grant opens, to a file, or as CSV (or JSON) to the screen."""
    if out is None:
        sys.stdout.flush()
        hub.download(
            dataset, sys.stdout.buffer, format="json" if as_json else "csv", release=release
        )
        return
    receipt = hub.download(dataset, out, format=FORMATS[out.suffix.lower()], release=release)
    note(f"{out} ditulis / written")
    show(receipt, as_json=as_json)


@at_the_hub
def search(
    hub: "Simpul",
    words: Annotated[list[str], typer.Argument(help="Words to look for.")],
    as_json: AsJson = False,
) -> None:
    """Find datasets in the catalog, best first."""
    params = {"q": " ".join(words), "limit": 20}
    found = hub.ask("GET", "/api/v1/datasets", params=params)["items"]
    show(found if as_json else [_headline(item) for item in found], as_json=as_json)


@at_the_hub
def sql(
    hub: "Simpul",
    statement: Annotated[str, typer.Argument(help='SELECT …; tables are "agency.slug".')],
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Ask with read-only SQL over everything you may see; `-` reads it from the input."""
    text = sys.stdin.read() if statement == "-" else statement
    if not text.strip():
        raise refuse("Kueri kosong / the query is empty", USAGE)
    if out is not None:
        hub.download_query(text, out, format=FORMATS[out.suffix.lower()])
        note(f"{out} ditulis / written")
        return
    answer = hub.ask("POST", "/api/v1/query", json={"sql": text, "format": "json"})
    rows = [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]
    show(rows, as_json=as_json)
    if answer["capped"]:
        note(f"Hanya {len(rows)} baris pertama / only the first rows ({answer['capped']})")


def _headline(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "dataset": item["id"],
        "class": item["access"]["class"],
        "title": item["title"],
    }
