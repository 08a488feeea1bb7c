"""Commands about schemas; `validate` judges a file at home, without a hub."""

import csv
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hub.cli.connection import at_the_hub
from hub.cli.exchange import HeaderRow, SheetName
from hub.cli.output import AsJson, Language, note, refuse, show

if TYPE_CHECKING:
    from hub.client import Simpul
    from schemas.compatibility import Verdict
    from schemas.document import SchemaDocument
    from schemas.errors import SchemaError
    from schemas.gate import Verdict as Judged

Locale = Literal["id", "en", "iso"]
Mode = Literal[
    "BACKWARD",
    "BACKWARD_TRANSITIVE",
    "FORWARD",
    "FORWARD_TRANSITIVE",
    "FULL",
    "FULL_TRANSITIVE",
    "NONE",
]
DatasetNamed = Annotated[
    str | None,
    typer.Option(help="Take its intake steps and severities: FILE, URL or agency/slug of the hub."),
]
LocaleOfFile = Annotated[
    Locale | None, typer.Option(help="How numbers, dates and yes/no are written in the file.")
]
CodeLists = Annotated[
    list[str] | None,
    typer.Option(help="A code list: NAME=FILE, CSV or Parquet, codes in its first column."),
]
ReportFile = Annotated[
    Path | None,
    typer.Option(help="Write OUT.xlsx (bad cells marked), .csv or .json.", dir_okay=False),
]
ExistingFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]
AtHome = Annotated[Language, typer.Option(envvar="SIMPUL_LANG", help="Language of sentences.")]


@at_the_hub
def validate(
    hub: "Simpul",
    file: ExistingFile,
    schema: Annotated[str, typer.Option(help="NAME/VERSION that comes with Simpul, FILE or URL.")],
    dataset: DatasetNamed = None,
    sheet: SheetName = None,
    header_row: HeaderRow = None,
    locale: LocaleOfFile = None,
    codes: CodeLists = None,
    report: ReportFile = None,
    as_json: AsJson = False,
) -> None:
    """Judge a file by a published schema, at home: the verdict that the hub's gate would give.

    Ends with 0 when every row passed, 1 when a row or the file was refused, 2 for a wrong command.
    """
    from hub.intake.formats import format_of
    from schemas.gate import InForce, judge

    if report is not None and report.suffix.lower() not in (".xlsx", ".csv", ".json"):
        raise typer.BadParameter(f"{report}: .xlsx .csv .json")
    with _sentences(hub.language), tempfile.TemporaryDirectory() as work:
        document = _document(schema, hub)
        intake, severities = _settings(dataset, hub)
        lists = _code_lists(codes or [], Path(work))
        verdict = judge(
            file,
            format_of(file, declared=None, media_type=None, name=file.name),
            document,
            [*intake, *([{"step": "locale", "profile": locale}] if locale else [])],
            work=Path(work),
            inforce=InForce(codes=lists),
            severities=severities,
            sheet=sheet,
            header_row=header_row,
        )
        if report is not None:
            _write_report(document, verdict, report, hub.language)
        found = json.loads(verdict.report_file.read_bytes())
    if as_json:
        show(found, as_json=True)
    else:
        _told(found, hub.language)
    if not verdict.clean:
        raise typer.Exit(1)


def template(
    schema: Annotated[str, typer.Argument(help="NAME/VERSION that comes with Simpul, or a FILE.")],
    out: Annotated[Path, typer.Argument(help="OUT.xlsx", dir_okay=False)],
    lang: AtHome = "id",
) -> None:
    """Write an Excel workbook to fill in: the schema's columns with their formats, lists and notes."""
    from schemas.template import write_template

    with _sentences(lang):
        write_template(_document(schema), out, lang)
    note(f"{out} ditulis / written")


@at_the_hub
def publish(
    hub: "Simpul",
    file: ExistingFile,
    notice_until: Annotated[
        str | None, typer.Option(help="Let a new major break; the old one stays until this day.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Publish a schema version; refused with reasons when it would break readers."""
    body = _json(file)
    with _sentences(hub.language):
        name = _document_of(body).name
    path = f"/api/v1/schemas/{name}/versions"
    made = hub.ask("POST", path, json=body, params={"notice_until": notice_until})
    show(made, as_json=as_json)


def check(
    file: ExistingFile,
    against: Annotated[str, typer.Option(help="NAME/VERSION that comes with Simpul, or a FILE.")],
    mode: Annotated[
        Mode, typer.Option(help="Which side the new version must not break.")
    ] = "BACKWARD",
    lang: AtHome = "id",
    as_json: AsJson = False,
) -> None:
    """Say whether a new version can follow an old one, and if not, why."""
    from schemas.compatibility import succession

    with _sentences(lang):
        verdict = succession([_document(against)], _document_of(_json(file)), mode)
    if as_json:
        told = {
            "reasons": [asdict(reason) for reason in verdict.reasons],
            "witnesses": [asdict(witness) for witness in verdict.witnesses],
        }
        show(told, as_json=True)
    else:
        _reasons_told(verdict, lang)
    if not verdict.compatible:
        raise refuse("Tidak serasi / not compatible")
    note("Serasi / compatible")


@at_the_hub
def mode(
    hub: "Simpul",
    name: Annotated[str, typer.Argument(help="SYSTEM/RECORD")],
    to: Annotated[
        Mode | None, typer.Argument(help="The new mode; without it, the present one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show or set which side new versions of a schema must not break."""
    path = f"/api/v1/schemas/{name}/config"
    found = hub.ask("PUT", path, json={"mode": to}) if to else hub.ask("GET", path)
    show(found, as_json=as_json)


def listed(as_json: AsJson = False) -> None:
    """The schemas that come with Simpul."""
    from schemas.registry import Registry

    rows = [
        {"schema": f"{document.name}/{document.version}", "title": document.title}
        for document in Registry.packaged()
    ]
    show(rows, as_json=as_json)


def _reasons_told(verdict: "Verdict", language: Language) -> None:
    """The reasons as a table, and below it the row that shows each direction's refusal."""
    if verdict.reasons:
        rows = [
            {
                "direction": one.direction,
                "against": one.against,
                "code": one.code,
                "pointer": one.pointer,
                "message": getattr(one, f"message_{language}"),
            }
            for one in verdict.reasons
        ]
        show(rows, as_json=False)
    for shown in verdict.witnesses:
        typer.echo(
            f"\n{shown.direction}: diterima / accepted {shown.accepted_by}, "
            f"ditolak / refused {shown.refused_by}"
        )
        for row in shown.rows:
            typer.echo(f"  {json.dumps(row, ensure_ascii=False)}")
        for refusal in shown.refusals:
            typer.echo(f"  {refusal.pointer or '/'}: {getattr(refusal, f'message_{language}')}")


def _write_report(
    document: "SchemaDocument", verdict: "Judged", out: Path, language: Language
) -> None:
    from schemas.gate.report import as_csv, as_xlsx

    files = document, verdict.report_file, verdict.quarantine_file
    match out.suffix.lower():
        case ".xlsx":
            as_xlsx(*files, out, language)
        case ".csv":
            out.write_bytes(b"".join(as_csv(*files, language)))
        case _:
            out.write_bytes(verdict.report_file.read_bytes())
    note(f"{out} ditulis / written")


def _code_lists(said: list[str], work: Path) -> dict[str, Path]:
    """`referensi/wilayah=kode.csv` and `wilayah=kode.csv` name the same list."""
    lists: dict[str, Path] = {}
    for one in said:
        name, _, file = one.partition("=")
        path = Path(file)
        if not file or not path.is_file():
            raise typer.BadParameter(f"{one}: NAME=FILE")
        full = name if name.startswith("referensi/") else f"referensi/{name}"
        lists[full] = path if path.suffix == ".parquet" else _first_column(path, work)
    return lists


def _first_column(path: Path, work: Path) -> Path:
    """The codes of a CSV or a plain list, one a line, as the gate reads them."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    delimiter = max(",;\t|", key=lines[0].count) if lines else ","
    codes = [row[0].strip() for row in csv.reader(lines, delimiter=delimiter) if row]
    out = work / f"kode-{len(list(work.iterdir()))}.txt"
    out.write_text("\n".join(codes), encoding="utf-8")
    return out


def _told(found: dict[str, Any], language: Language) -> None:
    show(found["counts"], as_json=False)
    rows = [
        {
            "count": rule.get("count", ""),
            "column": rule.get("column"),
            "rule": rule["rule"],
            "severity": rule.get("severity", "error"),
            "rows": ", ".join(map(str, rule.get("first_rows", ())[:5])),
            "message": rule[f"message_{language}"],
        }
        for rule in (*found["header_errors"], *found["by_rule"])
    ]
    if rows:
        typer.echo()
        show(rows, as_json=False)


@contextmanager
def _sentences(language: Language) -> Iterator[None]:
    """What the schema room refuses becomes its sentences and exit code 1."""
    from schemas.errors import SchemaError

    try:
        yield
    except SchemaError as error:
        raise refuse("\n".join(_said(error, language))) from error


def _said(error: "SchemaError", language: Language) -> list[str]:
    """The room's errors carry faults or reasons in two languages, or one reason, or only facts."""
    found = [*getattr(error, "faults", ()), *getattr(error, "reasons", ())]
    if found:
        return [f"{one.pointer or '/'}: {getattr(one, f'message_{language}')}" for one in found]
    reason = getattr(error, f"reason_{language}", None)
    if reason:
        where = getattr(error, "where", "")
        return [f"{reason} ({where})" if where else reason]
    return [f"{error} `simpul schema list`"]


def _document(named: str, hub: "Simpul | None" = None) -> "SchemaDocument":
    from schemas.registry import Registry

    if hub is not None and named.startswith(("http://", "https://")):
        return _document_of(_fetched(named, hub))
    if named.endswith(".json"):
        return _document_of(_json(Path(named)))
    name, _, version = named.rpartition("/")
    if name.count("/") != 1:
        raise refuse(f"{named}: sistem/rekaman/x.y.z, FILE.json / system/record/x.y.z, FILE.json")
    return Registry.packaged().get(name, version)


def _document_of(body: Any) -> "SchemaDocument":
    from schemas.document import SchemaDocument

    return SchemaDocument.parse(body)


def _settings(dataset: str | None, hub: "Simpul") -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Intake steps and severities of a dataset: its document from a hub, or a file of it or of the steps alone."""
    if dataset is None:
        return [], {}
    if dataset.startswith(("http://", "https://")):
        found = _fetched(dataset, hub)
    elif Path(dataset).exists():
        found = _json(Path(dataset))
    else:
        found = hub.ask("GET", f"/api/v1/datasets/{dataset}")
    steps = found.get("intake") if isinstance(found, dict) else found
    if not isinstance(steps, list):
        raise refuse(f"{dataset}: tanpa langkah pemasukan / no intake steps in it")
    return steps, found.get("severities", {}) if isinstance(found, dict) else {}


def _fetched(url: str, hub: "Simpul") -> Any:
    """A document of the web. Whoever we are at our hub is told to that hub alone."""
    from hub.client import Simpul

    if url.startswith(f"{hub.url}/"):
        return hub.ask("GET", url)
    with Simpul(url, language=hub.language) as elsewhere:
        return elsewhere.ask("GET", url)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise refuse(f"{path}: {error}") from error
    except ValueError as error:
        raise refuse(f"{path}: bukan JSON / not JSON ({error})") from error
