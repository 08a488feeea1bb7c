"""Simpul from Python: read, query, push and search as data frames.

    from hub.client import Simpul

    simpul = Simpul("https://simpul.contoh.invalid", client_id, client_secret)
    paket = simpul.read("bpbj/paket-nontender")

Imports nothing of the hub, and pandas only when a frame is made.
"""

import io
import json
import time
import uuid
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Literal

import httpx2

if TYPE_CHECKING:
    import pandas as pd

Mode = Literal["append", "upsert", "replace", "delete"]
OnError = Literal["reject", "quarantine"]
Format = Literal["csv", "xlsx", "parquet", "json", "ndjson", "arrow"]

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".parquet": "application/vnd.apache.parquet",
    ".arrow": "application/vnd.apache.arrow.stream",
}
PARQUET = MEDIA_TYPES[".parquet"]
OAUTH_SAYS = {
    "invalid_client": "Client ID atau rahasianya tidak dikenal / client id or secret is not known.",
    "invalid_scope": "Cakupan tidak diizinkan bagi program ini / scope not allowed to this program.",
}
"""OAuth's errors are codes for programs (RFC 6749 §5.2); people need a sentence."""
RENEW_BEFORE = 30.0
"""Seconds before its end at which a token is renewed, or half its life when that is shorter."""


class Refused(Exception):
    """The hub said no. `problem` is its problem document (RFC 9457), `status` the HTTP status."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or problem.get("title") or status))
        self.status = status
        self.problem = dict(problem)


class Unreachable(Exception):
    """The hub did not answer, or what answered is no hub."""


class Simpul:
    """A hub, as one program or one person sees it. Close it, or use it in a `with` block.

    Give `client_id` and `client_secret` (a program), or `token` (a personal token).
    """

    def __init__(
        self,
        url: str,
        client_id: str | None = None,
        client_secret: str | None = None,
        *,
        token: str | None = None,
        language: Literal["id", "en"] = "id",
        timeout: float = 120.0,
    ) -> None:
        self._client_id, self._client_secret = client_id, client_secret
        self._token, self._renew_at = token, 0.0
        self.url, self.language = url.rstrip("/"), language
        self._http = httpx2.Client(
            base_url=self.url, timeout=timeout, headers={"Accept-Language": language}
        )

    def __enter__(self) -> "Simpul":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def read(
        self,
        dataset: str,
        *,
        columns: Sequence[str] | None = None,
        filter: str | None = None,
        release: int | None = None,
    ) -> "pd.DataFrame":
        """The rows of `agency/slug` that the caller's grant opens, types as the schema states."""
        params = {"format": "parquet", "columns": ",".join(columns) if columns else None}
        answer = self.call(
            "GET", _rows(dataset), params={**params, "filter": filter, "release": release}
        )
        return _frame(answer)

    def query(self, sql: str, *, confirm: bool = False) -> "pd.DataFrame":
        """The answer of read-only SQL over what the caller may see; tables are `agency.slug`.

        A long answer comes in parts, which are put together; `attrs["receipt"]` is that of the last
        one. A costly query is refused (`query-costly`) unless it is confirmed. Warns when the hub
        cut the answer for good.
        """
        asked = {"sql": sql, "format": "parquet", "confirm": confirm}
        answer = self.call("POST", "/api/v1/query", json=asked)
        parts = [_frame(answer)]
        while following := answer.headers.get("Simpul-Next"):
            answer = self.call("POST", "/api/v1/query", json={**asked, "cursor": following})
            parts.append(_frame(answer))
        if "Simpul-Capped" in answer.headers:
            limit = answer.headers["Simpul-Capped"]
            warnings.warn(f"The hub cut the answer at its limit of {limit}.", stacklevel=2)
        return _together(parts)

    def push(
        self,
        frame: "pd.DataFrame",
        dataset: str,
        *,
        mode: Mode = "append",
        on_error: OnError = "reject",
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Send a frame; returns batch, state, release, counts and receipt. Raises Refused."""
        body = io.BytesIO()
        frame.to_parquet(body, index=False)
        return self.push_file(
            io.BytesIO(body.getvalue()),
            dataset,
            media_type=PARQUET,
            mode=mode,
            on_error=on_error,
            idempotency_key=idempotency_key,
        )

    def push_file(
        self,
        file: Path | IO[bytes],
        dataset: str,
        *,
        media_type: str | None = None,
        mode: Mode | None = None,
        on_error: OnError = "reject",
        corrects: str | None = None,
        idempotency_key: str | None = None,
        sheet: str | None = None,
        header_row: int | None = None,
    ) -> dict[str, Any]:
        """Send a file as it is; sent again after a lost answer, it still counts once.

        Rows that correct what an earlier batch left aside name it (`corrects`), and need no mode.
        `sheet` and `header_row` say where in a workbook the rows are; by default the hub finds them.
        """
        key = idempotency_key or uuid.uuid4().hex
        with _opened(file) as body:
            named = MEDIA_TYPES.get(file.suffix.lower()) if isinstance(file, Path) else None
            kind = media_type or named or "application/octet-stream"
            answer = self.call(
                "POST",
                f"/api/v1/datasets/{dataset}/batches",
                params={
                    name: value
                    for name, value in {
                        "mode": mode or (None if corrects else "append"),
                        "on_error": on_error,
                        "corrects": corrects,
                        "sheet": sheet,
                        "header_row": header_row,
                    }.items()
                    if value is not None
                },
                content=_chunks(body),
                headers={"Content-Type": kind, "Idempotency-Key": key},
            )
        accepted: dict[str, Any] = _json(answer)
        return accepted

    def search(self, words: str, *, limit: int = 20) -> "pd.DataFrame":
        """Datasets that match the words, best first, one a row."""
        import pandas as pd

        found = self.ask("GET", "/api/v1/datasets", params={"q": words, "limit": limit})
        return pd.json_normalize(found["items"])

    def download(
        self, dataset: str, out: Path | IO[bytes], *, format: Format, release: int | None = None
    ) -> dict[str, Any]:
        """Stream the permitted rows of a release to a file; returns the receipt."""
        params = {"format": format, "release": release, "download": "true"}
        with self._stream("GET", _rows(dataset), params=params) as answer:
            return _saved(answer, out)

    def download_query(self, sql: str, out: Path | IO[bytes], *, format: Format) -> dict[str, Any]:
        """Stream the answer of read-only SQL to a file; returns the receipt."""
        wanted = {"sql": sql, "format": format}
        with self._stream("POST", "/api/v1/query", json=wanted) as answer:
            return _saved(answer, out)

    def call(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Any call of the API, with the caller's token. Raises Refused, Unreachable."""
        with _reaching():
            return _checked(self._http.request(method, path, **self._ready(options)))

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """The JSON of any call of the API. Raises Refused, and Unreachable when it is no JSON."""
        return _json(self.call(method, path, **options))

    @contextmanager
    def _stream(self, method: str, path: str, **options: Any) -> Iterator[httpx2.Response]:
        with _reaching(), self._http.stream(method, path, **self._ready(options)) as answer:
            if answer.is_error:
                answer.read()
            yield _checked(answer)

    def _ready(self, options: dict[str, Any]) -> dict[str, Any]:
        """Parameters without the empty ones, headers with the token."""
        params = {k: v for k, v in (options.pop("params", None) or {}).items() if v is not None}
        headers = dict(options.pop("headers", None) or {})
        token = self._bearer()
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return {**options, "params": params, "headers": headers}

    def _bearer(self) -> str | None:
        if self._client_id is None or time.monotonic() < self._renew_at:
            return self._token
        answer = self._http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(self._client_id, self._client_secret or ""),
        )
        granted = _json(_checked(answer))
        self._token = str(granted["access_token"])
        life = float(granted.get("expires_in", 60))
        self._renew_at = time.monotonic() + life - min(RENEW_BEFORE, life / 2)
        return self._token


def _rows(dataset: str) -> str:
    return f"/api/v1/datasets/{dataset}/rows"


def _json(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        raise Unreachable(f"{answer.url} does not speak as a hub does.") from error


def _together(parts: "list[pd.DataFrame]") -> "pd.DataFrame":
    """One frame of all parts, in their order, with the last one's receipt."""
    import pandas as pd

    if len(parts) == 1:
        return parts[0]
    whole = pd.concat(parts, ignore_index=True)
    whole.attrs = parts[-1].attrs
    return whole


def _frame(answer: httpx2.Response) -> "pd.DataFrame":
    """Whole numbers stay whole where some are missing, dates are dates; `attrs` holds the receipt."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    table = pq.read_table(io.BytesIO(answer.content))
    frame: pd.DataFrame = table.to_pandas(types_mapper=types.get, date_as_object=False)
    frame.attrs["receipt"] = _receipt(answer)
    return frame


def _saved(answer: httpx2.Response, out: Path | IO[bytes]) -> dict[str, Any]:
    """A file appears under its name only when it is complete."""
    if not isinstance(out, Path):
        for chunk in answer.iter_bytes():
            out.write(chunk)
        return _receipt(answer)
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("wb") as file:
            _saved(answer, file)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return _receipt(answer)


def _receipt(answer: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.headers.get("Simpul-Receipt", "{}"))
    return found


@contextmanager
def _reaching() -> Iterator[None]:
    try:
        yield
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        raise Unreachable(str(error) or type(error).__name__) from error


def _checked(answer: httpx2.Response) -> httpx2.Response:
    if not answer.is_error:
        return answer
    try:
        problem = answer.json()
    except ValueError:
        problem = {"title": answer.reason_phrase, "detail": answer.text[:500]}
    if not isinstance(problem, dict):
        problem = {"title": answer.reason_phrase, "detail": answer.text[:500]}
    if "error" in problem and "detail" not in problem:  # OAuth's own form (RFC 6749 §5.2)
        code = problem["error"]
        problem["detail"] = OAUTH_SAYS.get(code) or problem.get("error_description") or code
    raise Refused(answer.status_code, problem)


@contextmanager
def _opened(file: Path | IO[bytes]) -> Iterator[IO[bytes]]:
    if isinstance(file, Path):
        with file.open("rb") as opened:
            yield opened
    else:
        yield file


def _chunks(file: IO[bytes], size: int = 1024 * 1024) -> Iterator[bytes]:
    while chunk := file.read(size):
        yield chunk
