"""The entries of the masthead, by what the reader may do."""

from dataclasses import dataclass

from hub.agencies.principal import Principal
from hub.agencies.roles import OWNING_ROLES, Role
from hub.usage.service import answers_for_reads
from hub.web.translation import N_


@dataclass(frozen=True)
class Entry:
    """`label` is Indonesian, to be translated where it is shown."""

    path: str
    label: str


ALWAYS = (
    Entry("/", N_("Beranda")),
    Entry("/katalog", N_("Katalog")),
    Entry("/skema", N_("Skema")),
)
INBOX = "/pesan"
SIGNED_IN = (Entry("/permintaan", N_("Permintaan")), Entry(INBOX, N_("Pesan")))
PUBLISHING = (Entry("/publikasi", N_("Publikasi")),)
ASKING = (Entry("/sql", N_("Kueri")),)
DESK = (Entry("/kelola", N_("Kelola")),)
READ_BY = (Entry("/pemakaian", N_("Pemakaian")),)
INDEX = (Entry("/skor", N_("Indeks")),)
PERSONAL = (Entry("/pdp", N_("Data pribadi")),)


def entries(actor: Principal | None) -> tuple[Entry, ...]:
    if actor is None:
        return ALWAYS
    return (
        ALWAYS
        + SIGNED_IN
        + (ASKING if asks(actor) else ())
        + (PUBLISHING if publishes(actor) else ())
        + (READ_BY if answers_for_reads(actor) else ())
        + (INDEX if actor.posts else ())
        + (PERSONAL if answers_for_persons(actor) else ())
        + (DESK if actor.has("walidata") else ())
    )


def answers_for_persons(actor: Principal) -> bool:
    """Whether records of processing are part of the actor's work; the walidata has them on her desk."""
    return any(actor.has(role) for role in (Role.AUDITOR, Role.HEAD, Role.STEWARD))


def asks(actor: Principal) -> bool:
    """Whether queries are part of the actor's work; the page is open to whoever may read."""
    return any(actor.has(role) for role in (*OWNING_ROLES, Role.WALIDATA, Role.AUDITOR))


def publishes(actor: Principal) -> bool:
    """Whether the actor sees deliveries: stewards their agency's, the walidata all."""
    return actor.has("steward") or actor.has("walidata")
