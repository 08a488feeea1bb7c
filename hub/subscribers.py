"""Who listens to what: the one place where events meet their listeners.

Those outside, webhooks and the bus, are registered at run time (a later issue).
"""

from sqlalchemy import Engine

from catalog.models import Dataset
from hub.access.vault import Vault
from hub.agencies.local_days import KnownDays
from hub.calendar import BusinessClock
from hub.classification import service as classification
from hub.corrections.settling import Settler, settle_changed
from hub.corrections.telling import tell_readers
from hub.db import unit_of_work
from hub.ledger.service import Ledger
from hub.outbox.delivery import Subscriber
from hub.outbox.service import Event, EventType
from hub.proceedings.office import Office
from hub.reviews import service as reviews
from hub.reviews import variables
from hub.settings import Settings
from hub.standards import service as standards
from hub.threads.service import Indexer, index


def subscribers(engine: Engine, settings: Settings) -> tuple[Subscriber, ...]:
    """The hub's own listeners."""
    clock = BusinessClock(settings.zone, settings.business_date, KnownDays(engine))
    settler = Settler(engine, Vault.of(settings), Office(Ledger.of(settings), clock))
    return (
        edges(Indexer(engine, settings)),
        new_fields(engine, settings),
        corrected_cells(settler),
        readers_told(settler),
        raised_classes(engine, settings),
    )


def edges(indexer: Indexer) -> Subscriber:
    """Joins the records of a release to those of others, and theirs to it."""

    def take(event: Event) -> None:
        if event.dataset is not None:
            index(indexer, event.dataset)

    return Subscriber(
        "threads.edges", take, frozenset({EventType.RELEASE_PUBLISHED, EventType.DATASET_CHANGED})
    )


def new_fields(engine: Engine, settings: Settings) -> Subscriber:
    """Sends new fields of datasets to their reviewers, and keeps what releases hold to be found."""
    clock = BusinessClock(settings.zone, settings.business_date, KnownDays(engine))
    office = Office(Ledger.of(settings), clock)

    def take(event: Event) -> None:
        with unit_of_work(engine) as session:
            dataset = session.get(Dataset, event.dataset)
            if dataset is None:
                return
            if event.type is EventType.RELEASE_PUBLISHED:
                document = standards.find(session, dataset.schema_name, dataset.schema_version)
                variables.enter(session, document)
            else:
                reviews.start(session, office, dataset.id)

    return Subscriber(
        "reviews.new_fields",
        take,
        frozenset(
            {EventType.DATASET_CREATED, EventType.DATASET_CHANGED, EventType.RELEASE_PUBLISHED}
        ),
    )


def corrected_cells(settler: Settler) -> Subscriber:
    """Settles reports of wrong values that a release has changed."""

    def take(event: Event) -> None:
        if event.dataset is not None:
            settle_changed(settler, event.dataset)

    return Subscriber("corrections.releases", take, frozenset({EventType.RELEASE_PUBLISHED}))


def readers_told(settler: Settler) -> Subscriber:
    """Tells those who read a wrong value under a grant that it was corrected."""

    def take(event: Event) -> None:
        tell_readers(settler, str(event.data["report"]))

    return Subscriber("corrections.readers", take, frozenset({EventType.CORRECTION_SETTLED}))


def raised_classes(engine: Engine, settings: Settings) -> Subscriber:
    """Begins the confirmation of a class above BERBAGI."""
    clock = BusinessClock(settings.zone, settings.business_date, KnownDays(engine))
    office = Office(Ledger.of(settings), clock)

    def take(event: Event) -> None:
        if event.dataset is not None:
            with unit_of_work(engine) as session:
                classification.notice(session, office, event.dataset)

    return Subscriber(
        "classification.raised",
        take,
        frozenset({EventType.DATASET_CREATED, EventType.DATASET_CHANGED}),
    )
