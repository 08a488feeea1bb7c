"""What runs by the clock, in `simpul worker`: one ticker, everything else claimed in the database.

Any number of workers may run: a due source is claimed by one of them (row claim, lease, fence), the
sequencer and the outbox hold a lock of their own. APScheduler only ticks; its job store is memory.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Event

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine

from hub import logs
from hub.access import grant_checks, grant_health, priority_dues, query
from hub.access.reader import reader_of
from hub.agencies.local_days import KnownDays
from hub.auth import sealing, signing_in
from hub.calendar import BusinessClock, real_now
from hub.classification import reminding
from hub.db import open_engine, reading, unit_of_work
from hub.drafts import keeping as drafts_keeping
from hub.grants import ending, processing
from hub.grants.signing import trust
from hub.idempotency import service as idempotency
from hub.intake import expiry, running, tidying, waiting
from hub.intake.judges import Judges
from hub.intake.service import Intake
from hub.ledger import sequencer
from hub.ledger.evidence import Evidence
from hub.ledger.service import Ledger
from hub.notices import addressing, inbox, sending
from hub.notices.channels import channels_of
from hub.notices.models import Channel
from hub.openness import scheduled
from hub.outbox import delivery
from hub.privacy import retention
from hub.proceedings import heartbeat, ticking
from hub.proceedings.office import Office
from hub.proceedings.pace import Pace
from hub.queries import history as query_history
from hub.settings import Settings
from hub.standards import service as standards
from hub.subjects import subjects
from hub.subscribers import subscribers
from hub.threads import service as threads
from hub.usage import counting

log = structlog.get_logger(__name__)

SEQUENCE_EVERY = timedelta(seconds=1)
DELIVER_EVERY = timedelta(seconds=1)
BATCHES_EVERY = timedelta(seconds=0.5)
SOURCES_EVERY = timedelta(seconds=5)
NOTICES_EVERY = timedelta(seconds=5)
COUNT_EVERY = timedelta(seconds=10)
QUERIES_EVERY = timedelta(seconds=15)
TIDY_EVERY = timedelta(hours=1)
FORGET_EVERY = timedelta(days=1)
TERMS_EVERY = timedelta(seconds=5)
INDEX_EVERY = timedelta(hours=1)
NIGHT = 2
"""The hour, in the instance's zone, in which the grants are tried."""


class Worker:
    """The jobs of one worker process over one control plane."""

    def __init__(self, settings: Settings) -> None:
        logs.configure()
        self.settings = settings
        self.engine: Engine = open_engine(settings.database)
        self.ledger = Ledger.of(settings)
        trust(self.engine, self.ledger.signer)
        self.judges = Judges(large=settings.judges, small_bytes=settings.small_batch_bytes)
        self._ticker = BackgroundScheduler(timezone=settings.zone)
        self._stopping = Event()
        self._subscribers = subscribers(self.engine, settings)
        self._channels = channels_of(settings)
        clock = BusinessClock(settings.zone, settings.business_date, KnownDays(self.engine))
        self._office = Office(self.ledger, clock, settings.contract_sign_days)
        self._pace = Pace(timedelta(minutes=settings.clock_gap_minutes))

    def start(self) -> None:
        """Begin ticking; a job that is still running is not started again, large batches excepted."""
        for job, every in (
            (self.sequence, SEQUENCE_EVERY),
            (self.deliver, DELIVER_EVERY),
            (self.judge_small, BATCHES_EVERY),
            (self.pull_due, SOURCES_EVERY),
            (self.address_notices, NOTICES_EVERY),
            (self.count_reads, COUNT_EVERY),
            (self.close_queries, QUERIES_EVERY),
            (self.tidy, TIDY_EVERY),
            (self.keep_personal_data, TIDY_EVERY),
            (self.forget, FORGET_EVERY),
            (self.measure_index, INDEX_EVERY),
            (self.tick, TERMS_EVERY),
            (self.remind_of_ends, TIDY_EVERY),
            (self.remind_of_days, TIDY_EVERY),
        ):
            self._every(job, every)
        for channel in Channel:
            self._every(partial(self.send_notices, channel), NOTICES_EVERY)
        self._every(self.judge_large, BATCHES_EVERY, at_once=self.settings.judges)
        self._ticker.add_job(self.check_grants, "cron", hour=NIGHT, minute=10, coalesce=True)
        self._ticker.start()

    def stop(self) -> None:
        """Finish what runs, start nothing more."""
        self._stopping.set()
        self._ticker.shutdown(wait=True)
        self.judges.close()
        self.engine.dispose()

    def sequence(self) -> None:
        """Give new ledger entries their place, and sign the tree."""
        sequencer.run_once(self.engine, self.ledger.signer)

    def deliver(self) -> None:
        """Tell subscribers what has happened since they last heard."""
        delivery.deliver(self.engine, self._subscribers)

    def judge_small(self) -> None:
        """Judge the small batches that were acknowledged and wait."""
        self._judge(small=True)

    def judge_large(self) -> None:
        """The same with the large ones, which hold up no small one."""
        self._judge(small=False)

    def _judge(self, *, small: bool) -> None:
        intake = Intake(self.settings, self.engine, self.judges, self.ledger)
        waiting.work_off(
            intake,
            find_document=standards.find,
            small=small,
            going=lambda: not self._stopping.is_set(),
        )

    def pull_due(self) -> None:
        """Run the sources whose time has come, one after another."""
        intake = Intake(self.settings, self.engine, self.judges, self.ledger)
        while True:
            with unit_of_work(self.engine) as session:
                claimed = running.claim_due(session, now=real_now())
            if claimed is None:
                return
            run = running.run(intake, claimed, find_document=standards.find)
            log.info("source.run", source=claimed.source.id, outcome=run.outcome, layer=run.layer)

    def address_notices(self) -> None:
        """Find out who is to be reached by the newest notices, and how."""
        addressing.address_due(self.engine, self._channels, now=real_now())

    def send_notices(self, channel: Channel) -> None:
        """Send what is due on one channel; one that is slow holds up no other."""
        key = sealing.key_from(self.settings.secret_key, self.settings.keys)
        sending.send_due(
            self.engine,
            self._channels,
            channel,
            key=key,
            going=lambda: not self._stopping.is_set(),
        )

    def count_reads(self) -> None:
        """Fold the newest reads in the ledger into the counts that owners look at."""
        counting.fold(self.engine, self.settings.zone)

    def close_queries(self) -> None:
        """Close queries whose process is gone, and forget what was kept of answers."""
        with unit_of_work(self.engine) as session:
            query_history.close_lost(session, now=real_now())
        query.forget_kept(self.settings)

    def check_grants(self) -> None:
        """Try whether live grants open and ended ones do not, unless another worker has tonight."""
        with reading(self.engine) as session:
            if not grant_checks.is_due(session, now=real_now()):
                return
        evidence = Evidence(open_engine(self.settings.database), self.ledger)
        try:
            found = grant_health.check_all(reader_of(self.settings, self.engine, evidence))
        finally:
            evidence.close()
        log.info("grants.checked", live=found.live, ended=found.ended, drift=len(found.drift))

    def tidy(self) -> None:
        """Remove what kills and old readers left on disk, and rejected rows past their time."""
        tidying.sweep(self.engine, self.settings)
        expiry.drop_old(self.engine, self.settings, self.ledger, now=real_now())
        drafts_keeping.sweep(self.settings)
        threads.sweep(threads.Indexer(self.engine, self.settings))

    def keep_personal_data(self) -> None:
        """Write the records of processing that are missing; dispose of what is past its time."""
        with unit_of_work(self.engine) as session:
            processing.carry_over(session, now=real_now())
        retention.dispose_due(self.engine, self.settings, self.ledger, now=real_now())

    def forget(self) -> None:
        """Drop idempotency keys, sign-ins and spent proofs past their life."""
        with unit_of_work(self.engine) as session:
            idempotency.sweep(session, now=real_now())
            signing_in.sweep(session, now=real_now())
            inbox.sweep(session, days=self.settings.notice_days, now=real_now())
            query_history.sweep(session, days=self.settings.query_history_days, now=real_now())

    def measure_index(self) -> None:
        """The index of the month that is over, once its working day has come, and the year's report."""
        measured = scheduled.measure_due(self.engine, self.settings, self.ledger)
        if measured:
            log.info("index.measured", agencies=measured)

    def tick(self) -> None:
        """Move what nobody moved in its term, tell of terms, and close what is over with its grant.

        Not while the wall clock runs away. On a fixed day nobody is absent, so no gap counts there.
        """
        if not self._pace.is_kept():
            log.error("clock.runs_away", seconds=int(self._pace.drift().total_seconds()))
            return
        now, known = self._office.clock.now(), subjects()
        if self._office.clock.day is None:
            with unit_of_work(self.engine) as session:
                gap = self._pace.longest_gap
                moved = heartbeat.beat(session, self._office, known, now=now, longest_gap=gap)
            if moved:
                log.warning("clock.gap", terms=moved)
        ticked = ticking.tick(self.engine, self._office, known, now=now)
        if ticked.moved:
            log.info("terms.ran_out", moved=ticked.moved, failed=ticked.failed)
        ending.close(self.engine, self._office, now=real_now())

    def remind_of_ends(self) -> None:
        """Tell those whose grants end soon, each once."""
        ending.remind(self.engine, now=real_now())

    def remind_of_days(self) -> None:
        """Tell what has come by the calendar: classes to be reviewed, overdue data prioritas, each once."""
        reminding.remind(self.engine, self._office.clock)
        priority_dues.remind(self.engine, self._office.clock)

    def _every(self, job: Callable[[], None], every: timedelta, *, at_once: int = 1) -> None:
        self._ticker.add_job(
            job,
            "interval",
            seconds=every.total_seconds(),
            coalesce=True,
            max_instances=at_once,
            misfire_grace_time=None,
        )
