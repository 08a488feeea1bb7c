"""The demonstration's people and programs. Names are synthetic; passwords are for a machine at home."""

from dataclasses import dataclass

from hub.auth import scopes

DATA = f"{scopes.CATALOG_READ} {scopes.DATA_READ}"
STEWARD = (
    f"{DATA} {scopes.DATA_WRITE} {scopes.DATASET_WRITE} {scopes.SCHEMA_WRITE}"
    f" {scopes.SOURCE_WRITE} {scopes.REQUEST_WRITE}"
)


@dataclass(frozen=True)
class DemoPerson:
    """`username` is also her name in demo.json; `role` and agency come from the post she holds.

    The addresses lead nowhere (RFC 2606, and a number that nobody can have).
    """

    username: str
    name: str
    phone: str = ""

    @property
    def email(self) -> str:
        return f"{self.username}@contoh.invalid"


@dataclass(frozen=True)
class DemoClient:
    """A program that holds the same post as the person `like`, with its own scope."""

    name: str
    like: str | None
    scope: str


PEOPLE = (
    DemoPerson("steward", "Sari Contoh (sintetis)"),
    DemoPerson("head", "Harun Contoh (sintetis)", phone="+6200000000000"),
    DemoPerson("walidata", "Wati Contoh (sintetis)"),
    DemoPerson("analyst", "Anto Contoh (sintetis)"),
    DemoPerson("rw", "Rahmat Contoh (sintetis)"),
    DemoPerson("executive", "Ekawati Contoh (sintetis)", phone="+6200010000000"),
    DemoPerson("auditor", "Adi Contoh (sintetis)"),
    DemoPerson("sekda", "Seno Contoh (sintetis)"),
    DemoPerson("outsider", "Oki Contoh (sintetis)"),
)

CLIENTS = (
    DemoClient("steward", "steward", STEWARD),
    DemoClient("walidata", "walidata", scopes.join(scopes.ALL)),
    DemoClient("analyst", "analyst", f"{DATA} {scopes.REQUEST_WRITE}"),
    DemoClient("outsider", None, f"{DATA} {scopes.REQUEST_WRITE}"),
    DemoClient("auditor", "auditor", f"{DATA} {scopes.AUDIT_READ}"),
)
