"""One decision among many grants, as every read makes it; beside it the plain SQL that it cannot do without."""

import random
import time
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import Engine, insert, text
from sqlmodel import Session

from bench.measuring import OURS, Figure
from bench.run import Run
from catalog.models import AccessClass, Dataset
from hub.access.authzen import evaluate_all
from hub.access.decision import decide
from hub.access.judging import Action
from hub.agencies.principal import HeldPost, Principal
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.calendar import real_now
from hub.db import open_engine, reading, unit_of_work
from hub.grants import attesting
from hub.grants.attesting import Said
from hub.grants.contract import text_of
from hub.grants.models import AccessRequest, Grant
from hub.grants.signing import trust
from hub.grants.verify import SHARED_AT_ONCE
from hub.ledger.keys import Signer
from hub.ledger.service import Ledger
from hub.migrations import upgrade

GRANTS, AGENCIES = 20_000, 40
DATASETS = GRANTS // AGENCIES
ASKED = 1_000
"""Decisions that are timed, each on another grant; one round before does not count."""
SCHEMA = ("lkpp/nontender-kontrak", "1.0.0")
PLAIN = (
    "SELECT * FROM catalog_dataset WHERE id = :dataset",
    "SELECT * FROM hub_grant WHERE target_type = 'dataset' AND target = :dataset"
    " AND grantee_agency IN (:agency) AND revoked_at IS NULL AND waits_until IS NULL"
    " AND starts_at <= :now AND expires_at > :now",
    'SELECT * FROM hub_grant_signature WHERE "grant" = :grant',
)
Pair = tuple[str, str, str]
"""A dataset, an agency that may read it, and the grant by which it may."""


def measure(run: Run) -> list[Figure]:
    engine = open_engine(f"sqlite:///{run.folder / 'decision.db'}")
    upgrade(engine)
    ledger = Ledger(Signer(run.folder / "keys", "hub.invalid"))
    trust(engine, ledger.signer)
    pairs = random.Random(20251003).sample(fill(engine, ledger), ASKED)
    try:
        for pair in pairs:
            _decided(engine, pair)
        decided = {OURS: [_decided(engine, pair) for pair in pairs]}
        decided["plain SQL"] = [_plain(engine, pair) for pair in pairs]
        single = {OURS: [_evaluated(engine, [pair]) for pair in pairs]}
        hundreds = [pairs[n : n + 100] for n in range(0, ASKED, 25)]
        for some in hundreds:
            _evaluated(engine, some)
        hundred = {OURS: [_evaluated(engine, some) for some in hundreds]}
    finally:
        engine.dispose()
    among = f"among {GRANTS:,} signed grants"
    return [
        Figure("decision", f"one read {among}", decided),
        Figure("decision", f"one AuthZEN evaluation {among}, without HTTP", single),
        Figure("decision", f"100 AuthZEN evaluations {among}, without HTTP", hundred),
    ]


def fill(engine: Engine, ledger: Ledger) -> list[Pair]:
    """Every agency holds a grant on every dataset, signed by both sides."""
    pairs = []
    with unit_of_work(engine) as session:
        for number in range(DATASETS):
            dataset = _dataset(number)
            session.add(dataset)
            session.flush()  # requests and grants refer to it
            pairs += [_granted(session, ledger, dataset, reader) for reader in range(AGENCIES)]
            session.flush()
            session.expunge_all()
    return pairs


def _dataset(number: int) -> Dataset:
    now = real_now()
    return Dataset(
        id=f"bpbj/d{number}",
        agency="bpbj",
        slug=f"d{number}",
        title="Kontrak",
        schema_name=SCHEMA[0],
        schema_version=SCHEMA[1],
        access_class=AccessClass.TERBATAS,
        created_at=now,
        updated_at=now,
    )


def _granted(session: Session, ledger: Ledger, dataset: Dataset, reader: int) -> Pair:
    now, agency = real_now(), f"skpd{reader:02}"
    number = f"{dataset.slug}-{reader}"
    request = AccessRequest(
        id=f"PD-{number}",
        target=dataset.id,
        producer=dataset.agency,
        requester_kind="client",
        requester="program",
        agency=agency,
        purpose="Menyusun RKPD 2026",
        created_at=now,
    )
    grant = Grant(
        id=f"HA-{number}",
        target=dataset.id,
        producer=dataset.agency,
        access_class=dataset.access_class,
        grantee_agency=agency,
        columns=["kd_kontrak", "nilai_kontrak", "nama_satker"],
        filter={"eq": ["kd_satker", "1.01"]},
        purpose=request.purpose,
        starts_at=now,
        expires_at=now + timedelta(days=100),
        request=request.id,
        granted_by="kepala",
        digest="",
    )
    grant.text = text_of(grant)
    grant.digest = sha256(grant.text.encode()).hexdigest()
    asked = Said("0" * 32, now, {"client": "program", "agency": agency})
    signed = [
        attesting.by_the_rule(ledger, grant, SHARED_AT_ONCE, ["0" * 32] * 2, now),
        attesting.by_the_requester(ledger, grant, request, asked),
    ]
    for row in (request, grant, *signed):
        session.connection().execute(insert(type(row)), row.model_dump())
    return dataset.id, agency, grant.id


def _decided(engine: Engine, pair: Pair) -> float:
    dataset, agency, grant = pair
    identity = Identity("client", "program", "program", scopes.ALL, "token")
    analyst = Principal(identity, agency, (HeldPost("p", "Analis", Role.ANALYST, agency),))
    with reading(engine) as session:
        session.connection()  # the transaction is that of the read, whatever it decides
        begun = time.perf_counter()
        found = session.get_one(Dataset, dataset)
        told = decide(session, analyst, Action.ROWS, found, now=real_now())
        taken = time.perf_counter() - begun
    if told.grant_id != grant:
        raise RuntimeError(f"{grant} did not open {dataset}: {told.outcome.reason}")
    return taken


def _plain(engine: Engine, pair: Pair) -> float:
    dataset, agency, grant = pair
    values = {"dataset": dataset, "agency": agency, "grant": grant, "now": f"{real_now():%F %T.%f}"}
    statements = [text(statement) for statement in PLAIN]
    with engine.connect().execution_options(read_only=True) as connection:
        connection.execute(text("SELECT 1"))
        begun = time.perf_counter()
        for statement in statements:
            connection.execute(statement, values).all()
        return time.perf_counter() - begun


def _evaluated(engine: Engine, pairs: Sequence[Pair]) -> float:
    """As a program with a post in the agency of the first pair asks about itself, for every dataset."""
    identity = Identity("client", "program", "program", scopes.ALL, "token")
    agency = pairs[0][1]
    asker = Principal(identity, agency, (HeldPost("p", "Analis", Role.ANALYST, agency),))
    body = {
        "subject": {"type": "client", "id": "program"},
        "action": {"name": "rows"},
        "evaluations": [
            {"resource": {"type": "dataset", "id": dataset}} for dataset, _, _ in pairs
        ],
    }
    with reading(engine) as session:
        session.connection()
        begun = time.perf_counter()
        told = evaluate_all(session, asker, body, now=real_now())
        taken = time.perf_counter() - begun
    if not (isinstance(told, list) and all(one.decision for one in told)):
        raise RuntimeError(f"{agency} was refused what it holds grants on")
    return taken
