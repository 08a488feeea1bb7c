"""Whatever is killed whenever: what was acknowledged is published once, and everything still proves it."""

import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from itertools import count
from typing import Any

import httpx2
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from sqlmodel import Session, col, select

from catalog.models import Release
from hub.db import reading
from hub.intake import inbox, keeping, tidying
from hub.intake.models import Batch, BatchState
from hub.ledger import check, proofs, verify
from hub.ledger.models import LedgerCheckpoint, LedgerEntry

pytestmark = pytest.mark.soak

KILLS = int(os.environ.get("SOAK_KILLS", "200"))
SEED = int(os.environ.get("SOAK_SEED", "20261124"))
WRITERS, READERS = 4, 2
KILLS_IN_A_LIFE = 10
"""The last of them ends the whole hub; starting it costs most of the time."""
CALM, LONGEST_CALM = 1.5, 12.0
"""Seconds between two kills, in the mean and at most: now and then a worker lives long enough to work."""
PATIENCE = 300.0
"""Seconds that one push may have to be sent again and again."""
WAITING = 12
"""202s of one writer that may wait; while there are as many, it waits for its answers."""
PROVEN = 200
"""Receipts whose inclusion is proven besides; the signature of each is opened."""
LAST_JOBS = 900.0
"""Seconds for what still waits at the end: a batch killed over and over pauses up to ten minutes."""
DATASETS = ("bkad/pagi", "bkad/sore")
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://simpul.invalid/schemas/bkad/tahan/1.0.0.json",
    "title": "Uji tahan (sintetis)",
    "type": "object",
    "additionalProperties": False,
    "x-kunci": ["kode"],
    "required": ["kode", "asal"],
    "properties": {
        "kode": {"title": "Kode", "type": "string", "minLength": 1},
        "asal": {"title": "Kiriman asal", "type": "string"},
    },
}

Rows = dict[str, str]
"""`asal` by `kode`: the whole of a batch, or of a release."""


@dataclass
class Sent:
    """One push under one key, and what it was answered."""

    key: str
    dataset: str
    rows: Rows
    later: bool
    answer: dict[str, Any] = field(default_factory=dict)

    def body(self) -> bytes:
        told = ({"kode": kode, "asal": asal} for kode, asal in self.rows.items())
        return b"".join(json.dumps(row).encode() + b"\n" for row in told)


@dataclass
class Load:
    """Writers and readers over one hub until `ending`; what should never happen goes to `faults`."""

    hub: Any
    seed: int
    ending: threading.Event = field(default_factory=threading.Event)
    sent: list[Sent] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    published: Counter[str] = field(default_factory=Counter)
    """The highest release number that was acknowledged, by dataset."""

    def write(self, writer: int) -> None:
        dice = random.Random(f"{self.seed} writer {writer}")
        waiting: list[Sent] = []
        with httpx2.Client(timeout=60) as client:
            for number in count(1):
                if self.ending.is_set():
                    return
                sent = _batch(dice, writer, number, room=len(waiting) < WAITING)
                self.acknowledged(client, sent)
                self.sent.append(sent)
                if dice.random() < 0.1:
                    self.again(client, dice.choice(self.sent))
                waiting += [sent] if sent.later else []
                if waiting and self._is_over(client, waiting[0]):
                    waiting.pop(0)

    def again(self, client: httpx2.Client, sent: Sent) -> None:
        """A request that was answered long ago is answered the same."""
        first = dict(sent.answer)
        self.acknowledged(client, sent)
        if sent.answer != first:
            self.faults.append(f"{sent.key}: {first} and then {sent.answer}")

    def acknowledged(self, client: httpx2.Client, sent: Sent) -> None:
        """Send until there is an answer, as the manual tells senders to."""
        ends = time.monotonic() + PATIENCE
        while time.monotonic() < ends:
            answer = self._ask(client, sent)
            if answer is not None and answer.status_code in (201, 202):
                sent.answer = answer.json()
                self.seen[f"{answer.status_code}"] += 1
                release = sent.answer.get("release") or 0
                self.published[sent.dataset] = max(self.published[sent.dataset], release)
                return
            if answer is not None and answer.status_code != 503:
                self.faults.append(f"{sent.key}: {answer.status_code} {answer.text[:300]}")
            time.sleep(0.2)
        raise AssertionError(f"{sent.key} was never acknowledged; {self.faults}")

    def _ask(self, client: httpx2.Client, sent: Sent) -> httpx2.Response | None:
        headers = self.hub.authority("steward") | {
            "Idempotency-Key": sent.key,
            "Content-Type": "application/x-ndjson",
        }
        if sent.later:
            headers["Prefer"] = "respond-async"
        url = f"{self.hub.url}/api/v1/datasets/{sent.dataset}/batches"
        try:
            answer = client.post(
                url, params={"mode": "upsert"}, content=sent.body(), headers=headers
            )
        except httpx2.TransportError:
            self.seen["no answer"] += 1
            return None
        if answer.status_code == 503:
            self.seen["503"] += 1
        return answer

    def _is_over(self, client: httpx2.Client, sent: Sent) -> bool:
        url = f"{self.hub.url}/api/v1/jobs/{sent.answer['job']}"
        try:
            job = client.get(url, headers=self.hub.authority("steward"))
        except httpx2.TransportError:
            return False
        if job.status_code != 200:
            self.faults.append(f"job of {sent.key}: {job.status_code} {job.text[:300]}")
            return False
        return bool(job.json()["finished_at"])

    def read(self, reader: int) -> None:
        """Every acknowledged release can be read at once, and no page holds a key twice."""
        dice = random.Random(f"{self.seed} reader {reader}")
        with httpx2.Client(timeout=60) as client:
            while not self.ending.is_set():
                dataset = dice.choice(DATASETS)
                least = self.published[dataset]
                if not least:
                    time.sleep(0.2)
                    continue
                release = dice.choice([None, least])
                params = {"limit": "500"} | ({"release": str(release)} if release else {})
                self._read(client, dataset, params)
                time.sleep(0.1)

    def _read(self, client: httpx2.Client, dataset: str, params: dict[str, str]) -> None:
        url = f"{self.hub.url}/api/v1/datasets/{dataset}/rows"
        try:
            answer = client.get(url, params=params, headers=self.hub.authority("analyst"))
        except httpx2.TransportError:
            self.seen["read without answer"] += 1
            time.sleep(0.4)
            return
        if answer.status_code != 200:
            self.faults.append(f"read of {params}: {answer.status_code} {answer.text[:300]}")
            return
        keys = [row["kode"] for row in answer.json()["items"]]
        if not keys or keys != sorted(set(keys)):
            self.faults.append(f"{dataset} {params}: keys repeat or lie in no order")
        self.seen["read"] += 1


def _batch(dice: random.Random, writer: int, number: int, *, room: bool) -> Sent:
    """New keys, keys of the writer's own, keys that all writers of the dataset renew."""
    key = f"w{writer}-{number}"
    kodes = [f"{key}-{n}" for n in range(dice.randint(1, 3))]
    kodes += [f"w{writer}-lama-{dice.randrange(20)}", f"bersama-{dice.randrange(10)}"]
    later = dice.random() < 0.5 and room
    return Sent(key, DATASETS[writer % len(DATASETS)], dict.fromkeys(kodes, key), later)


def test_what_is_acknowledged_outlives_every_kill(
    hosted: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load, killed, checkpoints = Load(hosted, SEED), Counter[str](), list[str]()
    hosted.serve()
    _register(hosted)
    dice = random.Random(f"{SEED} killer")
    began = time.monotonic()
    with ThreadPoolExecutor(WRITERS + READERS) as threads:
        running: list[Future[None]] = [threads.submit(load.write, n) for n in range(WRITERS)]
        running += [threads.submit(load.read, n) for n in range(READERS)]
        try:
            while killed.total() < KILLS and not any(thread.done() for thread in running):
                killed += _live_and_die(hosted, dice, KILLS - killed.total())
                checkpoints += _checkpoint(hosted)
                hosted.serve()
        finally:
            load.ending.set()
        for thread in running:
            thread.result()
    _wait_until_nothing_waits(hosted)
    hosted.stop()
    told = f"kills {dict(killed)}, pushes {len(load.sent)}, {dict(load.seen)}"
    with capsys.disabled():
        sys.stdout.write(f"\nseed {SEED}: {told}, {time.monotonic() - began:.0f} s\n")
    assert not load.faults
    with reading(hosted.engine) as session:
        _check_releases(session, hosted, load.sent)
        _check_receipts(session, hosted, load.sent)
    vkey = hosted.ledger.signer.vkey
    report = check.whole(hosted.engine, [vkey], kept=sorted(set(checkpoints)))
    assert report.ok, report.as_dict()
    monkeypatch.setattr(tidying, "ORPHAN_AGE", timedelta(0))
    tidying.sweep(hosted.engine, hosted.settings)
    assert list(_orphans(hosted)) == []


def _register(hub: Any) -> None:
    with httpx2.Client(base_url=hub.url, headers=hub.authority("steward"), timeout=60) as client:
        assert client.post("/api/v1/schemas/bkad/tahan/versions", json=SCHEMA).status_code == 201
        for name in DATASETS:
            agency, slug = name.split("/")
            told = {
                "agency": agency,
                "slug": slug,
                "title": "Uji tahan (sintetis)",
                "schema": "bkad/tahan/1.0.0",
                "access_class": "BERBAGI",
                "synthetic": True,
            }
            made = client.post("/api/v1/datasets", json=told)
            assert made.status_code == 201, made.text


def _live_and_die(hub: Any, dice: random.Random, left: int) -> Counter[str]:
    """Kill single processes at random moments, then all of them at once; how many of what."""
    killed: Counter[str] = Counter()
    for _ in range(min(left, KILLS_IN_A_LIFE) - 1):
        time.sleep(min(LONGEST_CALM, dice.expovariate(1 / CALM)))
        parts = [member for member in hub.members() if member.part != "web"]
        if not parts:
            continue
        workers = [member for member in parts if member.part == "worker"]
        victim = dice.choice(workers if workers and dice.random() < 0.3 else parts)
        try:
            os.kill(victim.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        killed[victim.part] += 1
    time.sleep(min(LONGEST_CALM, dice.expovariate(1 / CALM)))
    hub.kill()
    killed["whole hub"] += 1
    return killed


def _checkpoint(hub: Any) -> list[str]:
    """What an agency would have kept: the newest signed state of the ledger, once there is one."""
    newest = select(LedgerCheckpoint.note).order_by(col(LedgerCheckpoint.size).desc()).limit(1)
    with reading(hub.engine) as session:
        return list(session.exec(newest))


def _wait_until_nothing_waits(hub: Any) -> None:
    ends = time.monotonic() + LAST_JOBS
    while True:
        with reading(hub.engine) as session:
            batches = session.exec(select(Batch).where(Batch.state == BatchState.RECEIVED)).all()
            unplaced = select(LedgerEntry.id).where(col(LedgerEntry.idx).is_(None))
            if not session.exec(unplaced).all() and not batches:
                return
        assert time.monotonic() < ends, [(b.id, b.tries, b.try_after) for b in batches]
        time.sleep(0.5)


def _check_releases(session: Session, hub: Any, sent: list[Sent]) -> None:
    """The releases are exactly the acknowledged batches laid one upon another, in their order."""
    by_batch = {one.answer["batch"]: one for one in sent}
    assert len(by_batch) == len(sent), "two keys were answered with one batch"
    states = dict(session.exec(select(Batch.id, Batch.state)).all())
    assert states == dict.fromkeys(by_batch, BatchState.PUBLISHED)
    releases = session.exec(select(Release).order_by(col(Release.number))).all()
    assert Counter(release.batch for release in releases) == Counter(list(by_batch))
    dice = random.Random(SEED)
    for dataset in DATASETS:
        mine = [release for release in releases if release.dataset == dataset]
        assert [release.number for release in mine] == list(range(1, len(mine) + 1))
        model: Rows = {}
        for release in mine:
            rows = by_batch[release.batch].rows
            assert by_batch[release.batch].dataset == dataset
            told = (release.rows, release.added, release.changed, release.removed)
            known = len(model.keys() & rows.keys())
            model |= rows
            assert told == (len(model), len(rows) - known, known, 0), release
        assert _stored(hub, mine[-1]) == model
        for release in dice.sample(mine, min(20, len(mine))):
            delta = DeltaTable(hub.settings.storage / dataset, version=release.delta_version)
            files = {os.path.basename(uri) for uri in delta.file_uris()}  # noqa: PTH119 - URIs
            assert files == {file["path"] for file in release.files}
    _check_answers(releases, by_batch)
    _check_files(hub, list(releases))


def _check_answers(releases: Any, by_batch: dict[str, Sent]) -> None:
    """A 201 named the very release that the batch became."""
    for release in releases:
        answer = by_batch[release.batch].answer
        assert answer.get("release", release.number) == release.number


def _stored(hub: Any, release: Release) -> Rows:
    found: Rows = {}
    for file in release.files:
        for row in pq.read_table(hub.settings.storage / release.dataset / file["path"]).to_pylist():
            assert row["kode"] not in found
            found[row["kode"]] = row["asal"]
    return found


def _check_files(hub: Any, releases: list[Release]) -> None:
    """Every file of every release is there, byte for byte."""
    named = {(r.dataset, f["path"]): f["sha256"] for r in releases for f in r.files}
    for (dataset, path), digest in named.items():
        assert sha256((hub.settings.storage / dataset / path).read_bytes()).hexdigest() == digest


def _check_receipts(session: Session, hub: Any, sent: list[Sent]) -> None:
    """Every receipt that was handed out is signed, stored and has its place; some are proven whole."""
    signer = hub.ledger.signer
    entries = {entry.id: entry for entry in session.exec(select(LedgerEntry))}
    for one in sent:
        receipt = one.answer["receipt"]
        entry = entries[receipt["entry_id"]]
        assert (entry.hash.hex(), entry.kind) == (
            receipt["entry_hash"],
            "batch.received" if one.later else "batch.accepted",
        )
        assert verify.receipt_holds([signer.vkey], entry.hash, receipt["signature"])
        assert entry.idx is not None
    for one in random.Random(SEED).sample(sent, min(PROVEN, len(sent))):
        bundle = proofs.bundle(session, signer, one.answer["receipt"]["entry_id"])
        assert verify.bundle(bundle, keys=[signer.vkey]).ok


def _orphans(hub: Any) -> Iterator[str]:
    """Files that belong to no release, no batch and nobody's work."""
    home, storage = hub.settings.home.absolute(), hub.settings.storage
    with reading(hub.engine) as session:
        releases = session.exec(select(Release)).all()
        batches = set(session.exec(select(Batch.id)).all())
    named = {f"{r.dataset}/{f['path']}" for r in releases for f in r.files}
    for dataset in DATASETS:
        for path in (storage / dataset).rglob("*"):
            inside = path.relative_to(storage / dataset).parts[0]
            if path.is_file() and inside not in ("_delta_log", ".writer.lock"):
                yield from {str(path.relative_to(storage))} - named
    for folder in (hub.settings.work, inbox.folder(hub.settings)):
        yield from (str(path.relative_to(home)) for path in folder.rglob("*") if path.is_file())
    for path in (home / "batches").glob("*/*"):
        kept = {item.name for item in path.iterdir()}
        if path.name not in batches or not kept <= set(keeping.KEPT):
            yield f"{path.relative_to(home)}: {sorted(kept)}"
