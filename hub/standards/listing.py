"""Published schemas as people look for them."""

from dataclasses import asdict
from hashlib import sha256

from sqlmodel import Session

from catalog.search.words import surfaces
from hub.deps import Page, PageQuery
from hub.standards import evolution, service
from hub.standards.models import (
    ConfigOut,
    NoticeOut,
    ReasonOut,
    SchemaLine,
    SchemaVersion,
    VerdictOut,
    VersionOut,
    WitnessOut,
)
from schemas.compatibility import Verdict
from schemas.document import SchemaDocument
from schemas.errors import UnknownSchema
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


def config(session: Session, name: str) -> ConfigOut:
    """How a schema may go on. Raises UnknownSchema."""
    if name not in service.registry(session):
        raise UnknownSchema(name)
    subject = evolution.subject_of(session, name)
    ending = sorted(evolution.notices(session, name).values(), key=lambda notice: notice.major)
    return ConfigOut(
        name=name,
        mode=evolution.mode_of(session, name),
        changed_by=subject.changed_by if subject else None,
        changed_at=subject.changed_at if subject else None,
        notices=[NoticeOut(major=n.major, until=n.until, by=n.by_version) for n in ending],
    )


def verdict_out(verdict: Verdict) -> VerdictOut:
    return VerdictOut(
        compatible=verdict.compatible,
        against=verdict.against[0] if verdict.against else None,
        rule=verdict.mode,
        asked=list(verdict.against),
        reasons=[ReasonOut(**asdict(reason)) for reason in verdict.reasons],
        witnesses=[WitnessOut(**asdict(witness)) for witness in verdict.witnesses],
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
