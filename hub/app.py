"""The application: settings in, every room and storey wired, one ASGI app out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from hub import logs, problems
from hub.access.aggregates.routes import router as aggregates_router
from hub.access.authzen_routes import router as authzen_router
from hub.access.dataset_routes import router as dataset_router
from hub.access.grant_health_routes import router as grant_health_router
from hub.access.priority_routes import router as priority_router
from hub.access.review_routes import router as reviews_router
from hub.access.routes import router as data_router
from hub.access.schema_routes import router as compatibility_router
from hub.access.statistics_routes import router as statistics_router
from hub.access.verifying.routes import router as verifying_router
from hub.access.workers import Workers, workers_of
from hub.agencies.local_days import KnownDays
from hub.agencies.routes import router as agencies_router
from hub.audit.routes import router as audit_router
from hub.auth.csrf import SameOrigin
from hub.auth.outside.provider import provider_of
from hub.auth.routes import router as auth_router
from hub.calendar import BusinessClock
from hub.classification.routes import router as classification_router
from hub.corrections.routes import router as corrections_router
from hub.db import open_engine
from hub.debts.routes import router as debts_router
from hub.grants.assessment_routes import router as assessments_router
from hub.grants.contract_routes import router as contracts_router
from hub.grants.routes import router as grants_router
from hub.grants.signing import trust
from hub.health.metrics import Counting, Metrics
from hub.health.routes import router as health_router
from hub.intake.job_routes import router as jobs_router
from hub.intake.judges import Judges
from hub.intake.routes import router as intake_router
from hub.intake.service import Intake
from hub.ledger.evidence import Evidence
from hub.ledger.service import Ledger
from hub.notices.routes import router as notices_router
from hub.openness.routes import router as openness_router
from hub.privacy.disposal_routes import router as disposals_router
from hub.privacy.record_routes import router as processing_router
from hub.privacy.routes import router as privacy_router
from hub.problems.bodies import BoundedBodies
from hub.queries import saved
from hub.queries.attending import Attendant
from hub.queries.routes import router as query_router
from hub.rules.routes import router as rules_router
from hub.settings import Settings, load_settings
from hub.standards.routes import router as standards_router
from hub.threads.routes import router as threads_router
from hub.tracing import Tracing
from hub.usage.routes import router as usage_router
from hub.web import errors as page_errors
from hub.web.assets import router as assets_router
from hub.web.headers import SecurityHeaders
from hub.web.routes import router as pages_router
from hub.web.squeezing import SqueezedPages

ROUTERS: tuple[APIRouter, ...] = (
    health_router,
    auth_router,
    agencies_router,
    standards_router,
    compatibility_router,
    dataset_router,
    statistics_router,
    data_router,
    aggregates_router,
    verifying_router,
    query_router,
    authzen_router,
    threads_router,
    usage_router,
    openness_router,
    priority_router,
    reviews_router,
    corrections_router,
    audit_router,
    rules_router,
    classification_router,
    debts_router,
    privacy_router,
    processing_router,
    disposals_router,
    assessments_router,
    notices_router,
    grant_health_router,  # before the grants, whose ids would take its place
    grants_router,
    contracts_router,
    intake_router,
    jobs_router,
    assets_router,
    pages_router,
)


def create_default_app() -> FastAPI:
    """The app of the environment's settings, for a server that wants a factory."""
    logs.configure()
    return create_app(load_settings())


def create_app(
    settings: Settings,
    *,
    judges: Judges | None = None,
    workers: Workers | None = None,
) -> FastAPI:
    """One hub over one control plane; two of them may live in one process (as tests do)."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.evidence.close()
        if judges is None:  # ours, not the caller's
            app.state.intake.judges.close()
        app.state.attendant.close()
        if workers is None:
            app.state.workers.close()
        app.state.engine.dispose()

    app = FastAPI(
        title="Simpul",
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,  # the stock page needs a CDN; ours works offline
        redoc_url=None,
    )
    app.state.settings = settings
    app.state.engine = open_engine(settings.database)
    known_days = KnownDays(app.state.engine)
    app.state.clock = BusinessClock(settings.zone, settings.business_date, known_days)
    app.state.ledger = Ledger.of(settings)
    trust(app.state.engine, app.state.ledger.signer)
    app.state.evidence = Evidence(open_engine(settings.database), app.state.ledger)
    app.state.intake = Intake(
        settings,
        app.state.engine,
        judges or Judges(large=settings.judges, small_bytes=settings.small_batch_bytes),
        app.state.ledger,
    )
    app.state.workers = workers or workers_of(settings)
    app.state.attendant = Attendant(app.state.engine, app.state.workers)
    app.state.outside = provider_of(settings)
    app.state.movers = (saved.pass_on,)
    app.state.metrics = Metrics()
    problems.install(app)
    page_errors.install(app)
    app.add_middleware(BoundedBodies, settings=settings)
    app.add_middleware(SameOrigin, settings=settings)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Counting, metrics=app.state.metrics)
    app.add_middleware(Tracing)
    app.add_middleware(SqueezedPages, minimum_size=1000)
    for router in ROUTERS:
        app.include_router(router)
    return app
