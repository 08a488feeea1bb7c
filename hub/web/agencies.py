"""Names of agencies for pages that have their codes."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from hub.agencies.models import Agency


def names_of(session: Session, codes: Iterable[str | None]) -> dict[str, str]:
    """Name by code; a code without an agency stands for itself."""
    wanted = {code for code in codes if code}
    found = session.exec(select(Agency.code, Agency.name).where(col(Agency.code).in_(wanted)))
    return {code: code for code in wanted} | dict(found.all())
