"""Search over many datasets on both databases: `python bench/search.py [datasets] [postgres-url]`.

Prints build time, median and p95 of a mixed list of questions, as a visitor and as a member, and
whether both databases found the same in the same order.
"""

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Engine, or_, text, true
from sqlmodel import Session, col

from catalog.models import AccessClass, Dataset, Frequency
from catalog.search import index
from catalog.search.find import find
from catalog.search.question import Order, Question
from catalog.search.words import asked
from hub.db import open_engine, reading, unit_of_work
from hub.tables import create_all

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


def measure(
    engine: Engine, visible: ColumnElement[bool]
) -> tuple[list[float], list[float], list[Any]]:
    """Milliseconds by the clock, milliseconds of this process's CPU, answers."""
    times, work, answers = [], [], []
    for turn in range(6):
        for words in QUESTIONS:
            with reading(engine) as session:
                begun, busy = time.perf_counter(), time.process_time()
                answer = ask(session, words, visible)
                taken, busy = time.perf_counter() - begun, time.process_time() - busy
            if turn:
                times.append(taken * 1000)
                work.append(busy * 1000)
            else:
                answers.append(answer)
    return times, work, answers


def main(count: int, postgres: str | None) -> None:
    folder = Path(tempfile.mkdtemp(prefix="simpul-bench-"))
    urls = {"sqlite": f"sqlite:///{folder / 'control.db'}"} | (
        {"postgresql": postgres} if postgres else {}
    )
    seers = {
        "walidata": true(),
        "member": or_(col(Dataset.access_class) != AccessClass.DIKECUALIKAN, col(Dataset.agency).in_(["skpd01"])),
        "visitor": col(Dataset.access_class) == AccessClass.TERBUKA,
    }  # fmt: skip
    answers: dict[str, list[Any]] = {}
    for name, url in urls.items():
        engine = open_engine(url)
        create_all(engine)
        print(
            json.dumps(
                {"database": name, "datasets": count, "build_s": round(fill(engine, count), 1)}
            )
        )
        for seer, visible in seers.items():
            times, work, found = measure(engine, visible)
            same = answers.setdefault(seer, found) == found
            p95 = statistics.quantiles(times, n=20)[-1]
            row = {
                "seer": seer,
                "median_ms": statistics.median(times),
                "p95_ms": p95,
                "max_ms": max(times),
                "cpu_p95_ms": statistics.quantiles(work, n=20)[-1],
            }
            print(
                json.dumps(
                    {k: round(v, 1) if isinstance(v, float) else v for k, v in row.items()}
                    | {"same": same}
                )
            )
        engine.dispose()


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 10_000,
        sys.argv[2] if len(sys.argv) > 2 else None,
    )
