"""The rules of publishing: whose names, which versions, and that nothing published breaks."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from sqlmodel import Session, select

from catalog.turns import take_turn
from hub.agencies.models import Agency
from hub.agencies.principal import Principal
from hub.errors import Conflict, InvalidInput, NotPermitted
from hub.ledger.entry import Actor, Target
from hub.ledger.service import Ledger, Receipt
from hub.outbox.service import EventType, record
from hub.standards import evolution
from hub.standards.evolution import Notice
from hub.standards.models import SchemaSubject, SchemaVersion
from schemas.compatibility import DEFAULT, MODES
from schemas.document import SchemaDocument
from schemas.errors import (
    Fault,
    InvalidSchema,
    SchemaExists,
    UnknownSchema,
)
from schemas.registry import Registry
from schemas.strict import StrictError, strict

SHARED_SYSTEMS = frozenset(
    [
        "e-musrenbang",
        "e-budgeting",
        "e-project",
        "e-procurement",
        "e-delivery",
        "e-controlling",
        "e-surat",
        "kinerja",
        "referensi",
        "lkpp",
    ]
)
"""Names that only the walidata publishes under; every other system is an agency's own code."""


def registry(session: Session) -> Registry:
    """Packaged and published documents together, as this transaction sees them."""
    published = session.exec(select(SchemaVersion)).all()
    packaged = Registry.packaged()
    if not published:
        return packaged
    return Registry([*packaged, *(_document(row) for row in published)])


def find(session: Session, name: str, version: str) -> SchemaDocument:
    """One version, without reading the others; raises UnknownSchema."""
    packaged = Registry.packaged()
    if name in packaged and version in packaged.versions(name):
        return packaged.get(name, version)
    row = session.get(SchemaVersion, (name, version))
    if row is None:
        raise UnknownSchema(name, version)
    return _document(row)


def text_of(session: Session, name: str, version: str) -> str:
    """The document as published, to the byte; raises UnknownSchema."""
    row = session.get(SchemaVersion, (name, version))
    if row is not None:
        return row.body
    document = Registry.packaged().get(name, version)
    file = files("schemas") / "published" / document.name / f"{document.version}.json"
    return file.read_text(encoding="utf-8")


def parse(text: bytes, name: str) -> SchemaDocument:
    """A document to be published as `name`; raises InvalidSchema with every fault."""
    try:
        body = strict(text)
    except StrictError as error:
        fault = Fault("", "Bukan JSON yang sah.", "This is not valid JSON.", error.detail)
        raise InvalidSchema([fault]) from error
    document = SchemaDocument.parse(body)
    if document.name != name:
        raise InvalidSchema(
            [
                Fault(
                    "/$id",
                    f"$id menyebut {document.name}, alamat ini untuk {name}.",
                    f"$id names {document.name}, this address is for {name}.",
                )
            ]
        )
    return document


@dataclass(frozen=True)
class Published:
    """A version that was published; `notice_until` is when the majors that it ends go, if it ends any."""

    document: SchemaDocument
    receipt: Receipt
    notice_until: date | None


def publish(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    text: bytes,
    *,
    name: str,
    now: datetime,
    notice: Notice | None = None,
) -> Published:
    """Publish one version for good; a new major that breaks needs a notice.

    Raises NotPermitted, InvalidSchema, SchemaExists, Conflict (older than the latest),
    IncompatibleSchema with its reasons and InvalidInput for a notice that is too short.
    """
    agency = publisher_of(session, actor, name)
    document = parse(text, name)
    take_turn(session, f"simpul schema {name}")
    known = registry(session)
    _check_place(known, document)
    verdict = evolution.verdict_on(session, known, document)
    until = evolution.supersede(session, known, document, verdict, notice, now=now)
    session.add(
        SchemaVersion(
            name=name,
            version=document.version,
            body=text.decode(),
            published_by=actor.id,
            agency=agency,
            at=now,
        )
    )
    receipt = ledger.record(
        session,
        kind="schema.published",
        actor=Actor(**actor.actor(agency)),
        target=Target("schema", name, version=document.version, owner=agency),
        digests={"file": sha256(text).hexdigest()},
    )
    data = {"name": name, "version": document.version, "agency": agency}
    record(session, EventType.SCHEMA_PUBLISHED, subject=f"{name}/{document.version}", data=data)
    return Published(document, receipt, until)


def set_mode(
    session: Session,
    ledger: Ledger,
    actor: Principal,
    *,
    name: str,
    mode: str,
    now: datetime,
) -> SchemaSubject:
    """By whoever publishes under the name; writes one ledger entry when the mode changes.

    Raises NotPermitted, UnknownSchema, InvalidInput.
    """
    agency = publisher_of(session, actor, name)
    if name not in registry(session):
        raise UnknownSchema(name)
    if mode not in MODES:
        raise InvalidInput(
            f"Tidak ada mode {mode[:40]}; pilih {', '.join(MODES)}.",
            f"There is no mode {mode[:40]}; choose {', '.join(MODES)}.",
        )
    take_turn(session, f"simpul schema {name}")
    found = evolution.subject_of(session, name)
    before = found.mode if found else DEFAULT
    subject = found or SchemaSubject(name=name, mode=mode, changed_by=actor.id, changed_at=now)
    if before == mode and found is not None:
        return subject
    subject.mode, subject.changed_by, subject.changed_at = mode, actor.id, now
    session.add(subject)
    ledger.record(
        session,
        kind="schema.mode",
        actor=Actor(**actor.actor(agency)),
        target=Target("schema", name, owner=agency),
        digests={"request": sha256(f"{before} {mode}".encode()).hexdigest()},
    )
    return subject


def publisher_of(session: Session, actor: Principal, name: str) -> str:
    """The agency for which the actor publishes `name`; raises NotPermitted, InvalidInput."""
    actor.must("schema:write")
    system = name.partition("/")[0]
    walidata = next((post.agency for post in actor.posts if post.role == "walidata"), None)
    if system in SHARED_SYSTEMS:
        if walidata is None:
            raise NotPermitted(
                f"Hanya walidata yang menerbitkan skema di bawah {system}.",
                f"Only the walidata publishes schemas under {system}.",
            )
        return walidata
    if session.get(Agency, system) is None:
        raise InvalidInput(
            f"{system} bukan sistem bersama dan bukan kode instansi.",
            f"{system} is neither a shared system nor the code of an agency.",
        )
    if actor.holds("steward", system):
        return system
    if walidata is None:
        raise NotPermitted(
            f"Hanya penanggung jawab data {system} atau walidata yang menerbitkan skema di bawahnya.",
            f"Only a steward of {system} or the walidata publishes schemas under it.",
        )
    return walidata


def _check_place(known: Registry, document: SchemaDocument) -> None:
    if document.name not in known:
        return
    if document.version in known.versions(document.name):
        raise SchemaExists(document.name, document.version)
    latest = known.latest(document.name)
    if document.order < latest.order:
        raise Conflict(
            f"Versi {document.version} lebih lama daripada versi terakhir, {latest.version}.",
            f"Version {document.version} is older than the latest, {latest.version}.",
            latest=latest.version,
        )


def _document(row: SchemaVersion) -> SchemaDocument:
    return _parsed(row.body)


@lru_cache(maxsize=512)
def _parsed(body: str) -> SchemaDocument:
    """Every read needs its document, and what was published never changes."""
    return SchemaDocument.known(json.loads(body))
