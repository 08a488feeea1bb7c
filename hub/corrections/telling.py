"""Told once: who read the wrong value under a grant hears that it was corrected.

What is recorded of reads decides. Of small reads of personal data it is recorded whom they were about; of
all others which release was read under which grant: then the reader is told that his read could have held the
row. Nobody is told twice of one report, however often this runs.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from catalog.marks import Mark
from catalog.models import Release
from hub.access.subject_models import PersonalRead, ReadSubject
from hub.access.vault import Vault
from hub.corrections.models import CorrectionJoined, CorrectionReport
from hub.corrections.settling import Settler
from hub.db import unit_of_work
from hub.grants.models import Grant
from hub.ledger.entry import HUB, Target
from hub.ledger.models import LedgerEntry
from hub.notices.telling import (
    AgencyRecipient,
    Message,
    PersonRecipient,
    PostRecipient,
    Recipient,
    tell,
)

WAYS = ("rows.read", "export.read", "sample.read", "changes.read", "query.read")
"""Reads that hand out rows; a profile, an aggregate and a verification hand out none."""
TOPIC = "correction.told"


@dataclass(frozen=True)
class Wrong:
    """The wrong value: its mark, and the releases that held it, by number."""

    mark: Mark
    releases: Mapping[int, Release]

    @property
    def since(self) -> Release:
        return self.releases[min(self.releases)]


@dataclass(frozen=True)
class Reached:
    """Who read it for sure, and who read a release and a form that could have held it."""

    surely: frozenset[Recipient]
    perhaps: frozenset[Recipient]


def tell_readers(settler: Settler, report_id: str) -> int:
    """Tell everyone who was not told yet; returns how many posts and people that were."""
    with unit_of_work(settler.engine) as session:
        report = session.get_one(CorrectionReport, report_id)
        wrong = _wrong(session, settler.vault, report)
        if wrong is None:
            return 0
        reached = _reached(session, settler.vault, wrong)
        at = settler.office.clock.now()
        told = 0
        for to, sure in (
            (reached.surely, True),
            (reached.perhaps, False),
            (_joined(session, report), True),
        ):
            message = _message(report, at, sure=sure)
            systems = [one for one in to if isinstance(one, AgencyRecipient)]
            told += tell(session, _sorted(to - set(systems)), message)
            tell(session, systems, message)
        if told:
            report.told += told
            session.add(report)
            settler.office.ledger.record(
                session,
                kind="correction.told",
                actor=HUB,
                target=Target("correction", report.id, owner=report.agency),
                counts={"told": told},
            )
        return told


def _wrong(session: Session, vault: Vault, report: CorrectionReport) -> Wrong | None:
    """The run of releases around the reported one that hold the value."""
    mark = session.get_one(Mark, report.id)
    held: dict[int, Release] = {}
    for step, start in ((-1, report.release), (1, report.release + 1)):
        number = start
        while (release := _release(session, report.dataset, number)) is not None:
            if vault.digest(vault.cell(session, release, mark.key, mark.field)) != mark.value:
                break
            held[number] = release
            number += step
    return Wrong(mark, held) if held else None


def _release(session: Session, dataset: str, number: int) -> Release | None:
    wanted = select(Release).where(Release.dataset == dataset, Release.number == number)
    return session.exec(wanted).first()


def _reached(session: Session, vault: Vault, wrong: Wrong) -> Reached:
    report = session.get_one(CorrectionReport, wrong.mark.id)
    hashes = {n: vault.subject(session, r, wrong.mark.key) for n, r in wrong.releases.items()}
    shows: dict[tuple[str, int], bool] = {}
    surely, perhaps = set[Recipient](), set[Recipient]()
    for row, body in _reads(session, wrong):
        # Who reported it is told of the outcome as a party.
        if row.actor == report.reporter:
            continue
        place = (str(body["grant"]), int(body["target"]["release"]))
        if place not in shows:
            shows[place] = _shows(session, vault, wrong, *place)
        if not shows[place]:
            continue
        about = _was_about(session, row.id, hashes[place[1]])
        if about is not False:
            (surely if about else perhaps).update(_readers(body["actor"]))
    return Reached(frozenset(surely), frozenset(perhaps - surely))


def _reads(session: Session, wrong: Wrong) -> Iterator[tuple[LedgerEntry, Mapping[str, Any]]]:
    """Reads of these releases under a grant, since the first of them was published."""
    wanted = select(LedgerEntry).where(
        LedgerEntry.target_type == "dataset",
        LedgerEntry.target_id == wrong.mark.dataset,
        col(LedgerEntry.kind).in_(WAYS),
        LedgerEntry.at >= wrong.since.published_at,
    )
    for row in session.exec(wanted.execution_options(yield_per=1000)):
        body = json.loads(row.body)
        granted = bool(body.get("grant")) and body["target"].get("release") in wrong.releases
        if granted and body["outcome"] == "ok" and body.get("counts", {}).get("rows", 0) > 0:
            yield row, body


def _shows(session: Session, vault: Vault, wrong: Wrong, digest: str, number: int) -> bool:
    grant = session.exec(select(Grant).where(Grant.digest == digest)).first()
    return grant is not None and vault.shows(session, grant, wrong.releases[number], wrong.mark)


def _was_about(session: Session, entry: str, subject: bytes | None) -> bool | None:
    """Whether a read was about the person of the row; None when it is not recorded."""
    read = session.get(PersonalRead, entry)
    if subject is None or read is None or read.recorded is None:
        return None
    return session.get(ReadSubject, (entry, subject)) is not None


def _readers(actor: Mapping[str, str]) -> Iterator[Recipient]:
    """The post that read, with its agency's own system; a person without one herself."""
    if "post" in actor:
        yield PostRecipient(actor["post"])
    elif "person" in actor:
        yield PersonRecipient(actor["person"])
    if "agency" in actor:
        yield AgencyRecipient(actor["agency"])


def _joined(session: Session, report: CorrectionReport) -> frozenset[Recipient]:
    """People who reported the same cell."""
    wanted = select(CorrectionJoined.reporter).where(
        CorrectionJoined.report == report.id, CorrectionJoined.reporter_kind == "person"
    )
    return frozenset(PersonRecipient(person) for person in session.exec(wanted))


def _sorted(recipients: Collection[Recipient]) -> list[Recipient]:
    return sorted(recipients, key=repr)


def _message(report: CorrectionReport, at: datetime, *, sure: bool) -> Message:
    """The same occasion in either wording, so one recipient is told one of them."""
    fixed_id = f" pada rilis {report.fixed_in}" if report.fixed_in else ""
    fixed_en = f" in release {report.fixed_in}" if report.fixed_in else ""
    read_id = "memuat" if sure else "dapat memuat"
    read_en = "held" if sure else "could have held"
    return Message(
        once=f"{report.id}/corrected",
        topic=TOPIC,
        subject_id=f"Nilai di {report.dataset} diperbaiki ({report.id})",
        subject_en=f"A value of {report.dataset} was corrected ({report.id})",
        body_id=(
            f"Satu nilai pada kolom {report.field} di {report.dataset} ternyata salah dan sudah "
            f"diperbaiki{fixed_id}. Bacaan Anda dengan hak akses {read_id} baris itu. Bila Anda sudah "
            "memakainya, baca ulang barisnya."
        ),
        body_en=(
            f"One value in the column {report.field} of {report.dataset} was wrong and is corrected"
            f"{fixed_en}. What you read under your grant {read_en} that row. If you have used it, read "
            "the row again."
        ),
        path=f"/laporan-data/{report.id}",
        at=at,
    )
