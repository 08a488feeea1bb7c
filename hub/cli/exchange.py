"""Commands of those who exchange data: sign in, push, pull, search, ask."""

import json
import stat
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.output import AsJson, answers, note, refuse, show
from hub.client import Format, Mode, OnError, Simpul

CREDENTIALS = Path("~/.config/simpul/credentials.json")
DEFAULT_URL = "http://127.0.0.1:8000"

Url = Annotated[str | None, typer.Option(envvar="SIMPUL_URL", help="The hub, when not signed in.")]
ClientId = Annotated[str | None, typer.Option(envvar="SIMPUL_CLIENT_ID")]
ClientSecret = Annotated[str | None, typer.Option(envvar="SIMPUL_CLIENT_SECRET")]
Token = Annotated[str | None, typer.Option(envvar="SIMPUL_TOKEN", help="A personal token.")]


def login(
    url: Annotated[str, typer.Argument(help="Address of the hub.")] = DEFAULT_URL,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    token: Token = None,
) -> None:
    """Remember a hub and who you are there, in a file that only you can read."""
    if token is None and client_id is None:
        client_id = typer.prompt("Client ID")
    if token is None and client_secret is None:
        client_secret = typer.prompt("Client secret", hide_input=True)
    said = {"url": url, "client_id": client_id, "client_secret": client_secret, "token": token}
    with answers(), hub_of(said) as hub:
        me = hub.call("GET", "/api/v1/me").json()
    path = CREDENTIALS.expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=stat.S_IRUSR | stat.S_IWUSR)
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    path.write_text(json.dumps(said))
    note(f"Masuk ke {url} sebagai {me.get('name', client_id)}")


def push(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, NDJSON, XLSX …")],
    dataset: Annotated[str, typer.Option(help="agency/slug")],
    mode: Annotated[Mode, typer.Option(help="What happens to rows that are there.")] = "append",
    on_error: Annotated[OnError, typer.Option(help="What happens to the good rows.")] = "reject",
    idempotency_key: Annotated[str | None, typer.Option(help="Sent again, it counts once.")] = None,
    url: Url = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Send a file to a dataset; prints what was published and its receipt."""
    with answers(), hub_of(known(url, client_id, client_secret, token)) as hub:
        answer = hub.push_file(
            file, dataset, mode=mode, on_error=on_error, idempotency_key=idempotency_key
        )
    show(answer, as_json=as_json)


def pull(
    dataset: Annotated[str, typer.Argument(help="agency/slug")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="FILE.{csv,xlsx,parquet,json}")
    ] = None,
    release: Annotated[int | None, typer.Option(help="An older release.")] = None,
    url: Url = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    token: Token = None,
) -> None:
    """Download the rows your grant opens, to a file or as CSV to the screen."""
    target = out or Path("/dev/stdout")
    with answers(), hub_of(known(url, client_id, client_secret, token)) as hub:
        hub.download(dataset, target, format=_format_of(out), release=release)
    if out:
        note(f"{out} ditulis")


def search(
    words: Annotated[list[str], typer.Argument(help="Words to look for.")],
    url: Url = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Find datasets in the catalog."""
    with answers(), hub_of(known(url, client_id, client_secret, token)) as hub:
        params = {"q": " ".join(words), "limit": 20}
        found = hub.call("GET", "/api/v1/datasets", params=params).json()["items"]
    show(found if as_json else [_headline(item) for item in found], as_json=as_json)


def sql(
    statement: Annotated[str, typer.Argument(help='SELECT …; tables are "agency.slug".')],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="FILE.{csv,xlsx,parquet,json}")
    ] = None,
    url: Url = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Ask with read-only SQL over everything you may see; `-` reads it from the input."""
    text = sys.stdin.read() if statement == "-" else statement
    with answers(), hub_of(known(url, client_id, client_secret, token)) as hub:
        wanted = {"sql": text, "format": _format_of(out) if out else "json"}
        answer = hub.call("POST", "/api/v1/query", json=wanted)
        if out:
            out.write_bytes(answer.content)
            note(f"{out} ditulis")
            return
    result = answer.json()
    rows = [dict(zip(result["columns"], row, strict=True)) for row in result["rows"]]
    show(rows, as_json=as_json)


def source_test(
    source_id: Annotated[str, typer.Argument(metavar="ID")],
    url: Url = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Try each layer of a pull source; names the one that fails."""
    with answers(), hub_of(known(url, client_id, client_secret, token)) as hub:
        report = hub.call("POST", f"/api/v1/sources/{source_id}/check").json()
    show(report if as_json else report["layers"], as_json=as_json)
    if not report["ok"]:
        raise refuse(f"Gagal pada lapisan {report['failing']}")


def source_run(
    source_id: Annotated[str, typer.Argument(metavar="ID")],
    url: Url = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Pull from a source now."""
    with answers(), hub_of(known(url, client_id, client_secret, token)) as hub:
        run = hub.call("POST", f"/api/v1/sources/{source_id}/run").json()
    show(run, as_json=as_json)
    if run["outcome"] in ("failed", "refused"):
        raise refuse(run["message_id"] or run["outcome"])


def known(
    url: str | None, client_id: str | None, client_secret: str | None, token: str | None
) -> dict[str, Any]:
    """What the options say, over what `simpul login` remembered."""
    path = CREDENTIALS.expanduser()
    remembered: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    if client_id or token:
        remembered = {"url": remembered.get("url")}
    said = {"url": url, "client_id": client_id, "client_secret": client_secret, "token": token}
    return {**remembered, **{name: value for name, value in said.items() if value}}


def hub_of(found: dict[str, Any]) -> Simpul:
    return Simpul(
        found.get("url") or DEFAULT_URL,
        found.get("client_id"),
        found.get("client_secret"),
        token=found.get("token"),
    )


def _format_of(out: Path | None) -> Format:
    match out.suffix.lower() if out else ".csv":
        case ".csv":
            return "csv"
        case ".xlsx":
            return "xlsx"
        case ".parquet":
            return "parquet"
        case ".ndjson" | ".jsonl":
            return "ndjson"
        case ".arrow":
            return "arrow"
        case ".json":
            return "json"
        case other:
            raise refuse(f"Akhiran {other} tidak dikenal; pakai .csv .xlsx .parquet .json", 2)


def _headline(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "dataset": item.get("id"),
        "title": item.get("title"),
        "class": item.get("access_class") or (item.get("access") or {}).get("class"),
    }
