"""Events reach those who listen: at least once, in order, none passed by."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from hub.db import open_engine, unit_of_work
from hub.outbox.delivery import Subscriber, deliver
from hub.outbox.service import Event, EventType, record

DOCS = Path(__file__).parents[3] / "docs" / "reference" / "events.md"
KONTRAK, BAST = "bpbj/kontrak-nontender", "bpbj/bast-nontender"


class Listener:
    """Remembers what it took; fails on the numbers in `trouble`."""

    def __init__(self) -> None:
        self.taken: list[Event] = []
        self.trouble: set[int] = set()

    def take(self, event: Event) -> None:
        if event.data["n"] in self.trouble:
            raise ConnectionError("the agency does not answer")
        self.taken.append(event)

    @property
    def numbers(self) -> list[int]:
        return [event.data["n"] for event in self.taken]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def tell(engine: Engine, *numbers: int, type: EventType = EventType.RELEASE_PUBLISHED) -> None:
    for number in numbers:
        with unit_of_work(engine) as session:
            record(session, type, dataset=KONTRAK, data={"n": number})


def test_every_subscriber_gets_every_event_once_and_in_order(engine: Engine) -> None:
    one, two = Listener(), Listener()
    subscribers = [Subscriber("one", one.take), Subscriber("two", two.take)]
    tell(engine, 1, 2, 3)
    assert deliver(engine, subscribers) == 6
    tell(engine, 4)
    assert deliver(engine, subscribers) == 2
    assert deliver(engine, subscribers) == 0
    assert one.numbers == two.numbers == [1, 2, 3, 4]
    assert [event.position for event in one.taken] == [1, 2, 3, 4]


def test_an_effect_that_fails_tells_nobody(engine: Engine) -> None:
    def effect(session: Session) -> None:
        record(session, EventType.GRANT_ISSUED, dataset=KONTRAK, data={"n": 1})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), unit_of_work(engine) as session:
        effect(session)
    listener = Listener()
    assert deliver(engine, [Subscriber("one", listener.take)]) == 0


def test_a_subscriber_in_trouble_keeps_its_place_and_holds_up_nobody(engine: Engine) -> None:
    troubled, well = Listener(), Listener()
    subscribers = [Subscriber("troubled", troubled.take), Subscriber("well", well.take)]
    tell(engine, 1, 2, 3)
    troubled.trouble = {2}
    assert deliver(engine, subscribers) == 4
    assert deliver(engine, subscribers) == 0
    troubled.trouble = set()
    assert deliver(engine, subscribers) == 2
    assert troubled.numbers == well.numbers == [1, 2, 3]


def test_a_subscriber_hears_only_the_types_it_asked_for(engine: Engine) -> None:
    listener = Listener()
    subscriber = Subscriber("some", listener.take, frozenset({EventType.GRANT_REVOKED}))
    tell(engine, 1, 2)
    tell(engine, 3, type=EventType.GRANT_REVOKED)
    tell(engine, 4)
    assert deliver(engine, [subscriber]) == 1
    assert listener.numbers == [3]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_event_that_commits_late_is_not_passed_by(engine: Engine) -> None:
    listener = Listener()
    subscribers = [Subscriber("one", listener.take)]
    with unit_of_work(engine) as slow:
        record(slow, EventType.RELEASE_PUBLISHED, dataset=BAST, data={"n": 1})
        tell(engine, 2)
        assert deliver(engine, subscribers) == 1
    assert deliver(engine, subscribers) == 1
    assert listener.numbers == [2, 1]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_events_of_one_dataset_keep_the_order_of_their_commits(engine: Engine) -> None:
    """The second transaction may not even draw its number before the first has ended."""
    listener = Listener()
    with unit_of_work(engine) as first:
        record(first, EventType.RELEASE_PUBLISHED, dataset=KONTRAK, data={"n": 1})
        second = threading.Thread(target=tell, args=(engine, 2))
        second.start()
        second.join(0.3)
        assert second.is_alive()
        assert deliver(engine, [Subscriber("one", listener.take)]) == 0
    second.join()
    deliver(engine, [Subscriber("one", listener.take)])
    assert listener.numbers == [1, 2]


def test_writers_and_workers_at_once_lose_and_reorder_nothing(engine: Engine) -> None:
    """On PostgreSQL two workers deliver side by side; on SQLite there is one."""
    listener = Listener()
    subscribers = [Subscriber("one", listener.take)]
    writing = threading.Event()
    writing.set()

    def write(dataset: str) -> None:
        for number in range(20):
            with unit_of_work(engine) as session:
                record(session, EventType.RELEASE_PUBLISHED, dataset=dataset, data={"n": number})

    def work() -> None:
        while writing.is_set():
            deliver(engine, subscribers)

    datasets = [f"bpbj/{name}" for name in ("a", "b", "c", "d")]
    writers = [threading.Thread(target=write, args=(dataset,)) for dataset in datasets]
    workers = [
        threading.Thread(target=work)
        for _ in range(2 if engine.dialect.name == "postgresql" else 1)
    ]
    for thread in writers + workers:
        thread.start()
    for thread in writers:
        thread.join()
    writing.clear()
    for thread in workers:
        thread.join()
    deliver(engine, subscribers)
    assert len(listener.taken) == len({event.id for event in listener.taken}) == 80
    for dataset in datasets:
        heard = [event.data["n"] for event in listener.taken if event.dataset == dataset]
        assert heard == list(range(20))


def test_an_event_goes_out_as_a_cloudevent(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        event = record(session, EventType.RELEASE_PUBLISHED, dataset=KONTRAK, data={"release": 3})
        aside = record(session, EventType.SCHEMA_PUBLISHED, data={"schema": "lkpp/satker"})
    told = event.as_cloudevent("https://hub.invalid")
    assert told == {
        "specversion": "1.0",
        "id": event.id,
        "source": "https://hub.invalid",
        "type": "release.published",
        "subject": KONTRAK,
        "time": event.at.isoformat(timespec="microseconds"),
        "datacontenttype": "application/json",
        "data": {"release": 3},
    }
    assert "subject" not in aside.as_cloudevent("https://hub.invalid")


def test_the_reference_names_every_event_type_and_no_other() -> None:
    named = re.findall(r"^\| `([a-z.]+)` \|", DOCS.read_text(), re.MULTILINE)
    assert sorted(named) == sorted(type.value for type in EventType)
