"""Whether a person is in what a reader could see of a release: asked for that person alone."""

from sqlmodel import Session, select

from catalog import reading
from catalog.models import Dataset, Release
from catalog.policy import Policy
from catalog.storage import from_json
from hub.access.reader import Reader
from hub.access.subjects import BOOK, subject_of
from hub.grants.models import Grant
from hub.rules import service as rules
from hub.standards import service as standards
from schemas.arrow import arrow_schema


def held(
    reader: Reader,
    session: Session,
    dataset_id: str,
    number: int,
    grant_id: str | None,
    *,
    kind: str,
    person: str,
) -> tuple[bool, int]:
    """Whether she is in the rows that a grant (none: the whole release) reaches, and how many those are.

    False for a release that is gone, and for one whose rows name nobody.
    """
    wanted = select(Release).where(Release.dataset == dataset_id, Release.number == number)
    release, dataset = session.exec(wanted).first(), session.get(Dataset, dataset_id)
    if release is None or dataset is None:
        return False, 0
    document = standards.find(session, release.schema_name, release.schema_version)
    names = rules.current(session, BOOK).body["subjects"]["names"]
    column, its_kind = subject_of(document, names)
    if column is None or its_kind != kind:
        return False, 0
    grant = session.get(Grant, grant_id) if grant_id else None
    release_of = {
        "table": reader.settings.storage / dataset.agency / dataset.slug,
        "manifest": from_json(release.files),
        "schema": arrow_schema(document),
        "policy": Policy(filter=None if grant is None else grant.filter),
        "key": document.key,
    }
    text = document.by_name[column].schema.get("type") not in ("integer", ["integer", "null"])
    same = {"eq": [column, person if text else int(person)]}
    there = reading.count(**release_of, filter=same) > 0
    return there, reading.count(**release_of)
