"""The application: settings in, every room and storey wired, one ASGI app out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from hub import problems
from hub.agencies.routes import router as agencies_router
from hub.audit.routes import router as audit_router
from hub.auth.csrf import SameOrigin
from hub.auth.routes import router as auth_router
from hub.calendar import BusinessClock
from hub.db import open_engine
from hub.grants.routes import router as grants_router
from hub.ledger.evidence import Evidence
from hub.ledger.service import Ledger
from hub.settings import Settings

ROUTERS: tuple[APIRouter, ...] = (
    auth_router,
    agencies_router,
    audit_router,
    grants_router,
)


def create_app(settings: Settings) -> FastAPI:
    """One hub over one control plane; two of them may live in one process (as tests do)."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.evidence.close()
        app.state.engine.dispose()

    app = FastAPI(
        title="Simpul",
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,  # the stock page needs a CDN; ours works offline
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.clock = BusinessClock(settings.zone, settings.business_date)
    app.state.engine = open_engine(settings.database)
    app.state.ledger = Ledger.of(settings)
    app.state.evidence = Evidence(app.state.engine, app.state.ledger)
    problems.install(app)
    app.add_middleware(SameOrigin, settings=settings)
    for router in ROUTERS:
        app.include_router(router)
    return app
