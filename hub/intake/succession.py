"""When a dataset has moved on to another version of its schema: which versions still take batches,
and what the next release stands on.
"""

from sqlmodel import Session

from catalog.models import Dataset, Release
from catalog.storage import Manifest, from_json
from hub.calendar import BusinessClock
from hub.errors import Conflict
from hub.intake.delivery import Delivery
from hub.settings import Settings
from hub.standards import evolution
from hub.standards import service as standards
from schemas.compatibility import stays_valid


def check_open(session: Session, settings: Settings, dataset: Dataset) -> None:
    """Raises SchemaEnded once the dataset's major was superseded and its notice is over."""
    today = BusinessClock(settings.zone, settings.business_date).today()
    evolution.check_open(session, dataset.schema_name, dataset.schema_version, today)


def base_of(session: Session, release: Release, delivery: Delivery) -> Manifest | None:
    """The files that the next release stands on; None where their rows need not be valid any more.

    Then nothing of before can be kept, so only a batch that replaces everything is taken: raises
    Conflict for every other mode.
    """
    old = (release.schema_name, release.schema_version)
    new = delivery.document
    if old == (new.name, new.version) or stays_valid(standards.find(session, *old), new):
        return from_json(release.files)
    if delivery.mode != "replace":
        raise Conflict(
            f"Rilis {release.number} memakai {old[0]}/{old[1]}, yang barisnya belum tentu sah menurut "
            f"{new.version}. Kirim seluruh data dengan mode replace.",
            f"Release {release.number} is of {old[0]}/{old[1]}, whose rows need not be valid under "
            f"{new.version}. Send all of the data in mode replace.",
            release=release.number,
        )
    return None
