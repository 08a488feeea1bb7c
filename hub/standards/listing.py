"""Published schemas as people look for them."""

from hashlib import sha256

from sqlmodel import Session

from catalog.search.words import surfaces
from hub.deps import Page, PageQuery
from hub.standards import service
from hub.standards.models import SchemaLine, SchemaVersion, VersionOut
from schemas.document import SchemaDocument
from schemas.registry import Registry


def url_of(name: str, version: str) -> str:
    """Path of the open document, which is that of its `$id`."""
    return f"/schemas/{name}/{version}.json"


def lines(session: Session, words: str, page: PageQuery) -> Page[SchemaLine]:
    """In order of the name; every word must begin a word of the name or of a title."""
    known = service.registry(session)
    asked = surfaces(words)
    names = [name for name in known.names() if _answers(known.latest(name), asked)]
    after = str(page.after[0]) if page.after else ""
    rows = [name for name in names if name > after][: page.fetch]
    count = len(names) if page.count else None
    return page.of(rows, lambda name: (name,), lambda name: _line(known, name), count)


def one_version(session: Session, name: str, version: str) -> VersionOut:
    """Raises UnknownSchema."""
    document = service.find(session, name, version)
    row = session.get(SchemaVersion, (name, version))
    return VersionOut(
        name=name,
        version=version,
        title=document.title,
        title_en=document.title_en,
        url=url_of(name, version),
        sha256=sha256(service.text_of(session, name, version).encode()).hexdigest(),
        published_by=row.published_by if row else None,
        agency=row.agency if row else None,
        at=row.at if row else None,
        document=document.body,
    )


def _answers(document: SchemaDocument, asked: list[str]) -> bool:
    words = surfaces(f"{document.name} {document.title} {document.title_en}")
    return all(any(word.startswith(part) for word in words) for part in asked)


def _line(known: Registry, name: str) -> SchemaLine:
    latest = known.latest(name)
    return SchemaLine(
        name=name,
        title=latest.title,
        title_en=latest.title_en,
        versions=known.versions(name),
        latest=latest.version,
        url=url_of(name, latest.version),
    )
