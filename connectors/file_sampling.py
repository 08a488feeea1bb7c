"""The columns of a file, from its first bytes; never a judgement of it."""

import csv
import io
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.base import Column, Format, Stream
from connectors.sampling import describe

_SAMPLE = 256 << 10


def describe_file(name: str, file: IO[bytes], of_format: Format) -> Stream:
    """A workbook stays unknown: opening one safely is the gate's business."""
    match of_format:
        case "csv":
            return _csv(name, file.read(_SAMPLE))
        case "ndjson":
            return describe(name, file.read(_SAMPLE).splitlines()[:200])
        case "parquet":
            return _parquet(name, file)
    return Stream(name)


def _csv(name: str, sample: bytes) -> Stream:
    header = sample.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].decode("utf-8", "replace")
    delimiter = max(",;\t|", key=header.count)
    columns = next(csv.reader(io.StringIO(header.rstrip("\r")), delimiter=delimiter), [])
    return Stream(name, tuple(Column(column.strip()) for column in columns))


def _parquet(name: str, file: IO[bytes]) -> Stream:
    try:
        schema = pq.read_schema(file)
    except (pa.ArrowException, OSError):
        return Stream(name)
    return Stream(name, tuple(Column(field.name, (str(field.type),)) for field in schema))
