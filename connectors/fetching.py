"""One GET of an agency's URL to a file on disk, patiently and within limits."""

import contextlib
import datetime as dt
import email.utils
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2
import stamina

from connectors.errors import (
    ConnectorError,
    Sentence,
    SourceBodyInvalid,
    SourceRedirected,
    SourceRefused,
    SourceUnavailable,
)
from connectors.spool import Spool

_CONDITIONAL = frozenset({"if-none-match", "if-modified-since"})
_AGAIN = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Patience:
    """Times in seconds. `longest_wait` bounds both our own pauses and a Retry-After."""

    attempts: int = 5
    first_wait: float = 0.5
    longest_wait: float = 60.0
    whole_answer: float = 600.0


@dataclass(frozen=True)
class Answer:
    """`file` is None for 304; `cut` when only a sample of the body was asked for and kept."""

    headers: httpx2.Headers
    file: Path | None
    sha256: str = ""
    cut: bool = False


@dataclass(frozen=True)
class Fetcher:
    """`limit` in bytes for one body; `headers` go with every request and are never logged."""

    client: httpx2.Client
    headers: Mapping[str, str]
    work: Path
    limit: int
    patience: Patience

    @contextlib.contextmanager
    def get(
        self, url: httpx2.URL, extra: Mapping[str, str] | None = None, *, sample: int | None = None
    ) -> Iterator[Answer]:
        """The answer; its file is gone when the context ends. Raises ConnectorError."""
        with contextlib.ExitStack() as kept:
            for attempt in stamina.retry_context(
                on=self._pause,
                attempts=self.patience.attempts,
                timeout=None,
                wait_initial=self.patience.first_wait,
                wait_max=self.patience.longest_wait,
                wait_jitter=self.patience.first_wait,
            ):
                with attempt:
                    answer = self._once(kept, url, {**self.headers, **(extra or {})}, sample)
            yield answer

    def _pause(self, error: Exception) -> bool | float:
        """Whether to try again, and after how many seconds if the source said so."""
        if not isinstance(error, SourceUnavailable) or not error.transient:
            return False
        if error.retry_after is None:
            return True
        # Longer than we may hold a worker: give up now, the hub knows when to come back.
        return error.retry_after if error.retry_after <= self.patience.longest_wait else False

    def _once(
        self,
        kept: contextlib.ExitStack,
        url: httpx2.URL,
        headers: Mapping[str, str],
        sample: int | None,
    ) -> Answer:
        until = time.monotonic() + self.patience.whole_answer
        with self.client.stream("GET", url, headers=headers) as response:
            if response.status_code == 304 and _CONDITIONAL & set(headers):
                return Answer(response.headers, None)
            _refuse_status(response)
            _refuse_form(response)
            with contextlib.ExitStack() as trial:
                spool = trial.enter_context(Spool(self.work, ".body", self.limit))
                cut = False
                # As they come, not gathered to a size: a drip must meet the clock.
                for chunk in response.iter_raw():
                    if time.monotonic() > until:
                        raise _too_slow(url)
                    spool.write(chunk)
                    if sample is not None and spool.size >= sample:
                        cut = True
                        break
                spool.flush()
                kept.enter_context(trial.pop_all())
        return Answer(response.headers, spool.file, spool.sha256, cut)


def _refuse_status(response: httpx2.Response) -> None:
    status, host = response.status_code, response.request.url.host
    if status in (200, 206):
        return
    if status in (401, 403, 407):
        raise SourceRefused(
            Sentence(
                id=f"'{host}' menolak kredensial (HTTP {status}).",
                en=f"'{host}' refused the credentials (HTTP {status}).",
            ),
            status=status,
        )
    if 300 <= status < 400 and status != 304:
        raise SourceRedirected(_origin_of_redirect(response), status)
    if status == 204:
        raise SourceBodyInvalid(
            "empty",
            Sentence(id=f"'{host}' menjawab tanpa isi.", en=f"'{host}' answered with no body."),
        )
    raise SourceUnavailable(
        "query",
        Sentence(
            id=f"'{host}' menjawab dengan galat HTTP {status}.",
            en=f"'{host}' answered with error HTTP {status}.",
        ),
        status=status,
        retry_after=_retry_after(response.headers.get("retry-after")),
        transient=status in _AGAIN,
    )


def _refuse_form(response: httpx2.Response) -> None:
    if response.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise SourceBodyInvalid(
            "compressed",
            Sentence(
                id="Sumber mengirim isi terkompresi yang tidak diminta.",
                en="The source sent a compressed body that was not asked for.",
            ),
        )
    if response.headers.get("content-type", "").lower().startswith("text/html"):
        raise SourceBodyInvalid(
            "html",
            Sentence(
                id="Sumber menjawab dengan halaman HTML, bukan JSON.",
                en="The source answered with an HTML page, not with JSON.",
            ),
        )


def _origin_of_redirect(response: httpx2.Response) -> str:
    """Scheme and host alone: the rest of a Location may carry a credential."""
    try:
        target = response.request.url.join(response.headers.get("location", ""))
    except httpx2.InvalidURL:
        return "?"
    return f"{target.scheme}://{target.netloc.decode('ascii', 'replace')}"


def _retry_after(value: str | None) -> float | None:
    """Seconds from a Retry-After header (RFC 9110 §10.2.3), or None."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        when = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return max(0.0, (when - dt.datetime.now(dt.UTC)).total_seconds())


def _too_slow(url: httpx2.URL) -> ConnectorError:
    return SourceUnavailable(
        "query",
        Sentence(
            id=f"'{url.host}' mengirim terlalu lambat dan dihentikan.",
            en=f"'{url.host}' sent too slowly and was cut off.",
        ),
    )
