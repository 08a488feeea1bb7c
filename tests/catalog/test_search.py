"""One suite for both databases: the same questions find the same datasets in the same order."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import ColumnElement, true
from sqlmodel import Session, col

from catalog.errors import CursorInvalid
from catalog.models import AccessClass, Dataset, Frequency
from catalog.search import index
from catalog.search.find import find
from catalog.search.question import Found, Order, Question
from catalog.search.words import asked
from hub.db import open_engine

DAY = datetime(2025, 10, 3, 4, tzinfo=UTC)
AGENCIES = {
    "dinkes": "Dinas Kesehatan",
    "bkad": "Badan Keuangan dan Aset Daerah",
    "bpbj": "Bagian Pengadaan",
}

ENTRIES: list[dict[str, object]] = [
    {"agency": "bkad", "slug": "anggaran", "title": "Anggaran per sub kegiatan", "title_en": "Budget by sub-activity",
     "topic": "keuangan", "access_class": AccessClass.TERBUKA, "frequency": Frequency.YEARLY},
    {"agency": "bkad", "slug": "program", "title": "Program", "title_en": "Programmes", "topic": "keuangan",
     "summary": "Program dalam APBD", "access_class": AccessClass.TERBUKA, "frequency": Frequency.YEARLY},
    {"agency": "bpbj", "slug": "kontrak-nontender", "title": "Kontrak nontender", "title_en": "Direct contracts",
     "topic": "pengadaan", "access_class": AccessClass.TERBATAS, "restriction_basis": "T08", "summary_en": "Signed contracts"},
    {"agency": "bpbj", "slug": "paket-nontender", "title": "Paket nontender", "title_en": "Direct procurement packages",
     "topic": "pengadaan", "summary": "Pengumuman paket di luar tender, menurut RUP", "frequency": Frequency.DAILY},
    {"agency": "dinkes", "slug": "puskesmas", "title": "Kunjungan puskesmas", "topic": "kesehatan",
     "keywords": ["rawat jalan", "imunisasi"], "access_class": AccessClass.PRIBADI, "restriction_basis": "T02"},
    {"agency": "dinkes", "slug": "penduduk-berisiko", "title": "Kependudukan berisiko stunting", "topic": "kesehatan"},
]  # fmt: skip

Ask = Callable[..., Found]


def entry(number: int, said: dict[str, object]) -> Dataset:
    moment = DAY + timedelta(hours=number)
    return Dataset(
        id=f"{said['agency']}/{said['slug']}",
        schema_name="lkpp/contoh",
        schema_version="1.0.0",
        created_at=moment,
        updated_at=moment,
        **said,
    )


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = open_engine(database_url)
    with Session(engine, expire_on_commit=False) as session:
        for number, said in enumerate(ENTRIES):
            dataset = entry(number, said)
            session.add(dataset)
            session.flush()
            columns = (
                [("kd_rup", "Kode RUP"), ("nilai_pagu", "Nilai pagu")]
                if dataset.agency == "bpbj"
                else []
            )
            index.put(session, dataset, agency_name=AGENCIES[dataset.agency], columns=columns)
        session.flush()
        yield session
    engine.dispose()


@pytest.fixture
def ask(session: Session) -> Ask:
    def answer(
        words: str = "", *, visible: ColumnElement[bool] | None = None, order: Order | None = None,
        limit: int = 20, cursor: str | None = None, **chosen: list[str],
    ) -> Found:  # fmt: skip
        question = Question(
            tuple(asked(words)),
            chosen,
            order or (Order.RELEVANCE if words else Order.UPDATED),
            limit,
            cursor,
        )
        return find(session, question, true() if visible is None else visible)

    return answer


def names(found: Found) -> list[str]:
    return [dataset.id for dataset in found.items]


def counts(found: Found, facet: str) -> dict[str, int]:
    return {value.value: value.count for value in found.facets[facet]}


FIRST = [
    ("dinas kesehatan", "dinkes/puskesmas"),
    ("dinkes puskesmas", "dinkes/puskesmas"),
    ("penduduk", "dinkes/penduduk-berisiko"),
    ("population", "dinkes/penduduk-berisiko"),
    ("budget", "bkad/anggaran"),
    ("penganggaran", "bkad/anggaran"),
    ("rencana umum pengadaan", "bpbj/paket-nontender"),
    ("non tender kontrak", "bpbj/kontrak-nontender"),
    ("nilai_pagu paket", "bpbj/paket-nontender"),
    ("imun", "dinkes/puskesmas"),
    ("apbd", "bkad/program"),
    ("PROGRAM", "bkad/program"),
    ("bpbj/kontrak-nontender", "bpbj/kontrak-nontender"),
    ("signed contract", "bpbj/kontrak-nontender"),
]


def test_people_find_it_by_their_own_words(ask: Ask) -> None:
    found = {words: names(ask(words))[:1] for words, _ in FIRST}
    assert found == {words: [first] for words, first in FIRST}


def test_every_word_must_be_there(ask: Ask) -> None:
    assert names(ask("anggaran puskesmas")) == []
    assert names(ask("xyzzy")) == []


def test_a_title_counts_more_than_a_summary(ask: Ask) -> None:
    found = names(ask("program"))
    assert found[0] == "bkad/program"


ODD = ['"', "'", "a OR", "NEAR(", "title:x", "*", "-", "a AND NOT b", "'; DROP TABLE catalog_search --",
     "\\", "x'y", "(((", "^x", "a:*", "!a & b", "😀", "\x00", "é" * 5000, "漢字", "% _"]  # fmt: skip


def test_nothing_a_person_types_is_syntax(ask: Ask) -> None:
    for words in ODD:
        assert ask(words).total >= 0


def test_a_facet_ignores_its_own_choice_and_heeds_the_others(ask: Ask) -> None:
    found = ask(agency=["bpbj"])
    assert names(found) == ["bpbj/paket-nontender", "bpbj/kontrak-nontender"]
    assert found.total == 2
    assert counts(found, "agency") == {"bkad": 2, "bpbj": 2, "dinkes": 2}
    assert counts(found, "topic") == {"pengadaan": 2}
    assert counts(found, "access") == {"BERBAGI": 1, "TERBATAS": 1}
    assert counts(found, "frequency") == {"harian": 1, "insidental": 1}


def test_several_values_of_a_facet_mean_any_of_them(ask: Ask) -> None:
    found = ask(agency=["bpbj", "bkad"], access=["TERBUKA", "TERBATAS"])
    assert sorted(names(found)) == ["bkad/anggaran", "bkad/program", "bpbj/kontrak-nontender"]
    assert ask(frequency=["harian"]).total == 1


def test_every_count_is_what_choosing_it_would_find(ask: Ask) -> None:
    found = ask("paket")
    for facet, values in found.facets.items():
        for value in values:
            assert ask("paket", **{facet: [value.value]}).total == value.count


def test_what_may_not_be_seen_is_nowhere(ask: Ask) -> None:
    open_only = col(Dataset.access_class) == AccessClass.TERBUKA
    everything = ask(visible=open_only)
    assert everything.total == 2
    assert counts(everything, "agency") == {"bkad": 2}
    assert counts(everything, "access") == {"TERBUKA": 2}
    hidden = ask("nontender", visible=open_only)
    assert (hidden.items, hidden.total, hidden.next) == ([], 0, None)
    assert not any(hidden.facets.values())


def pages(ask: Ask, order: Order) -> None:
    words = "dae" if order is Order.RELEVANCE else ""
    whole = names(ask(words, order=order, limit=100))
    paged: list[str] = []
    cursor: str | None = None
    while True:
        found = ask(words, order=order, limit=1, cursor=cursor)
        paged += names(found)
        cursor = found.next
        if cursor is None:
            break
    assert paged == whole
    assert len(whole) == len(set(whole)) > 1


def test_pages_join_into_the_whole_without_gap_or_repeat(ask: Ask) -> None:
    for order in Order:
        pages(ask, order)


def test_titles_are_in_the_order_of_the_alphabet_whatever_the_database(ask: Ask) -> None:
    assert names(ask(order=Order.TITLE)) == [
        "bkad/anggaran", "dinkes/penduduk-berisiko", "bpbj/kontrak-nontender",
        "dinkes/puskesmas", "bpbj/paket-nontender", "bkad/program",
    ]  # fmt: skip


def test_a_cursor_that_is_not_ours_is_refused(ask: Ask) -> None:
    for cursor in ("x", "!!", "WzFd", "W10", "bnVsbA", "WyJ1cGRhdGVkIiwgInoiLCAieiJd"):
        with pytest.raises(CursorInvalid):
            ask(order=Order.UPDATED, cursor=cursor)


def test_a_cursor_belongs_to_its_order(ask: Ask) -> None:
    cursor = ask(order=Order.TITLE, limit=1).next
    with pytest.raises(CursorInvalid):
        ask(order=Order.UPDATED, cursor=cursor)


def test_a_renewed_entry_is_found_by_its_new_words_only(session: Session, ask: Ask) -> None:
    dataset = session.get_one(Dataset, "bkad/program")
    dataset.title, dataset.summary = "Daftar jembatan", ""
    index.put(session, dataset, agency_name="BKAD", columns=[])
    session.flush()
    assert names(ask("jembatan")) == ["bkad/program"]
    assert "bkad/program" not in names(ask("apbd"))


def test_a_removed_entry_is_not_found(session: Session, ask: Ask) -> None:
    index.remove(session, "bkad/program")
    assert "bkad/program" not in names(ask("program"))
