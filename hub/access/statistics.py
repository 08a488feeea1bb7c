"""Statistical metadata of a dataset, for whoever may know of the dataset."""

from datetime import datetime

from sqlmodel import Session

from catalog.models import AccessClass, Dataset, Frequency
from hub.access.visibility import Seer, see
from hub.agencies.models import Agency
from hub.standards import service as standards
from schemas.statistics import About, Form, filled
from schemas.statistics.forms import Name


def form_of(
    session: Session, seer: Seer, name: str, form: Name, *, public_url: str, now: datetime
) -> Form:
    """Raises DatasetNotFound, NotPermitted."""
    dataset = see(session, seer, name, now=now)
    document = standards.find(session, dataset.schema_name, dataset.schema_version)
    agency = session.get(Agency, dataset.agency)
    return filled(form, document, _about(dataset, agency.name if agency else "", public_url))


def _about(dataset: Dataset, agency: str, public_url: str) -> About:
    return About(
        title=dataset.title,
        agency=agency,
        address=f"{public_url}/katalog/{dataset.id}",
        open=dataset.access_class is AccessClass.TERBUKA,
        frequency="seketika"
        if dataset.frequency is Frequency.REAL_TIME
        else dataset.frequency.value,
        year=str(dataset.data_date.year) if dataset.data_date else "",
        sector=dataset.topic,
        contact=dataset.contact_post,
        schedule=dataset.update_schedule,
        area=dataset.coverage_area,
        level=dataset.coverage_level,
        intake=dataset.intake,
    )
