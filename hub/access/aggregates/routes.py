"""HTTP of the aggregates."""

from typing import Annotated

import pyarrow as pa
from fastapi import APIRouter, Path, Response, status

from catalog import export
from catalog.counting import Table
from hub.access import answers, downloads
from hub.access.aggregates import service
from hub.access.aggregates.models import Aggregate
from hub.access.aggregates.service import Counted
from hub.access.aggregates.shapes import AggregateIn, AggregateOut, AnswerOut, CellOut
from hub.access.downloads import Download
from hub.access.formats import Format
from hub.access.reader import Reader, ReaderDep
from hub.agencies.actor import ActorDep, MaybeActorDep
from hub.calendar import real_now
from hub.deps import ReadingDep, SessionDep, SettingsDep
from hub.ledger.deps import LedgerDep

router = APIRouter(prefix="/api/v1/datasets/{agency}/{slug}/aggregates", tags=["data"])

Part = Annotated[str, Path(max_length=100)]
WITHHELD = "disamarkan"


@router.get("")
def listed(
    session: ReadingDep, actor: MaybeActorDep, agency: Part, slug: Part
) -> list[AggregateOut]:
    """The ready-made aggregates of a dataset that are for the caller."""
    found = service.listed(session, actor, f"{agency}/{slug}", now=real_now())
    return [out(one) for one in found]


@router.post("", status_code=status.HTTP_201_CREATED)
def define(
    session: SessionDep,
    settings: SettingsDep,
    ledger: LedgerDep,
    actor: ActorDep,
    agency: Part,
    slug: Part,
    body: AggregateIn,
) -> AggregateOut:
    """Let something be counted for others; the producer's steward or the walidata."""
    made = service.define(
        session,
        ledger,
        actor,
        f"{agency}/{slug}",
        body,
        smallest=settings.smallest_cell,
        now=real_now(),
    )
    return out(made)


@router.delete("/{name}", status_code=status.HTTP_204_NO_CONTENT)
def withdraw(
    session: SessionDep, ledger: LedgerDep, actor: ActorDep, agency: Part, slug: Part, name: Part
) -> None:
    """Let it be counted no longer."""
    service.withdraw(session, ledger, actor, f"{agency}/{slug}", name)


@router.get("/{name}", response_model=AnswerOut)
def read(
    reader: ReaderDep,
    actor: MaybeActorDep,
    agency: Part,
    slug: Part,
    name: Part,
    format: Format = Format.JSON,
) -> Response:
    """The cells over the latest release; those that are too small, or give one away, are withheld."""
    counted = service.count(reader, actor, f"{agency}/{slug}", name)
    if format is Format.JSON:
        told = told_of(counted).model_dump_json()
        headers = answers.headers(service.proven(reader, counted))
        return Response(told, media_type=format.media_type, headers=headers)
    return answers.file(_file(reader, counted, format))


def _file(reader: Reader, counted: Counted, format: Format) -> Download:
    """The same as a file, proven."""
    rows = export.Answer(as_table(counted.table))
    spooled = downloads.spool(reader, lambda path: export.to_file(rows, format.value, path))
    receipt = downloads.or_closed(
        spooled, lambda: service.proven(reader, counted, file=spooled.sha256)
    )
    plain = f"{counted.aggregate.dataset}-{counted.aggregate.name}".replace("/", "-")
    name = f"{plain}-r{counted.door.release.number}.{format.value}"
    return Download(name, format, spooled.size, receipt, spooled.pieces())


def out(one: Aggregate) -> AggregateOut:
    return AggregateOut(**one.model_dump(exclude={"made_by"}))


def told_of(counted: Counted) -> AnswerOut:
    """An answer as it goes out."""
    table = counted.table
    columns = [group.column for group in table.groups]
    names = [measure.name for measure in table.measures]
    cells = [
        CellOut(
            values=dict(zip(columns, cell.values, strict=True)),
            measures=dict(zip(names, cell.measures or (None,) * len(names), strict=True)),
            suppressed=cell.measures is None,
        )
        for cell in table.cells
    ]
    return AnswerOut(
        aggregate=out(counted.aggregate),
        release=counted.door.release.number,
        records=table.records,
        withheld=table.withheld,
        items=cells,
    )


def as_table(table: Table) -> pa.Table:
    """One row a cell: its values, its measures (empty where withheld), and whether it is withheld."""
    columns: dict[str, pa.Array] = {
        group.column: pa.array([cell.values[place] for cell in table.cells])
        for place, group in enumerate(table.groups)
    }
    for place, measure in enumerate(table.measures):
        told = [None if cell.measures is None else cell.measures[place] for cell in table.cells]
        kind = pa.float64() if any(isinstance(value, float) for value in told) else pa.int64()
        columns[measure.name] = pa.array(told, kind)
    columns[WITHHELD] = pa.array([cell.measures is None for cell in table.cells])
    return pa.table(columns)
