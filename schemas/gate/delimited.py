"""CSV: delimiter and encoding found, every cell text, ragged rows by number."""

import csv
import io
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from schemas.errors import FileTooLarge, UnreadableFile
from schemas.gate.blocks import Block, Broken, Finding
from schemas.gate.encoding import Text, encoding_of
from schemas.gate.limits import Limits
from schemas.gate.outcome import Note
from schemas.gate.sheets import letters

_DELIMITERS = {",": "koma (,)", ";": "titik koma (;)", "\t": "tab", "|": "garis tegak (|)"}
_HEAD = 1 << 20


class DelimitedReader:
    """A CSV file. `known` are the names that help to choose the delimiter."""

    typed = False
    spreadsheet = False

    def __init__(self, path: Path, known: set[str], limits: Limits) -> None:
        self._path, self._limits = path, limits
        self._text = encoding_of(path)
        self._delimiter, header, self._bare = _header(path, self._text, known)
        self._width = len(header)
        self._named = [place for place, name in enumerate(header) if name]
        self.header = [header[place] for place in self._named]
        if self._width > limits.columns:
            raise FileTooLarge(
                f"Berkas mempunyai lebih dari {limits.columns} kolom.",
                f"The file has more than {limits.columns} columns.",
                "header",
            )

    def notes(self) -> list[Note]:
        encoding = f"{self._text.encoding}{' (BOM)' if self._text.bom else ''}"
        return [
            Note(
                "encoding",
                self._text.encoding,
                f"Pengodean karakter: {encoding}.",
                f"Character encoding: {encoding}.",
            ),
            Note(
                "delimiter",
                self._delimiter,
                f"Pemisah kolom: {_DELIMITERS[self._delimiter]}.",
                f"Delimiter: {self._delimiter!r}.",
            ),
        ]

    def blocks(self) -> Iterator[Block]:
        names = [f"f{i}" for i in range(self._width)]
        ragged: list[pacsv.InvalidRow] = []
        seen = 0
        if self._bare:
            return  # Arrow takes a single line that does not end for no CSV
        try:
            with self._open(names, ragged) as stream:
                for batch in stream:
                    block, seen = self._block(batch, names, ragged, seen)
                    yield block
            if ragged:
                yield Block((), columns=self._empty(), broken=self._broken(ragged))
        except pa.ArrowInvalid as error:
            raise self._unreadable(error, seen) from error

    def _open(self, names: list[str], ragged: list[Any]) -> pacsv.CSVStreamingReader:
        def on_ragged(row: pacsv.InvalidRow) -> str:
            ragged.append(row)
            return "skip"

        return pacsv.open_csv(
            str(self._path),
            read_options=pacsv.ReadOptions(
                use_threads=False,
                block_size=self._limits.block,
                autogenerate_column_names=True,
                encoding="utf8" if self._text.encoding == "utf-8" else self._text.encoding,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=self._delimiter,
                newlines_in_values=True,
                invalid_row_handler=on_ragged,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                check_utf8=False,  # `encoding_of` has seen every byte
            ),
        )

    def _block(
        self, batch: pa.RecordBatch, names: list[str], ragged: list[Any], seen: int
    ) -> tuple[Block, int]:
        """A batch with its record numbers; the ragged rows that were skipped took numbers too."""
        numbers = _numbers(batch.num_rows, {row.number for row in ragged}, seen)
        start = 1 if seen == 0 else 0
        batch = batch.slice(start)
        last = numbers[-1] if numbers else seen
        mine = [row for row in ragged if row.number < last]
        ragged[:] = [row for row in ragged if row.number > last]
        batch, kept, astray = self._without_strays(batch, numbers[start:])
        columns = {n: batch.column(p) for n, p in zip(self.header, self._named, strict=True)}
        return Block(kept, columns=columns, broken=(*self._broken(mine), *astray)), last

    def _without_strays(
        self, batch: pa.RecordBatch, numbers: Sequence[int]
    ) -> tuple[pa.RecordBatch, Sequence[int], list[Broken]]:
        """Columns without a name are passed over; a row with content in one would lose it in silence."""
        filled = [
            pc.not_equal(batch.column(place), "")
            for place in range(self._width)
            if place not in self._named
        ]
        stray = reduce(pc.or_, filled) if filled else pa.nulls(0, pa.bool_())
        if not pc.any(stray).as_py():
            return batch, numbers, []
        rows = pc.indices_nonzero(stray).to_pylist()
        broken = [self._stray(batch.slice(row, 1), numbers[row]) for row in rows]
        keep = pc.invert(stray)
        kept = [number for number, stays in zip(numbers, keep.to_pylist(), strict=True) if stays]
        return batch.filter(keep), kept, broken

    def _stray(self, row: pa.RecordBatch, number: int) -> Broken:
        cells = [column[0].as_py() for column in row.columns]
        place, cell = next((p, c) for p, c in enumerate(cells) if c and p not in self._named)
        received = {name: cells[p] for name, p in zip(self.header, self._named, strict=True)}
        where = f"{letters(place)}{number}"
        return Broken(number, received, Finding("", "", "sel-tanpa-judul", cell, where))

    def _broken(self, ragged: list[Any]) -> tuple[Broken, ...]:
        return tuple(
            Broken(
                row.number,
                row.text,
                Finding("", "", "baris-tidak-utuh", row.actual_columns, row.expected_columns),
            )
            for row in ragged
        )

    def _empty(self) -> dict[str, pa.Array]:
        return {name: pa.nulls(0, pa.string()) for name in self.header}

    def _unreadable(self, error: pa.ArrowInvalid, seen: int) -> UnreadableFile:
        if "straddling" in str(error):
            return FileTooLarge(
                f"Satu baris setelah baris ke-{seen} lebih besar dari {self._limits.block} bita; "
                "biasanya karena tanda kutip yang tidak ditutup.",
                f"One record after record {seen} is larger than {self._limits.block} bytes; "
                "usually a quotation mark that is never closed.",
                f"record {seen + 1}",
            )
        return UnreadableFile(
            f"CSV tidak dapat dibaca setelah baris ke-{seen}.",
            f"The CSV cannot be read after record {seen}.",
            str(error),
        )


def _numbers(count: int, taken: set[int], seen: int) -> Sequence[int]:
    """The next `count` record numbers after `seen` that are not taken."""
    if not taken:
        return range(seen + 1, seen + count + 1)
    free = (n for n in range(seen + 1, seen + count + len(taken) + 1) if n not in taken)
    return list(islice(free, count))


def _header(path: Path, text: Text, known: set[str]) -> tuple[str, list[str], bool]:
    """Delimiter, column names, and whether nothing comes after them: the delimiter that gives most names of
    the schema, then most names."""
    encoding = "utf-8-sig" if text.encoding == "utf-8" else text.encoding
    with path.open(encoding=encoding, newline="") as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise UnreadableFile("Berkas kosong.", "The file is empty.")
    found = {d: names for d in _DELIMITERS if (names := _first_record(head, d))}
    if not found:
        raise UnreadableFile(
            "Baris judul kolom tidak dapat dibaca.", "The header line cannot be read.", "line 1"
        )

    def rank(delimiter: str) -> tuple[int, int]:
        return len(known & set(found[delimiter])), len(found[delimiter])

    best = max(found, key=rank)
    return best, found[best], len(head) < _HEAD and _has_one_record(head, best)


def _first_record(head: str, delimiter: str) -> list[str] | None:
    try:
        for record in csv.reader(io.StringIO(head), delimiter=delimiter):
            if record:
                return [name.strip() for name in record]
    except csv.Error:
        return None
    return None


def _has_one_record(text: str, delimiter: str) -> bool:
    try:
        records = filter(None, csv.reader(io.StringIO(text), delimiter=delimiter))
        return len(list(islice(records, 2))) == 1
    except csv.Error:
        return False
