"""Requests counted and timed by route, for Prometheus. Labels name routes, never what was asked."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.access.bells import BELLS

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
"""Upper bounds in seconds; long ones because a batch may be judged for a while."""
UNKNOWN = "(none)"


class Metrics:
    """The counters of one application; two applications in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(BELLS)
        self.drift = Gauge(
            "simpul_grants_drift",
            "Grants that did not do as they say, when all were last tried",
            registry=self.registry,
        )
        self.clock_age = Gauge(
            "simpul_terms_clock_age_seconds",
            "Since a worker last looked at the terms; NaN when none ever has",
            registry=self.registry,
        )
        labels = ("method", "route")
        self.requests = Counter(
            "simpul_requests_total",
            "Answers given, by route and status",
            (*labels, "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "simpul_request_seconds",
            "Time to the end of the answer",
            labels,
            buckets=BUCKETS,
            registry=self.registry,
        )


class Counting:
    """ASGI middleware that feeds the counters."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), [500]

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            labels = (scope["method"], _route_of(scope))
            self._metrics.requests.labels(*labels, str(status[0])).inc()
            self._metrics.seconds.labels(*labels).observe(time.perf_counter() - began)


def _route_of(scope: Scope) -> str:
    """The route's own pattern, so that names of datasets do not become labels without end."""
    return str(getattr(scope.get("route"), "path", UNKNOWN))
