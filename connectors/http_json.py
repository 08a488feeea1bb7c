"""Kind `http-json`: a JSON array over HTTP, whole or in pages, as LKPP's service bus serves it."""

import base64
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2

from connectors.base import Batch, Bounds, Report, State, Stream
from connectors.errors import (
    OptionFault,
    OptionsInvalid,
    Sentence,
    SourceBodyInvalid,
)
from connectors.fetching import Fetcher, Patience
from connectors.gathering import Gathered, Gatherer
from connectors.http_check import check_http
from connectors.http_json_options import SCHEMA
from connectors.json_rows import JsonRows
from connectors.paging import Position, paging_of, split_path
from connectors.sampling import describe
from connectors.transport import client

SAMPLE = 256 << 10
STREAM = "rows"
SAMPLE_ROWS = 200
_PLACE = "{secret}"


class HttpJson:
    """One stream, `rows`; a batch is NDJSON, one line per element, bytes as served."""

    options_schema: Mapping[str, Any] = SCHEMA

    def __init__(self, options: Mapping[str, Any], bounds: Bounds) -> None:
        self._options, self._bounds = options, bounds
        self._base = self._url()
        self._path = split_path(options["records_path"])
        self._paging = paging_of(options, self._base, self._conceal, self._reveal)

    def check(self) -> Report:
        def look() -> int:
            return len(self._sample(attempts=1))

        return check_http(self._bounds.network, self._base, look)

    def discover(self) -> list[Stream]:
        return [describe(STREAM, self._sample())]

    def acknowledge(self, stream: str, state: State) -> None:
        """Nothing of the source is ours to tidy."""

    def read(self, stream: str, state: State) -> Iterator[Batch]:
        began = position = self._resume(state)
        with client(self._bounds.network) as http:
            gatherer = Gatherer(
                fetcher=self._fetcher(http),
                paging=self._paging,
                path=self._path,
                limit=self._options["max_bytes"],
                batch_rows=self._options["batch_rows"],
            )
            while (found := gatherer.gather(position, self._if_changed(state))) is not None:
                ended = found.following is None
                if ended and position == began and found.sha256 == state.get("sha256"):
                    found.file.unlink()
                    return
                yield self._batch(position, found)
                if found.following is None:
                    return
                position = found.following

    def _batch(self, first: Position, found: Gathered) -> Batch:
        whole = first == self._paging.start and found.following is None and not self._continues
        return Batch(
            file=found.file,
            format="ndjson",
            state=self._state(found),
            origin=f"{self._base.host} ({found.pages})",
            sha256=found.sha256,
            size=found.size,
            rows=found.rows,
            mode="replace" if whole else "upsert",
            complete=whole,
        )

    @property
    def _continues(self) -> bool:
        return self._options["paging"] == "cursor" and bool(self._options["continue_from_cursor"])

    def _resume(self, state: State) -> Position:
        """Where to read on; the beginning when the way of paging has changed since."""
        position = state.get("position")
        if state.get("paging") != self._options["paging"] or not isinstance(position, int | str):
            return self._paging.start
        return position

    def _state(self, found: Gathered) -> State:
        position = found.following
        if position is None and self._continues:
            position = found.last
        state: State = {
            "paging": self._options["paging"],
            "position": position,
            "sha256": found.sha256,
        }
        if self._options["paging"] == "none":
            for name in ("etag", "last-modified"):
                if name in found.headers:
                    state[name] = found.headers[name]
        return state

    def _if_changed(self, state: State) -> dict[str, str]:
        if self._options["paging"] != "none":
            return {}
        asked = {"if-none-match": "etag", "if-modified-since": "last-modified"}
        return {header: state[name] for header, name in asked.items() if name in state}

    def _sample(self, attempts: int | None = None) -> list[bytes]:
        """A few rows from the first page; empty when it holds none, or one larger than a sample."""
        with client(self._bounds.network) as http:
            fetcher = self._fetcher(http, attempts)
            with fetcher.get(self._paging.url(self._paging.start), sample=SAMPLE) as answer:
                return [] if answer.file is None else self._first_rows(answer.file, answer.cut)

    def _first_rows(self, file: Path, cut: bool) -> list[bytes]:
        rows: list[bytes] = []
        with JsonRows(file) as body:
            try:
                rows.extend(itertools.islice(body.rows(self._path), SAMPLE_ROWS))
            except SourceBodyInvalid as error:
                # We stopped reading ourselves: that the array has no end is no fault of theirs.
                if not (cut and error.fault in ("half", "no-array")):
                    raise
        return rows

    def _fetcher(self, http: httpx2.Client, attempts: int | None = None) -> Fetcher:
        options = self._options
        return Fetcher(
            client=http,
            headers=self._headers(),
            work=self._bounds.work,
            limit=options["max_bytes"],
            patience=Patience(
                attempts=attempts or options["attempts"],
                first_wait=options["first_wait"],
                longest_wait=options["longest_wait"],
                whole_answer=options["whole_answer"],
            ),
        )

    def _headers(self) -> dict[str, str]:
        options = self._options
        headers = {"accept": "application/json", **options["headers"], **options["secret_headers"]}
        if "token" in options:
            headers["authorization"] = f"Bearer {options['token']}"
        elif "username" in options:
            pair = f"{options['username']}:{options['password']}".encode()
            headers["authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        return headers

    def _url(self) -> httpx2.URL:
        try:
            return httpx2.URL(self._reveal(self._options["url"]))
        except httpx2.InvalidURL:
            wrong = Sentence(id="url: alamat tidak sah.", en="url: not a valid address.")
            # The library's message may repeat the secret part.
            raise OptionsInvalid([OptionFault("url", wrong)]) from None

    def _reveal(self, text: str) -> str:
        return text.replace(_PLACE, self._options.get("url_secret", ""))

    def _conceal(self, text: str) -> str:
        """`text` as it may stand in state: the secret part of the address taken out again."""
        secret = self._options.get("url_secret")
        return text.replace(secret, _PLACE) if secret else text
