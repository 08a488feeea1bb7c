"""Everything the catalog raises. Errors carry facts; the hub decides how to say them over HTTP.

CatalogError
├── DatasetNotFound · DatasetExists · DatasetInvalid · ReleaseNotFound · ReleaseDisposed · BaseMoved
├── KeysExist · KeysRepeat · KeyMissing
├── FilterInvalid · CursorInvalid · ColumnNotReadable
├── QueryRefused · QueryCostly · QueryFailed · QueryTooSlow · QueryCancelled · EngineBusy
├── ExportTooLarge · TableTooFine
└── StorageFull
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from schemas.errors import Fault


class CatalogError(Exception):
    """Base of everything this room raises."""


class DatasetNotFound(CatalogError):
    """No such dataset, or none that may be named; `dataset` is "agency/slug"."""

    def __init__(self, dataset: str) -> None:
        super().__init__(f"There is no dataset {dataset}.")
        self.dataset = dataset


class DatasetExists(CatalogError):
    """The name is taken; `dataset` is "agency/slug"."""

    def __init__(self, dataset: str) -> None:
        super().__init__(f"There is a dataset {dataset} already.")
        self.dataset = dataset


class DatasetInvalid(CatalogError):
    """What is said of a dataset breaks a rule; every fault has pointer and both sentences."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{f.pointer}: {f.message_en}" for f in faults))
        self.faults = list(faults)


class ReleaseNotFound(CatalogError):
    """The dataset has no release with this number."""

    def __init__(self, dataset: str, number: int | None) -> None:
        super().__init__(f"Dataset {dataset} has no release {number or ''}".rstrip() + ".")
        self.dataset, self.number = dataset, number


class ReleaseDisposed(CatalogError):
    """The release was removed when its time of keeping was over; `at` is when, in UTC."""

    def __init__(self, dataset: str, number: int, at: datetime) -> None:
        super().__init__(f"Release {number} of {dataset} was disposed of.")
        self.dataset, self.number, self.at = dataset, number, at


class BaseMoved(CatalogError):
    """A batch was judged against a release that is no longer the latest."""

    def __init__(self, dataset: str, base: int | None, current: int | None) -> None:
        super().__init__(f"{dataset} moved from release {base} to {current} meanwhile.")
        self.dataset, self.base, self.current = dataset, base, current


class KeysExist(CatalogError):
    """Mode append brought keys that the release already holds; at most 100 are shown."""

    def __init__(self, count: int, examples: Sequence[Mapping[str, object]]) -> None:
        super().__init__(f"{count} keys are in the release already.")
        self.count, self.examples = count, list(examples)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.count, self.examples)


class KeysRepeat(CatalogError):
    """One batch holds the same key more than once; at most 100 are shown."""

    def __init__(self, count: int, examples: Sequence[Mapping[str, object]]) -> None:
        super().__init__(f"{count} keys occur more than once in the batch.")
        self.count, self.examples = count, list(examples)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.count, self.examples)


class KeyMissing(CatalogError):
    """Rows have an empty key column, or the batch lacks the column altogether."""

    def __init__(self, count: int, columns: Sequence[str]) -> None:
        super().__init__(f"{count} rows lack a value in the key {', '.join(columns)}.")
        self.count, self.columns = count, list(columns)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.count, self.columns)


class FilterInvalid(CatalogError):
    """A filter or sort cannot be understood; both texts are for people."""

    def __init__(self, reason_id: str, reason_en: str) -> None:
        super().__init__(reason_en)
        self.reason_id, self.reason_en = reason_id, reason_en


class CursorInvalid(CatalogError):
    """The cursor was altered, or belongs to another question."""

    def __init__(self) -> None:
        super().__init__("The cursor does not belong to this request.")


class ColumnNotReadable(CatalogError):
    """A column was asked for that does not exist or may not be seen: the same for both."""

    def __init__(self, column: str) -> None:
        super().__init__(f"There is no readable column {column[:80]!r}.")
        self.column = column

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.column,)


class QueryRefused(CatalogError):
    """The gate did not let the SQL through; `where` is the offending piece of it."""

    def __init__(self, reason_id: str, reason_en: str, where: str) -> None:
        super().__init__(f"{reason_en} ({where})" if where else reason_en)
        self.reason_id, self.reason_en, self.where = reason_id, reason_en, where


class QueryCostly(CatalogError):
    """Some step of the plan expects to handle `work` rows, more than the `limit`; nothing was run."""

    def __init__(self, work: int, limit: int) -> None:
        super().__init__(f"The query expects to handle {work} rows; up to {limit} run at once.")
        self.work, self.limit = work, limit


class QueryFailed(CatalogError):
    """The engine could not answer; `message` holds no path and no hidden name."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class QueryTooSlow(CatalogError):
    """The query was stopped at its deadline."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The query was stopped after {seconds:g} seconds.")
        self.seconds = seconds


class QueryCancelled(CatalogError):
    """The query was stopped on request."""

    def __init__(self) -> None:
        super().__init__("The query was cancelled.")


class EngineBusy(CatalogError):
    """Every query worker was taken for as long as the caller was willing to wait."""

    def __init__(self, waited: float) -> None:
        super().__init__(f"No query worker became free within {waited:g} seconds.")
        self.waited = waited


class ExportTooLarge(CatalogError):
    """The format cannot hold so many rows (a worksheet ends at 1,048,576)."""

    def __init__(self, rows: int, limit: int) -> None:
        super().__init__(f"{rows} rows do not fit; this format holds {limit}.")
        self.rows, self.limit = rows, limit


class TableTooFine(CatalogError):
    """A breakdown has so many (small) cells that it cannot be made safe to show."""

    def __init__(self, cells: int, limit: int) -> None:
        super().__init__(f"{cells} cells are more than {limit}.")
        self.cells, self.limit = cells, limit


class StorageFull(CatalogError):
    """No space was left; what had been written was removed again."""

    def __init__(self, needed: int | None = None) -> None:
        super().__init__("There is no space left on the storage.")
        self.needed = needed
