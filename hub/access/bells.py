"""The bell: something asked of the decision, or stored for it, is not what it can be.

The answer is no in any case; whoever runs the hub should look. A log line and a counter each time.
"""

import structlog
from prometheus_client import Counter

BELLS = Counter(
    "simpul_access_bells_total",
    "Questions and grants that the access decision did not understand, and refused",
    ("kind",),
    registry=None,  # of this process; each application's registry takes it in
)

log = structlog.get_logger(__name__)


def ring(kind: str, what: str, **facts: str) -> None:
    """`kind` is one of few words, `what` the thing that is wrong, never a value of a filter."""
    log.error("access_bell", kind=kind, what=what[:200], **facts)
    BELLS.labels(kind).inc()
