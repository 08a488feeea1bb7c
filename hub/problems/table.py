"""Every class of errors and what it means to a client: the only table of status codes."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from catalog import errors as catalog
from connectors import errors as connectors
from hub import errors
from schemas import errors as schemas

ROOTS: tuple[type[Exception], ...] = (
    errors.HubError,
    schemas.SchemaError,
    connectors.ConnectorError,
    catalog.CatalogError,
)


@dataclass(frozen=True)
class Problem:
    """What a class of errors means to a client; `slug` ends the problem's `type`.

    `say` is the sentence (id, en) for errors of the lower rooms that bring only facts; it is filled
    with their attributes. `members` are the attributes that become members of the document.
    """

    slug: str
    status: HTTPStatus
    title_id: str
    title_en: str
    say: tuple[str, str] | None = None
    members: tuple[str, ...] = ()


PROBLEMS: dict[type[Exception], Problem] = {
    errors.NotAuthenticated: Problem(
        "not-authenticated", HTTPStatus.UNAUTHORIZED, "Belum masuk", "Not authenticated"
    ),
    errors.NotPermitted: Problem(
        "not-permitted", HTTPStatus.FORBIDDEN, "Tidak berwenang", "Not permitted"
    ),
    errors.NotFound: Problem("not-found", HTTPStatus.NOT_FOUND, "Tidak ditemukan", "Not found"),
    errors.Conflict: Problem("conflict", HTTPStatus.CONFLICT, "Bertentangan", "Conflict"),
    errors.SchemaEnded: Problem(
        "schema-ended", HTTPStatus.CONFLICT, "Skema sudah berakhir", "The schema has ended"
    ),
    errors.PromiseBroken: Problem(
        "promise-broken",
        HTTPStatus.CONFLICT,
        "Janji kepada pembaca berkurang",
        "Readers would get less than promised",
    ),
    errors.ReviewAwaited: Problem(
        "review-awaited",
        HTTPStatus.CONFLICT,
        "Menunggu telaah",
        "A review is awaited",
    ),
    errors.ChangedMeanwhile: Problem(
        "changed-meanwhile",
        HTTPStatus.PRECONDITION_FAILED,
        "Sudah berubah",
        "Changed meanwhile",
    ),
    errors.ConditionMissing: Problem(
        "condition-missing",
        HTTPStatus.PRECONDITION_REQUIRED,
        "Versi tidak disebut",
        "Condition missing",
    ),
    errors.IdempotencyMismatch: Problem(
        "idempotency-mismatch",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Kunci idempotensi dipakai untuk isi lain",
        "Idempotency key used for another body",
    ),
    errors.Malformed: Problem(
        "malformed", HTTPStatus.BAD_REQUEST, "Bentuk permintaan salah", "Malformed request"
    ),
    errors.InvalidInput: Problem(
        "invalid-input",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Isian tidak dapat diterima",
        "Invalid input",
    ),
    errors.CollectedElsewhere: Problem(
        "collected-elsewhere",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Sudah dipegang instansi lain",
        "Another agency holds it already",
    ),
    errors.BatchRefused: Problem(
        "batch-refused",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Kiriman ditolak gerbang skema",
        "The schema gate refused the batch",
    ),
    errors.TooLarge: Problem(
        "too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Terlalu besar", "Too large"
    ),
    errors.TooManyRequests: Problem(
        "too-many-requests", HTTPStatus.TOO_MANY_REQUESTS, "Terlalu sering", "Too many requests"
    ),
    errors.Unavailable: Problem(
        "unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "Belum dapat dilayani", "Unavailable"
    ),
    errors.EvidenceUnavailable: Problem(
        "evidence-unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "Bukti tidak dapat dicatat",
        "Evidence cannot be recorded",
    ),
    errors.StorageFull: Problem(
        "storage-full", HTTPStatus.INSUFFICIENT_STORAGE, "Penyimpanan penuh", "Storage full"
    ),
}

_NOT_FOUND, _UNPROCESSABLE = HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY
_CONFLICT, _UNAVAILABLE = HTTPStatus.CONFLICT, HTTPStatus.SERVICE_UNAVAILABLE

_SOURCE = Problem(
    "source-failed", HTTPStatus.BAD_GATEWAY, "Sumber gagal", "The source failed", members=("layer",)
)
_OPTIONS = Problem(
    "source-options",
    _UNPROCESSABLE,
    "Isian sumber tidak dapat diterima",
    "The options of the source are not acceptable",
    members=("layer",),
)
_UNREADABLE = Problem(
    "unreadable-file",
    _UNPROCESSABLE,
    "Berkas tidak dapat dibaca",
    "The file cannot be read",
    members=("where",),
)

PROBLEMS |= {
    schemas.UnknownSchema: Problem(
        "unknown-schema",
        _NOT_FOUND,
        "Skema tidak dikenal",
        "Unknown schema",
        (
            "Skema {name} atau versinya ({version}) tidak ada.",
            "There is no schema {name} ({version}).",
        ),
        ("name", "version"),
    ),
    schemas.SchemaExists: Problem(
        "schema-exists",
        _CONFLICT,
        "Skema sudah terbit",
        "Schema already published",
        (
            "Skema {name}/{version} sudah terbit dan tidak pernah berubah.",
            "Schema {name}/{version} is published and never changes.",
        ),
    ),
    schemas.InvalidSchema: Problem(
        "invalid-schema",
        _UNPROCESSABLE,
        "Dokumen skema tidak benar",
        "Invalid schema document",
        members=("faults",),
    ),
    schemas.IncompatibleSchema: Problem(
        "incompatible-schema",
        _CONFLICT,
        "Versi baru tidak serasi",
        "The new version is not compatible",
        members=("reasons", "witnesses"),
    ),
    schemas.InvalidSteps: Problem(
        "invalid-steps",
        _UNPROCESSABLE,
        "Langkah penerimaan tidak dapat dijalankan",
        "The intake steps cannot be carried out",
        members=("faults",),
    ),
    schemas.UnreadableFile: _UNREADABLE,
    schemas.FileTooLarge: Problem(
        "too-large",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "Terlalu besar",
        "Too large",
        members=("where",),
    ),
    connectors.KindUnknown: _OPTIONS,
    connectors.OptionsInvalid: replace(_OPTIONS, members=("layer", "faults")),
    connectors.UrlForbidden: _OPTIONS,
    connectors.AddressForbidden: _OPTIONS,
    connectors.FolderForbidden: _OPTIONS,
    connectors.SourceUnavailable: replace(_SOURCE, members=("layer", "status")),
    connectors.SourceRefused: replace(_SOURCE, members=("layer", "status")),
    connectors.SourceRedirected: _SOURCE,
    connectors.SourceBodyInvalid: replace(_SOURCE, members=("layer", "fault")),
    connectors.SourceTooLarge: _SOURCE,
    connectors.SpoolFailed: PROBLEMS[errors.StorageFull],
    catalog.DatasetNotFound: Problem(
        "not-found",
        _NOT_FOUND,
        "Tidak ditemukan",
        "Not found",
        ("Dataset {dataset} tidak ada.", "There is no dataset {dataset}."),
    ),
    catalog.DatasetExists: Problem(
        "conflict",
        _CONFLICT,
        "Bertentangan",
        "Conflict",
        ("Dataset {dataset} sudah ada.", "There is a dataset {dataset} already."),
    ),
    catalog.DatasetInvalid: Problem(
        "invalid-input",
        _UNPROCESSABLE,
        "Isian tidak dapat diterima",
        "Invalid input",
        members=("faults",),
    ),
    catalog.ReleaseNotFound: Problem(
        "not-found",
        _NOT_FOUND,
        "Tidak ditemukan",
        "Not found",
        (
            "Dataset {dataset} belum punya rilis itu.",
            "Dataset {dataset} has no such release.",
        ),
    ),
    catalog.ReleaseDisposed: Problem(
        "release-disposed",
        HTTPStatus.GONE,
        "Rilis sudah dimusnahkan",
        "The release was disposed of",
        (
            "Rilis {number} dari {dataset} sudah dimusnahkan karena masa simpannya habis; baca rilis terbaru.",
            "Release {number} of {dataset} was disposed of when its time of keeping was over; read the latest.",
        ),
        members=("number",),
    ),
    catalog.BaseMoved: Problem(
        "base-moved",
        _CONFLICT,
        "Rilis dasar sudah bergeser",
        "The base release moved",
        (
            "Rilis lain dari {dataset} terbit lebih dahulu; kirim ulang.",
            "Another release of {dataset} was published first; send again.",
        ),
    ),
    catalog.KeysExist: Problem(
        "keys-exist",
        _CONFLICT,
        "Kunci sudah ada",
        "Keys exist already",
        (
            "{count} kunci sudah ada dalam rilis; pakai mode upsert untuk mengubahnya.",
            "{count} keys are in the release already; use mode upsert to change them.",
        ),
        ("count", "examples"),
    ),
    catalog.KeysRepeat: Problem(
        "keys-repeat",
        _UNPROCESSABLE,
        "Kunci berulang",
        "Keys repeat",
        (
            "{count} kunci muncul lebih dari sekali dalam kiriman.",
            "{count} keys occur more than once in the batch.",
        ),
        ("count", "examples"),
    ),
    catalog.KeyMissing: Problem(
        "key-missing",
        _UNPROCESSABLE,
        "Kunci kosong",
        "Key missing",
        ("{count} baris tidak berkunci.", "{count} rows have no key."),
        ("count", "columns"),
    ),
    catalog.FilterInvalid: Problem(
        "filter-invalid", _UNPROCESSABLE, "Saringan tidak dapat dipakai", "Invalid filter"
    ),
    catalog.CursorInvalid: Problem(
        "cursor-invalid",
        _UNPROCESSABLE,
        "Kursor tidak berlaku",
        "Invalid cursor",
        (
            "Kursor ini bukan milik permintaan ini, atau rilisnya sudah berganti; mulai lagi.",
            "The cursor is not of this request, or the release changed; start again without it.",
        ),
    ),
    catalog.ColumnNotReadable: Problem(
        "column-not-readable",
        _UNPROCESSABLE,
        "Kolom tidak terbaca",
        "Column not readable",
        (
            "Kolom “{column:.80}” tidak ada atau tidak boleh dilihat.",
            "Column “{column:.80}” does not exist or may not be seen.",
        ),
    ),
    catalog.QueryRefused: Problem(
        "query-refused",
        _UNPROCESSABLE,
        "Kueri ditolak",
        "Query refused",
        members=("where",),
    ),
    catalog.QueryCostly: Problem(
        "query-costly",
        _UNPROCESSABLE,
        "Kueri terlalu besar untuk langsung dijalankan",
        "The query is too large to run unasked",
        (
            "Satu langkah kueri ini diperkirakan mengolah {work} baris, lebih dari {limit}; "
            "persempit, atau kirim lagi dengan confirm.",
            "One step of this query is expected to handle {work} rows, more than {limit}; "
            "narrow it down, or send it again with confirm.",
        ),
        ("work", "limit"),
    ),
    catalog.QueryFailed: Problem(
        "query-failed", _UNPROCESSABLE, "Kueri tidak dapat dijawab", "The query cannot be answered"
    ),
    catalog.QueryTooSlow: Problem(
        "query-too-slow",
        HTTPStatus.GATEWAY_TIMEOUT,
        "Kueri terlalu lama",
        "The query took too long",
        (
            "Kueri dihentikan setelah {seconds:g} detik; persempit atau hitung lebih sedikit.",
            "The query was stopped after {seconds:g} seconds; narrow it down.",
        ),
        ("seconds",),
    ),
    catalog.QueryCancelled: Problem(
        "query-cancelled",
        _CONFLICT,
        "Kueri dibatalkan",
        "Query cancelled",
        ("Kueri dibatalkan.", "The query was cancelled."),
    ),
    catalog.EngineBusy: Problem(
        "engine-busy",
        _UNAVAILABLE,
        "Mesin kueri penuh",
        "Query engine busy",
        (
            "Semua mesin kueri sedang dipakai; coba lagi sebentar.",
            "Every query worker is taken; try again in a moment.",
        ),
    ),
    catalog.ExportTooLarge: Problem(
        "export-too-large",
        _UNPROCESSABLE,
        "Terlalu banyak baris untuk format ini",
        "Too many rows for this format",
        (
            "{rows} baris tidak muat; format ini memuat {limit}. Pakai csv atau parquet.",
            "{rows} rows do not fit; this format holds {limit}. Use csv or parquet.",
        ),
        ("rows", "limit"),
    ),
    catalog.TableTooFine: Problem(
        "table-too-fine",
        HTTPStatus.CONFLICT,
        "Rincian terlalu halus",
        "The breakdown is too fine",
        (
            "Rincian ini punya {cells} sel kecil atau terlalu banyak sel (paling banyak {limit}), sehingga tidak dapat dibuat aman. Kurangi kolom rincian, atau kelompokkan (tahun, kecamatan).",
            "This breakdown has {cells} cells that are small or too many (at most {limit}) and cannot be made safe. Break down by fewer or coarser columns (year, district).",
        ),
        ("cells", "limit"),
    ),
    catalog.StorageFull: PROBLEMS[errors.StorageFull],
}

UNEXPECTED = Problem(
    "unexpected", HTTPStatus.INTERNAL_SERVER_ERROR, "Kesalahan pada hub", "Unexpected error"
)
INVALID_REQUEST = Problem(
    "invalid-request",
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "Permintaan tidak sesuai bentuk",
    "The request does not fit",
)


def problem_of(error: Exception) -> Problem:
    """The nearest mapped ancestor decides; an unmapped error is our own fault, 500."""
    kinds = (kind for kind in type(error).__mro__ if kind in PROBLEMS)
    return PROBLEMS.get(next(kinds, Exception), UNEXPECTED)


def of_slug(slug: str) -> Problem:
    """The problem of a stored slug; of two of one slug, status and titles agree."""
    known = (*PROBLEMS.values(), INVALID_REQUEST, UNEXPECTED)
    return next((problem for problem in known if problem.slug == slug), UNEXPECTED)
