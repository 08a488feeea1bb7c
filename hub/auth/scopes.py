"""What a token may be used for. Documented in `docs/reference/scopes-and-roles.md`; a test compares."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    name: str
    description_id: str
    description_en: str


CATALOG_READ = "catalog:read"
DATA_READ = "data:read"
DATA_WRITE = "data:write"
DATASET_WRITE = "dataset:write"
SCHEMA_WRITE = "schema:write"
SOURCE_WRITE = "source:write"
REQUEST_WRITE = "request:write"
REQUEST_DECIDE = "request:decide"
AGENCY_ADMIN = "agency:admin"
AUDIT_READ = "audit:read"

SCOPES: dict[str, Scope] = {
    scope.name: scope
    for scope in (
        Scope(CATALOG_READ, "Melihat katalog dan skema", "See the catalog and the schemas"),
        Scope(DATA_READ, "Membaca data yang izinnya ada", "Read data through a grant"),
        Scope(DATA_WRITE, "Mengirim kumpulan data", "Push batches"),
        Scope(DATASET_WRITE, "Membuat dan mengubah dataset", "Create and change datasets"),
        Scope(SCHEMA_WRITE, "Menerbitkan skema", "Publish schemas"),
        Scope(SOURCE_WRITE, "Mengatur sumber tarikan", "Set up pull sources"),
        Scope(REQUEST_WRITE, "Mengajukan permintaan data", "Ask for access"),
        Scope(REQUEST_DECIDE, "Memutus permintaan data", "Decide on requests for access"),
        Scope(AGENCY_ADMIN, "Mengelola instansi, orang, dan program", "Manage agencies, people and clients"),
        Scope(AUDIT_READ, "Membaca jejak pertukaran", "Read the exchange ledger"),
    )
}  # fmt: skip

OPENID = "openid"
PROFILE = "profile"
EMAIL = "email"
OFFLINE_ACCESS = "offline_access"

OF_A_PERSON: dict[str, Scope] = {
    scope.name: scope
    for scope in (
        Scope(OPENID, "Mengenali Anda saat masuk", "Recognise you when you sign in"),
        Scope(PROFILE, "Melihat nama dan nama pengguna Anda", "See your name and your user name"),
        Scope(EMAIL, "Melihat alamat surel Anda", "See your e-mail address"),
        Scope(OFFLINE_ACCESS, "Tetap tersambung saat Anda tidak membukanya", "Stay connected while you are away"),
    )
}  # fmt: skip
"""What OpenID Connect asks of a person; it opens nothing of the hub, so no role bounds it."""

OF_THE_HUB = frozenset({SCHEMA_WRITE, AGENCY_ADMIN, AUDIT_READ})
"""What concerns no dataset in particular; a token for one dataset has none of it."""

ALL: frozenset[str] = frozenset(SCOPES)

OF_A_CLIENT: frozenset[str] = ALL | OF_A_PERSON.keys()
"""What a client may ask for, of the hub or of a person."""


def split(scope: str) -> frozenset[str]:
    """The names in a space-separated scope string (RFC 6749 §3.3)."""
    return frozenset(scope.split())


def join(scopes: frozenset[str]) -> str:
    """The scope string of a set, in alphabetical order."""
    return " ".join(sorted(scopes))
