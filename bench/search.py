"""Search: a mixed list of questions with facets, inside what may be seen; beside it a scan with LIKE."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Engine, create_engine, or_, text
from sqlmodel import Session, col

from bench.measuring import OURS, Figure
from bench.postgres import server
from bench.run import Run
from catalog.models import AccessClass, Dataset, Frequency
from catalog.search import index
from catalog.search.find import find
from catalog.search.question import Order, Question
from catalog.search.words import asked
from hub.db import open_engine, reading, unit_of_work
from hub.migrations import upgrade

START = datetime(2025, 10, 3, tzinfo=UTC)
NOUNS = [
    "anggaran",
    "kontrak",
    "paket",
    "penduduk",
    "sekolah",
    "puskesmas",
    "jalan",
    "jembatan",
    "desa",
    "pajak",
    "izin",
    "pegawai",
    "aset",
    "bencana",
    "banjir",
    "pasar",
    "harga",
    "ikan",
    "ternak",
    "padi",
    "air",
    "listrik",
    "rumah",
    "bantuan",
    "siswa",
    "guru",
    "pasien",
    "obat",
    "kelahiran",
    "kematian",
    "kemiskinan",
    "retribusi",
    "parkir",
    "terminal",
    "pelabuhan",
    "hutan",
    "sampah",
    "limbah",
    "perpustakaan",
    "arsip",
    "surat",
    "disposisi",
    "usulan",
    "musrenbang",
    "realisasi",
    "kinerja",
    "layanan",
    "pengaduan",
    "kunjungan",
    "wisata",
    "hotel",
]
KINDS = [
    "daftar",
    "rekap",
    "jumlah",
    "sebaran",
    "kondisi",
    "capaian",
    "jadwal",
    "hasil",
    "rencana",
    "profil",
    "indeks",
    "peta",
]
PLACES = [
    f"{a}{b}"
    for a in ["batu", "long", "muara", "tanah", "kuaro", "paser", "sungai"]
    for b in ["rangan", "ikis", "sopang", "grogot", "engau", "belengkong", "putih"]
]
QUESTIONS = (
    "anggaran", "kependudukan desa", "dinas kesehatan", "budget", "kontrak paket", "jalan kondisi",
    "rekap puskesmas", "perpajakan", "bantuan sosial", "dinkes", "muararangan", "kunj", "wisata hotel",
    "harga pasar padi", "", "kinerja layanan pengaduan", "rencana", "sekolah siswa guru",
)  # fmt: skip


def entries(count: int) -> Iterator[Dataset]:
    chance = random.Random(20251003)
    for number in range(count):
        words = chance.sample(NOUNS, 3)
        agency = f"skpd{chance.randrange(45):02}"
        title = f"{chance.choice(KINDS)} {words[0]} {chance.choice(PLACES)}".capitalize()
        moment = START + timedelta(seconds=number)
        yield Dataset(
            id=f"{agency}/d{number}",
            agency=agency,
            slug=f"d{number}",
            title=title,
            title_en="Budget data" if words[0] == "anggaran" else "",
            summary=f"{title} menurut {words[1]} dan {words[2]} tahun {2018 + number % 8}",
            topic=chance.choice(NOUNS[:20]),
            keywords=chance.sample(NOUNS, 2),
            schema_name=f"lkpp/r{chance.randrange(30)}",
            schema_version="1.0.0",
            access_class=chance.choice(list(AccessClass)),
            frequency=chance.choice(list(Frequency)),
            created_at=moment,
            updated_at=moment,
        )


ROUNDS = 5


def measure(run: Run) -> list[Figure]:
    count = 100_000 if run.full else 10_000
    member = or_(
        col(Dataset.access_class) != AccessClass.DIKECUALIKAN, col(Dataset.agency).in_(["skpd01"])
    )
    seconds, answers, more = {}, {}, {}
    with _engines(run) as engines:
        for who, engine in engines.items():
            more[f"build of {who}, s"] = fill(engine, count)
            seconds[who], answers[who] = _questions(engine, partial(ask, visible=member))
        seconds["LIKE scan, sqlite"], _ = _questions(engines[OURS], scan)
    same = all(found == answers[OURS] for found in answers.values())
    what = f"{len(QUESTIONS)} questions with facets, {count:,} datasets"
    return [Figure("search", what, seconds, more={**more, "same answers": same})]


@contextmanager
def _engines(run: Run) -> Iterator[dict[str, Engine]]:
    """A fresh control plane on SQLite, and one on a running PostgreSQL if there is one."""
    engines = {OURS: open_engine(f"sqlite:///{run.folder / 'search.db'}")}
    user = server()
    name = f"simpul_bench_{time.time_ns()}"
    if user is not None:
        _administer(user, f"CREATE DATABASE {name}")
        engines["simpul on postgresql"] = open_engine(_url(user, name))
    try:
        for engine in engines.values():
            upgrade(engine)
        yield engines
    finally:
        for engine in engines.values():
            engine.dispose()
        if user is not None:
            _administer(user, f"DROP DATABASE {name} WITH (FORCE)")


def _url(user: str, database: str) -> str:
    return f"postgresql+psycopg://{user}@127.0.0.1:5432/{database}"


def _administer(user: str, statement: str) -> None:
    engine = create_engine(_url(user, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def fill(engine: Engine, count: int) -> float:
    begun = time.perf_counter()
    columns = [
        (name, name.replace("_", " "))
        for name in ("kode_wilayah", "nama_desa", "tahun", "nilai", "satuan")
    ]
    with unit_of_work(engine) as session:
        for dataset in entries(count):
            session.add(dataset)
            session.flush()
            index.put(session, dataset, agency_name=f"Dinas {dataset.agency}", columns=columns)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    return time.perf_counter() - begun


def ask(session: Session, words: str, visible: ColumnElement[bool]) -> tuple[list[str], int]:
    tokens = tuple(asked(words))
    order = Order.RELEVANCE if tokens else Order.UPDATED
    found = find(session, Question(tokens, {}, order), visible)
    return [dataset.id for dataset in found.items], found.total


def scan(session: Session, words: str) -> tuple[list[str], int]:
    """What one would write without an index: every word somewhere in title or summary, no facets."""
    query = session.query(col(Dataset.id))
    for word in words.split():
        like = f"%{word}%"
        query = query.where(or_(col(Dataset.title).ilike(like), col(Dataset.summary).ilike(like)))
    return [row.id for row in query.limit(20)], query.count()


def _questions(engine: Engine, answer: Any) -> tuple[list[float], list[Any]]:
    """Seconds of each question, the first round not counted, and what was found in it."""
    seconds, answers = [], []
    for turn in range(ROUNDS + 1):
        for words in QUESTIONS:
            with reading(engine) as session:
                begun = time.perf_counter()
                found = answer(session, words)
                taken = time.perf_counter() - begun
            if turn:
                seconds.append(taken)
            else:
                answers.append(found)
    return seconds, answers
