"""What a decider should see before reading the rest: at most five things, the gravest first.

Pure, and by a fixed order: nothing here weighs, and nothing is recommended. What personal data leaves
comes before what is unusual, that before what happened earlier.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hub.web.translation import N_

MOST = 5


@dataclass(frozen=True)
class Seen:
    """What is known of a request and of those before it.

    `personal` and `specific` are the personal columns that it names; `columns` how many it asks, `usual`
    how many earlier grants on the dataset opened (None: none yet); `days` how long it wants, `longest`
    what its class allows; `earlier_purpose` of the same agency's last grant; `refused` the last refused
    request with its ground; `triggers` what calls for an impact assessment, `assessed` whether one came;
    `grants` the agency's earlier grants on it, `reads` with them; `others` agencies that hold it now.
    """

    personal: tuple[str, ...] = ()
    specific: tuple[str, ...] = ()
    columns: int = 0
    usual: int | None = None
    days: int | None = None
    longest: int = 365
    purpose: str = ""
    earlier_purpose: str = ""
    refused: tuple[str, str] | None = None
    triggers: tuple[str, ...] = ()
    assessed: bool = False
    stores: bool = False
    grants: int = 0
    reads: int = 0
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Highlight:
    """`text` is of the catalogue, with places for `values`; `path` leads to what it speaks of."""

    code: str
    text: str
    values: dict[str, str] = field(default_factory=dict)
    path: str = ""


def highlights(seen: Seen) -> list[Highlight]:
    """At most five, most important first."""
    return [one for one, _ in zip(_all(seen), range(MOST), strict=False)]


def _all(seen: Seen) -> Iterator[Highlight]:
    yield from _personal(seen)
    yield from _unusual(seen)
    yield from _earlier(seen)


def _personal(seen: Seen) -> Iterator[Highlight]:
    if seen.specific:
        names = {"columns": ", ".join(seen.specific)}
        yield Highlight("specific", N_("Meminta data pribadi spesifik: {columns}"), names)
    if general := [name for name in seen.personal if name not in seen.specific]:
        names = {"columns": ", ".join(general)}
        yield Highlight("personal", N_("Meminta data pribadi: {columns}"), names)
    if seen.triggers and not seen.assessed:
        what = {"what": "; ".join(seen.triggers)}
        yield Highlight("assess", N_("Perlu penilaian dampak dan belum ada: {what}"), what)


def _unusual(seen: Seen) -> Iterator[Highlight]:
    if seen.usual is not None and seen.columns > seen.usual:
        counts = {"asked": str(seen.columns), "usual": str(seen.usual)}
        text = N_("Lebih lebar daripada biasanya: {asked} kolom, biasanya {usual}")
        yield Highlight("wide", text, counts)
    if seen.days is not None and seen.days > seen.longest:
        counts = {"asked": str(seen.days), "longest": str(seen.longest)}
        text = N_("Lebih lama daripada kelasnya: {asked} hari, paling lama {longest}")
        yield Highlight("long", text, counts)
    if seen.earlier_purpose and _plain(seen.earlier_purpose) != _plain(seen.purpose):
        text = N_("Tujuannya lain daripada sebelumnya, yaitu: {purpose}")
        yield Highlight("purpose", text, {"purpose": seen.earlier_purpose})


def _earlier(seen: Seen) -> Iterator[Highlight]:
    if seen.refused is not None:
        request, ground = seen.refused
        text = N_("Pernah ditolak: {request}, alasan {ground}")
        values = {"request": request, "ground": ground}
        yield Highlight("refused", text, values, f"/permintaan/{request}")
    if seen.stores:
        yield Highlight("stores", N_("Boleh menyimpan berkas utuh di luar hub"))
    if seen.grants:
        counts = {"grants": str(seen.grants), "reads": str(seen.reads)}
        text = (
            N_("Sudah {grants} kali mendapat hak akses, dan membacanya {reads} kali")
            if seen.reads
            else N_("Sudah {grants} kali mendapat hak akses, tetapi belum pernah membacanya")
        )
        yield Highlight("used", text, counts)
    if seen.others:
        who = {"count": str(len(seen.others)), "who": ", ".join(seen.others[:3])}
        text = N_("Sudah dipakai {count} perangkat daerah lain, antara lain {who}")
        yield Highlight("others", text, who)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
