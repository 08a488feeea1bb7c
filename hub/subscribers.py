"""Who listens to what: the one place where events meet their listeners.

Those outside, webhooks and the bus, are registered at run time (a later issue).
"""

from sqlalchemy import Engine

from hub.outbox.delivery import Subscriber
from hub.outbox.service import Event, EventType
from hub.settings import Settings
from hub.threads.service import Indexer, index


def subscribers(engine: Engine, settings: Settings) -> tuple[Subscriber, ...]:
    """The hub's own listeners."""
    return (edges(Indexer(engine, settings)),)


def edges(indexer: Indexer) -> Subscriber:
    """Joins the records of a release to those of others, and theirs to it."""

    def take(event: Event) -> None:
        if event.dataset is not None:
            index(indexer, event.dataset)

    return Subscriber(
        "threads.edges", take, frozenset({EventType.RELEASE_PUBLISHED, EventType.DATASET_CHANGED})
    )
