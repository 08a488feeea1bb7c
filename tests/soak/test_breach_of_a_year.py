"""A breach report for any hour of a year of a million reads is ready within a minute, and equals the ledger."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from hub.access.subjects import READS, SUBJECTS
from hub.db import open_engine, reading
from hub.ledger.entry import Actor, Facts, Target, build, canonical
from hub.ledger.service import TABLE
from hub.ledger.verify import leaf_hash
from hub.privacy import reads
from hub.privacy.reads import Scope

pytestmark = pytest.mark.soak

READS_OF_A_YEAR = 1_000_000
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
AGENCIES, DATASETS = 40, 60
PERSONAL_SHARE, PERSONS = 0.2, 5
CHUNK = 5_000
MINUTE = 60.0


def seeded(engine: Engine, dice: random.Random) -> list[tuple[datetime, str, str]]:
    """A year of reads with working hours busier than nights; returns moment, agency and dataset of each."""
    moments = sorted(_moment(dice) for _ in range(READS_OF_A_YEAR))
    told = []
    with engine.connect() as connection:
        for start in range(0, READS_OF_A_YEAR, CHUNK):
            entries, personal, people = [], [], []
            for at in moments[start : start + CHUNK]:
                row = _entry(at, dice)
                entries.append(row)
                told.append((at, row["agency"], row["target_id"]))
                if dice.random() < PERSONAL_SHARE:
                    personal.append(_personal(row))
                    people += _people(row["id"], dice)
            connection.execute(insert(TABLE), entries)
            connection.execute(insert(READS), personal)
            connection.execute(insert(SUBJECTS), people)
            connection.commit()
        connection.execute(text("ANALYZE"))
        connection.commit()
    return told


def _moment(dice: random.Random) -> datetime:
    day = BEGIN + timedelta(days=dice.randrange(365))
    hour = dice.choice((0, 1, 2, 3, 4, 5, 6, 7, 8, *range(24)))
    return day + timedelta(hours=hour, microseconds=dice.randrange(3_600_000_000))


def _entry(at: datetime, dice: random.Random) -> dict[str, Any]:
    agency = f"skpd{dice.randrange(AGENCIES):02}"
    dataset = f"bpbj/d{dice.randrange(DATASETS)}"
    entry_id = f"{int(at.timestamp() * 1000):012x}7{dice.getrandbits(76):019x}"
    policy = f"{dice.randrange(4):064x}"
    facts = Facts(
        kind=dice.choice(("rows.read", "export.read", "query.read")),
        actor=Actor(client=f"program-{agency}", post="p", agency=agency),
        target=Target("dataset", dataset, release=dice.randrange(1, 4)),
        grant=f"sha256:{policy}",
        decision={"id": f"{dice.randrange(200):032x}", "policy": policy},
        counts={"rows": dice.randrange(1, 2000)},
    )
    body = canonical(build(facts, entry_id=entry_id, at=at, trace_id="0" * 32))
    return {
        "id": entry_id,
        "at": at,
        "kind": facts["kind"],
        "body": body,
        "hash": leaf_hash(body),
        "signature": "",
        "actor": f"program-{agency}",
        "agency": agency,
        "owner": "bpbj",
        "target_type": "dataset",
        "target_id": dataset,
        "trace_id": "0" * 32,
    }


def _personal(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "entry": row["id"],
        "at": row["at"],
        "dataset": row["target_id"],
        "release": 1,
        "grant": None,
        "policy": "0" * 64,
        "columns": ["nik", "nama"],
        "rows": PERSONS,
        "recorded": PERSONS,
    }


def _people(entry: str, dice: random.Random) -> Iterator[dict[str, Any]]:
    for person in dice.sample(range(300_000), PERSONS):
        yield {"entry": entry, "subject": person.to_bytes(16, "big")}


def test_any_hour_and_a_month_of_a_million_reads(
    database_url: str, record_property: Callable[[str, object], None]
) -> None:
    engine, dice = open_engine(database_url), random.Random(20251003)
    told = seeded(engine, dice)
    hours = [BEGIN + timedelta(hours=dice.randrange(365 * 24)) for _ in range(25)]
    slowest = max(_reported(engine, told, begin, timedelta(hours=1)) for begin in hours)
    month = _reported(engine, told, BEGIN + timedelta(days=90), timedelta(days=30))
    year = _reported(engine, told, BEGIN, YEAR)
    engine.dispose()
    for name, seconds in (("hour", slowest), ("month", month), ("year", year)):
        record_property(name, round(seconds, 2))
    assert slowest < MINUTE
    assert month < MINUTE


def _reported(
    engine: Engine, told: list[tuple[datetime, str, str]], begin: datetime, length: timedelta
) -> float:
    """Seconds that the report took; it is what was seeded in that time, by reader and dataset."""
    with reading(engine) as session:
        begun = time.perf_counter()
        found = reads.found(session, Scope(begin, begin + length))
        taken = time.perf_counter() - begun
    counted: Counter[tuple[str, str]] = Counter()
    for line in found.lines:
        counted[line.way.agency, line.way.dataset] += line.reads
    seen = [(agency, dataset) for at, agency, dataset in told if begin <= at < begin + length]
    assert counted == Counter(seen)
    assert found.entries == len(seen)
    return taken
