"""The entries of the masthead, by what the reader may do."""

from dataclasses import dataclass

from hub.agencies.principal import Principal


@dataclass(frozen=True)
class Entry:
    """`label` is Indonesian, to be translated where it is shown."""

    path: str
    label: str


ALWAYS = (Entry("/", "Beranda"), Entry("/katalog", "Katalog"))
SIGNED_IN = (Entry("/permintaan", "Permintaan"),)
PUBLISHING = (Entry("/publikasi", "Publikasi"),)


def entries(actor: Principal | None) -> tuple[Entry, ...]:
    if actor is None:
        return ALWAYS
    publishes = actor.has("steward") or actor.has("walidata")
    return ALWAYS + SIGNED_IN + (PUBLISHING if publishes else ())
