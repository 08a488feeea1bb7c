"""Loads the demonstration regency through the same services that agencies use."""

import json
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, select

from catalog import datasets as catalog_datasets
from catalog.models import AccessClass, Frequency
from hub.agencies import accounts
from hub.agencies import service as agencies
from hub.agencies.models import Agency, AgencyKind, HolderKind
from hub.agencies.roles import Role
from hub.auth.passwords import hash_password
from hub.calendar import BusinessClock, real_now
from hub.db import open_engine, reading, unit_of_work
from hub.demo import arriving, asking, earlier, signing
from hub.demo.people import CLIENTS, PEOPLE
from hub.demo.regency import DemoDataset, Regency, regency
from hub.errors import Conflict
from hub.intake.judges import Judges
from hub.intake.service import Intake
from hub.ledger.entry import HUB
from hub.ledger.service import Ledger
from hub.notices import ways
from hub.openness import keeping
from hub.openness.deps import measure_in
from hub.openness.months import Month
from hub.settings import INSTANCE_FILE, Settings, load_settings, write_instance
from hub.standards import service as standards

Say = Callable[[str], None]
DEMO_FILE = "demo.json"


def demo_file(settings: Settings) -> Path:
    """Written last: where it is, the demonstration is complete."""
    return settings.home / DEMO_FILE


def prepared_settings(*, port: int) -> Settings:
    """Settings of the demonstration: its own file in the home, below what the environment says.

    The database must be migrated. Raises Conflict for a home or a database of anything else.
    """
    settings = load_settings()
    _must_be_ours(settings)
    about = regency()
    write_instance(
        settings.home,
        {
            "public_url": f"http://127.0.0.1:{port}",
            "instance_name": "Kabupaten Peragaan",
            "operator_name": "DKISP Kabupaten Peragaan (sintetis)",
            "timezone": "Asia/Jakarta",
            "business_date": about.business_date.isoformat(),
            "demo": "true",
            "allowed_sources": json.dumps([f"127.0.0.1:{port + 1}"]),
            "source_root": str(arriving.folder(settings)),
        },
    )
    return load_settings()


def move(settings: Settings, *, port: int) -> Settings:
    """Give a loaded demonstration that is served on another port its address and its bus there."""
    instance = settings.home / INSTANCE_FILE
    before = instance.read_text()
    own = re.search(r"^SIMPUL_PUBLIC_URL=http://127\.0\.0\.1:(\d+)$", before, re.MULTILINE)
    by = port - int(own[1]) if own else 0
    if by == 0:
        return settings
    engine = open_engine(settings.database)
    arriving.move_bus(engine, port + 1)
    engine.dispose()
    instance.write_text(
        re.sub(r"127\.0\.0\.1:(\d+)", lambda at: f"127.0.0.1:{int(at[1]) + by}", before)
    )
    settings = load_settings()
    told = json.loads(demo_file(settings).read_text())
    demo_file(settings).write_text(_text(told | {"base_url": settings.public_url}))
    return settings


def _must_be_ours(settings: Settings) -> None:
    if (settings.home / INSTANCE_FILE).exists() and not settings.demo:
        raise Conflict(
            f"{settings.home} milik instans lain; pilih SIMPUL_HOME lain untuk peragaan.",
            f"{settings.home} belongs to another instance; give the demonstration a SIMPUL_HOME.",
        )
    if demo_file(settings).exists():
        return
    engine = open_engine(settings.database)
    try:
        with reading(engine) as session:
            used = session.exec(select(Agency).limit(1)).first() is not None
    finally:
        engine.dispose()
    if used:
        raise Conflict(
            f"Basis data sudah berisi, mungkin sisa pemuatan yang terputus. Hapus {settings.home} "
            "(atau kosongkan SIMPUL_DATABASE_URL), lalu ulangi.",
            f"The database is not empty, perhaps after an interrupted loading. Remove {settings.home} "
            "(or empty SIMPUL_DATABASE_URL) and try again.",
        )


def load(settings: Settings, *, bus_port: int, say: Say) -> None:
    """Everything, once, into a migrated database; a loaded demonstration is left as it is."""
    if demo_file(settings).exists():
        say("Peragaan sudah dimuat / already loaded.")
        return
    engine = open_engine(settings.database)
    ledger = Ledger.of(settings)
    judges = Judges(large=settings.judges, small_bytes=settings.small_batch_bytes)
    try:
        signing_in, ids = _people_and_agencies(engine, ledger, regency())
        say(f"{len(regency().agencies)} perangkat daerah dan unit, {len(PEOPLE)} orang")
        for dataset in regency().datasets:
            with unit_of_work(engine) as session:
                _dataset(session, ledger, dataset)
        intake = Intake(settings, engine, judges, ledger)
        arriving.fill(intake, regency(), bus_port=bus_port, say=say)
        clock = BusinessClock(settings.zone, settings.business_date)
        given = asking.ask(engine, ledger, clock, ids["analyst"])
        signed = signing.sign_all(settings, engine, ledger, clock, ids)
        outsider = signing_in["clients"]["outsider"]["client_id"]
        earlier.replay(engine, ledger, clock, head=ids["head"], outsider=outsider)
        with unit_of_work(
            engine
        ) as session:  # the running month, so that /skor has something to show
            by = measure_in(session, settings, clock)
            keeping.take(session, ledger, by, Month.of(clock.today()), now=clock.now())
        say(
            f"{given} hak akses, {signed} dengan tanda tangan kedua instansi, 1 permintaan menunggu"
        )
        _write(settings, signing_in, regency())
    finally:
        judges.close()
        engine.dispose()


def sign_ins(settings: Settings) -> str:
    """What to print: the address, and who may sign in with what."""
    demo = json.loads(demo_file(settings).read_text())
    lines = [f"Simpul: {demo['base_url']}", "", "  masuk sebagai      kata sandi"]
    lines += [
        f"  {person['username']:<18} {person['password']}" for person in demo["people"].values()
    ]
    lines += ["", f"Program (client_id dan rahasianya): {demo_file(settings)}"]
    return "\n".join(lines)


def _people_and_agencies(
    engine: Engine, ledger: Ledger, about: Regency
) -> tuple[dict[str, Any], dict[str, str]]:
    """Agencies, posts, people, programs; the parts of demo.json that name them, and people's ids."""
    now = real_now()
    passwords = {person.username: secrets.token_urlsafe(9) for person in PEOPLE}
    hashes = {name: hash_password(password) for name, password in passwords.items()}
    with unit_of_work(engine) as session:
        for agency in about.agencies:
            agencies.create_agency(
                session,
                ledger,
                HUB,
                code=agency.code,
                name=agency.name,
                kind=AgencyKind(agency.kind),
                parent=agency.parent,
                satker_code=agency.kd_satker_str,
                now=now,
            )
        seats = _posts(session, ledger, about)
        people, ids = {}, {}
        for person in PEOPLE:
            made = accounts.create_person(
                session,
                ledger,
                HUB,
                username=person.username,
                name=person.name,
                email=person.email,
                now=now,
                password_hash=hashes[person.username],
            )
            ids[person.username] = made.id
            if person.phone:
                ways.choose(session, made.id, phone=person.phone, by_mail=True, by_phone=True)
            role, agency_code = _seat(
                session, ledger, seats, person.username, HolderKind.PERSON, made.id
            )
            people[person.username] = {
                "username": person.username,
                "password": passwords[person.username],
                "role": role,
                "agency": agency_code,
            }
        return {"people": people, "clients": _clients(session, ledger, seats)}, ids


Seats = dict[str, tuple[str, str, str]]
"""Post, role and agency by the demonstration person who sits there."""


def _posts(session: Session, ledger: Ledger, about: Regency) -> Seats:
    seats: Seats = {}
    for post in about.posts:
        made = agencies.create_post(
            session, ledger, HUB, agency=post.agency, title=post.title, role=Role(post.role)
        )
        if post.holder:
            seats[post.holder] = (made.id, post.role, post.agency)
    return seats


def _seat(
    session: Session, ledger: Ledger, seats: Seats, who: str, kind: HolderKind, holder: str
) -> tuple[str | None, str | None]:
    """Seat the holder where the demonstration puts `who`; the outsider sits nowhere."""
    if who not in seats:
        return None, None
    post, role, agency = seats[who]
    agencies.begin_holding(
        session, ledger, HUB, post=post, holder_kind=kind, holder=holder, since=real_now()
    )
    return role, agency


def _clients(session: Session, ledger: Ledger, seats: Seats) -> dict[str, Any]:
    clients = {}
    for client in CLIENTS:
        made = accounts.create_client(
            session,
            ledger,
            HUB,
            name=f"Program {client.name} (peragaan)",
            scope=client.scope,
            now=real_now(),
            client_id=f"demo-{client.name}",
        )
        _, agency = _seat(
            session, ledger, seats, client.like or "", HolderKind.CLIENT, made.client_id
        )
        clients[client.name] = {
            "client_id": made.client_id,
            "client_secret": made.secret,
            "scope": client.scope,
            "agency": agency,
        }
    return clients


def _dataset(session: Session, ledger: Ledger, dataset: DemoDataset) -> None:
    about = regency()
    agency = agencies.the_agency(session, dataset.agency)
    catalog_datasets.create(
        session,
        dataset.agency,
        dataset.slug,
        catalog_datasets.Description(
            title=dataset.title,
            title_en=dataset.title_en,
            summary=dataset.summary,
            summary_en=dataset.summary_en,
            topic=dataset.topic,
            keywords=list(dataset.keywords),
            schema_name=dataset.schema_name,
            schema_version=dataset.schema_version,
            intake=list(dataset.intake),
            access_class=AccessClass(dataset.access_class),
            class_note=about.class_note.id,
            restriction_basis=dataset.restriction_basis,
            personal_data=dataset.personal_data,
            frequency=Frequency(dataset.frequency),
            data_date=dataset.data_date,
            licence=about.licences[dataset.licence].id,
            contact_post=dataset.contact_post,
            source_note=dataset.source_note,
        ),
        standards.find(session, dataset.schema_name, dataset.schema_version),
        agency_name=agency.name,
        now=real_now(),
    )


def _write(settings: Settings, signing_in: dict[str, Any], about: Regency) -> None:
    """demo.json, last of all and for its owner alone: its presence says that loading is complete."""
    told = {
        "base_url": settings.public_url,
        **signing_in,
        "datasets": [dataset.name for dataset in about.datasets],
        "services": [],
        "agency_keys": {agency: str(path) for agency, path in signing.key_files(settings).items()},
    }
    path = demo_file(settings)
    path.touch(mode=0o600)
    path.write_text(_text(told))


def _text(told: dict[str, Any]) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False)
