"""`/healthz` (alive), `/readyz` (able), `/metrics` (counted)."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from hub.calendar import real_now
from hub.deps import EngineDep, SettingsDep
from hub.health import service
from hub.health.metrics import Metrics
from hub.ledger.deps import LedgerDep

router = APIRouter(tags=["health"])


@router.get("/healthz")
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def ready(settings: SettingsDep, engine: EngineDep, ledger: LedgerDep) -> Response:
    """200 when every part works, else 503; each part is named."""
    found = service.probes(settings, engine, ledger)
    well = all(probe.ok for probe in found)
    parts = {probe.name: probe.said or "ok" for probe in found}
    body = {"status": "ok" if well else "failed", "parts": parts}
    return JSONResponse(body, 200 if well else 503)


@router.get("/metrics")
def metrics(request: Request, engine: EngineDep) -> Response:
    """Prometheus text format."""
    counted: Metrics = request.app.state.metrics
    counted.drift.set(service.drift(engine))
    counted.clock_age.set(service.clock_age(engine, now=real_now()))
    return Response(generate_latest(counted.registry), media_type=CONTENT_TYPE_LATEST)
