"""Commands about schemas; `validate` judges a file at home, without a hub."""

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.exchange import ClientId, ClientSecret, Token, Url, hub_of, known
from hub.cli.output import AsJson, answers, refuse, show

ExistingFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]


def validate(
    file: ExistingFile,
    schema: Annotated[str, typer.Option(help="NAME/VERSION, or a FILE.json")],
    dataset: Annotated[
        str | None, typer.Option(help="Take its intake steps: URL or FILE.json")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write OUT.xlsx with the bad cells marked.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge a file by a published schema; the same verdict as the hub's."""
    from hub.intake.formats import format_of
    from schemas.errors import SchemaError
    from schemas.gate import judge
    from schemas.gate.report import as_xlsx

    try:
        document = _document(schema)
        with tempfile.TemporaryDirectory() as work:
            verdict = judge(
                file,
                format_of(file, declared=None, media_type=None, name=file.name),
                document,
                _steps(dataset),
                work=Path(work),
            )
            if report is not None:
                as_xlsx(document, verdict.report_file, verdict.quarantine_file, report, "id")
            found = json.loads(verdict.report_file.read_bytes())
    except SchemaError as error:
        raise refuse(str(getattr(error, "message_id", "") or error)) from error
    if as_json:
        show(found, as_json=True)
    else:
        show(found["counts"], as_json=False)
        show([_line(rule) for rule in found["by_rule"]], as_json=False)
    if not verdict.clean:
        raise typer.Exit(1)


def publish(
    file: ExistingFile,
    url: Url = None,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    token: Token = None,
    as_json: AsJson = False,
) -> None:
    """Publish a schema version; refused with reasons when it would break readers."""
    body = _json(file)
    name = _document_of(body).name
    with answers(), hub_of(known(url, client_id, client_secret, token)) as hub:
        answer = hub.call("POST", f"/api/v1/schemas/{name}/versions", json=body).json()
    show(answer, as_json=as_json)


def check(
    file: ExistingFile,
    against: Annotated[str, typer.Option(help="NAME/VERSION, or a FILE.json")],
    as_json: AsJson = False,
) -> None:
    """Say whether a new version can follow an old one, and if not, why."""
    from schemas.compatibility import compare

    reasons = compare(_document(against), _document_of(_json(file)))
    rows = [
        {"code": r.code, "pointer": r.pointer, "message": r.message_id, "message_en": r.message_en}
        for r in reasons
    ]
    show(rows, as_json=as_json)
    if reasons:
        raise typer.Exit(1)


def listed(as_json: AsJson = False) -> None:
    """The schemas that come with Simpul."""
    from schemas.registry import Registry

    rows = [
        {"schema": f"{document.name}/{document.version}", "title": document.title}
        for document in Registry.packaged()
    ]
    show(rows, as_json=as_json)


def _line(rule: dict[str, Any]) -> dict[str, Any]:
    return {
        "count": rule["count"],
        "column": rule["column"],
        "rule": rule["rule"],
        "rows": rule["first_rows"][:5],
        "message": rule["message_id"],
    }


def _document(named: str) -> Any:
    from schemas.registry import Registry

    if named.endswith(".json"):
        return _document_of(_json(Path(named)))
    name, _, version = named.rpartition("/")
    return Registry.packaged().get(name, version)


def _document_of(body: Any) -> Any:
    from schemas.document import SchemaDocument

    return SchemaDocument.parse(body)


def _steps(dataset: str | None) -> list[dict[str, Any]]:
    """The steps of a dataset: its document from the hub, or the steps in a file."""
    if dataset is None:
        return []
    if dataset.startswith(("http://", "https://")):
        from hub.client import Simpul

        with answers(), Simpul("") as hub:
            found = hub.call("GET", dataset).json()
    else:
        found = _json(Path(dataset))
    steps: list[dict[str, Any]] = found["intake"] if isinstance(found, dict) else found
    return steps


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise refuse(f"{path}: {error}") from error
