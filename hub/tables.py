"""Every table of the control plane, in one place, so that migrations and tests see them all."""

from sqlalchemy import Engine
from sqlmodel import SQLModel

from catalog import marks as catalog_marks
from catalog import models as catalog_models
from catalog.search import index as search_index
from hub.access import models as access_models
from hub.access import subject_models
from hub.access.aggregates import models as aggregate_models
from hub.agencies import desk_models, mandates, outside_models
from hub.agencies import models as agencies_models
from hub.auth import entry_codes as auth_entry_codes
from hub.auth import factors as auth_factors
from hub.auth import models as auth_models
from hub.classification import models as classification_models
from hub.corrections import models as corrections_models
from hub.debts import models as debts_models
from hub.drafts import models as drafts_models
from hub.grants import models as grants_models
from hub.grants import personal_models
from hub.idempotency import models as idempotency_models
from hub.intake import models as intake_models
from hub.ledger import models as ledger_models
from hub.notices import models as notices_models
from hub.openness import models as openness_models
from hub.outbox import models as outbox_models
from hub.privacy import models as privacy_models
from hub.proceedings import models as proceedings_models
from hub.queries import models as queries_models
from hub.reviews import models as reviews_models
from hub.rules import models as rules_models
from hub.standards import models as standards_models
from hub.threads import models as threads_models
from hub.usage import models as usage_models

metadata = SQLModel.metadata


def create_all(engine: Engine) -> None:
    """Make every table in an empty database."""
    metadata.create_all(engine)


__all__ = [
    "access_models",
    "agencies_models",
    "aggregate_models",
    "auth_entry_codes",
    "auth_factors",
    "auth_models",
    "catalog_marks",
    "catalog_models",
    "classification_models",
    "corrections_models",
    "create_all",
    "debts_models",
    "desk_models",
    "drafts_models",
    "grants_models",
    "idempotency_models",
    "intake_models",
    "ledger_models",
    "mandates",
    "metadata",
    "notices_models",
    "openness_models",
    "outbox_models",
    "outside_models",
    "personal_models",
    "privacy_models",
    "proceedings_models",
    "queries_models",
    "reviews_models",
    "rules_models",
    "search_index",
    "standards_models",
    "subject_models",
    "threads_models",
    "usage_models",
]
