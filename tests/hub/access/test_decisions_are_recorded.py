"""Every decision that opens or refuses a reader is on disk before the answer, and can be made again."""

import json
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, func, select

from catalog.models import AccessClass, Dataset
from hub.access import journal
from hub.access.decision import decide
from hub.access.judging import Action, Audience
from hub.access.models import AccessAttributes, AccessDecision
from hub.access.replay import replay
from hub.agencies.models import Post
from hub.agencies.principal import HeldPost, Principal
from hub.agencies.roles import Role
from hub.auth import scopes
from hub.auth.identity import Identity
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.grants.models import Grant
from hub.ledger import also
from hub.ledger.models import LedgerEntry
from tests.hub.access.conftest import CANARY, put_grant

CHILD = Path(__file__).with_name("recording_child.py")


def decisions(hub):
    with reading(hub.app.state.engine) as session:
        return session.exec(select(AccessDecision).order_by(col(AccessDecision.id))).all()


def replayed(hub, **which):
    with reading(hub.app.state.engine) as session:
        return list(replay(session, **which))


def faults(hub):
    return [one.fault for one in replayed(hub) if not one.same]


def test_a_read_leaves_its_decision_beside_its_entry(
    hub, penerima, publish_rows, make_client, give
):
    dataset, analyst = penerima("TERBATAS"), make_client("analyst", "bappeda")
    publish_rows(dataset)
    grant = give(analyst, dataset)
    for path in ("rows", "rows?format=csv", "sample", "profile", "releases/1/changes"):
        answer = analyst.get(f"/api/v1/datasets/{dataset}/{path}")
        assert answer.status_code == 200, answer.text
        entry = json.loads(answer.headers["simpul-receipt"])["entry_id"]
        with reading(hub.app.state.engine) as session:
            body = json.loads(session.get_one(LedgerEntry, entry).body)
            row = session.get_one(AccessDecision, body["decision"]["id"])
        assert (row.subject, row.target, row.allow) == (analyst.client_id, dataset, True)
        assert (row.reason, row.grant, row.times) == ("grant", grant, 1)
    answer = analyst.post("/api/v1/query", json={"sql": "SELECT count(*) FROM bpbj.penerima"})
    assert answer.status_code == 200
    assert [row.action for row in decisions(hub)] == [
        "rows",
        "export",
        "sample",
        "profile",
        "changes",
        "query",
    ]
    assert faults(hub) == []
    with reading(hub.app.state.engine) as session:
        kept = session.exec(select(AccessAttributes.body)).all()
    # One reader, one dataset, one grant: kept once, however often they were decided on.
    assert len(kept) == 3
    assert CANARY.encode() not in b"".join(kept)


def test_refusals_are_recorded_and_a_flood_of_them_is_a_few_rows(
    hub, penerima, publish_rows, make_client
):
    dataset, outsider = penerima("TERBATAS"), make_client()
    publish_rows(dataset)
    path = f"/api/v1/datasets/{dataset}/rows"
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: outsider.get(path).status_code, range(40)))
        told += pool.map(lambda _: hub.get(path).status_code, range(20))
    assert told == [403] * 40 + [401] * 20
    rows = decisions(hub)
    assert {(row.subject, row.reason) for row in rows} == {
        (outsider.client_id, "no_grant"),
        ("anonymous", "visitor"),
    }
    assert not any(row.allow for row in rows)
    assert sum(row.times for row in rows) == 60
    assert len(rows) <= 12
    assert faults(hub) == []


def test_a_refusal_that_cannot_be_recorded_is_no_answer(hub, penerima, publish_rows, make_client):
    dataset, outsider = penerima("TERBATAS"), make_client()
    publish_rows(dataset)
    with unit_of_work(hub.app.state.engine) as session:
        session.connection().execute(text("ALTER TABLE hub_access_decision RENAME TO gone"))
    for who in (outsider, hub, make_client("steward", "bpbj")):
        answer = who.get(f"/api/v1/datasets/{dataset}/rows")
        assert answer.status_code == 503
        assert answer.json()["type"] == "/problems/evidence-unavailable"


def somebody(number, *posts):
    identity = Identity("client", f"program-{number}", "program", scopes.ALL, "token")
    held = tuple(HeldPost(f"p-{number}", "Jabatan", role, agency) for role, agency in posts)
    return Principal(identity, held[0].agency if held else None, held)


READERS = [
    None,
    somebody(1),
    somebody(2, (Role.STEWARD, "bpbj")),
    somebody(3, (Role.ANALYST, "bappeda")),
    somebody(4, (Role.ANALYST, "dinkes"), (Role.HEAD, "bappeda")),
    somebody(5, (Role.WALIDATA, "dkisp")),
    somebody(6, (Role.RW, "bpbj")),
]


def record(engine, ledger, count, chance):
    """`count` decisions over every kind of reader, dataset and grant, written as reads write them."""
    now = real_now()
    with unit_of_work(engine) as session:
        datasets = session.exec(select(Dataset)).all()
        for dataset in datasets:
            for agency in ("bappeda", "dinkes", None):
                columns = ["kode", "nama"] if agency == "dinkes" else None
                tree = {"eq": ["kecamatan", "Kuaro"]} if agency == "bappeda" else None
                put_grant(
                    session, ledger, dataset, agency, columns=columns, filter=tree,
                    basis="Perbup", grantee=None if agency else "program-1",
                    masks={"nilai": "hide"} if agency is None else {},
                )  # fmt: skip
        grants = session.exec(select(Grant.id, Grant.target)).all()
        made = []
        for _ in range(count):
            dataset = chance.choice(datasets)
            its = [grant for grant, target in grants if target == dataset.id]
            made.append(
                decide(
                    session,
                    chance.choice(READERS),
                    chance.choice(list(Action)),
                    dataset,
                    now=now + timedelta(seconds=chance.randint(0, 3600)),
                    grant=chance.choice([None, None, None, *its]),
                    audience=chance.choice([*Audience] * 5 + ["Semua"]),
                )
            )
        rows = [row for decision in made for row in journal.rows_of(decision)]
        also.write(session.connection(), rows)
    return made


def edit(hub, make_client, chance):
    """50 changes to what decisions are made from: classes, grants, schema versions, posts, agencies."""
    walidata, engine = make_client("walidata", "dkisp"), hub.app.state.engine
    with reading(engine) as session:
        datasets = session.exec(select(Dataset.id)).all()
        grants = session.exec(select(Grant.id)).all()
        posts = session.exec(select(Post.id)).all()
    for dataset in datasets:
        wanted = chance.choice([kind.value for kind in AccessClass][1:])
        body = {
            "access_class": wanted,
            "restriction_basis": "UU 14/2008 pasal 17 huruf h",
            "personal_data": "umum",
            "urgent": "Perintah penetapan ulang kelas",
        }
        answer = walidata.patch(f"/api/v1/datasets/{dataset}", json=body)
        assert answer.status_code == 200, answer.text
    for grant in grants[:15]:
        assert walidata.delete(f"/api/v1/grants/{grant}").status_code == 200
    with unit_of_work(engine) as session:
        for grant in grants[15:]:
            row = session.get_one(Grant, grant)
            row.filter, row.basis = {"eq": ["kode", "0001"]}, ""
        for post in posts:
            session.get_one(Post, post).role = Role.RW
    return len(datasets) + len(grants) + len(posts)


@pytest.mark.parametrize(
    ("database_url", "count"),
    [("sqlite", 10_000), ("postgresql", 1_000)],
    indirect=["database_url"],
)
def test_recorded_decisions_come_out_the_same_whatever_changed_since(
    count, hub, penerima, make_client
):
    chance, state = random.Random(20251003), hub.app.state
    for number, kind in enumerate([*AccessClass, *AccessClass]):
        penerima(kind.value, f"penerima-{number}")
    made = record(state.engine, state.ledger, count, chance)
    assert 0.2 < sum(one.allow for one in made) / count < 0.8
    assert {one.outcome.reason for one in made} >= {
        "own",
        "open",
        "grant",
        "audience",
        "no_grant",
        "visitor",
        "unknown_audience",
    }

    assert edit(hub, make_client, chance) >= 50
    assert faults(hub) == []
    with reading(state.engine) as session:
        assert session.exec(select(func.count()).select_from(AccessDecision)).one() >= count
    assert len(replayed(hub, ids=[one.id for one in made[:7]])) == 7
    with reading(state.engine) as session:
        differs = 0
        for old in made[:300]:
            asked = old.inputs
            reader = next(r for r in READERS if r is None or r.id == asked.subject)
            now = decide(
                session, reader, asked.action, session.get_one(Dataset, asked.target),
                now=asked.at, grant=asked.picked, audience=asked.audience,
            )  # fmt: skip
            differs += now.outcome != old.outcome
    assert differs > 30


def test_an_altered_record_is_noticed(hub, penerima, publish_rows, make_client):
    dataset, steward = penerima("TERBATAS"), make_client("steward", "bpbj")
    publish_rows(dataset)
    for _ in range(3):
        assert steward.get(f"/api/v1/datasets/{dataset}/rows").status_code == 200
    first, second, third = decisions(hub)
    assert faults(hub) == []
    with unit_of_work(hub.app.state.engine) as session:
        session.get_one(AccessDecision, first.id).reason = "open"
        session.get_one(AccessDecision, second.id).rules = "0"
    assert faults(hub) == ["it was open and is own", "rules 0 are not known"]
    with unit_of_work(hub.app.state.engine) as session:
        kept = session.get_one(AccessAttributes, third.principal)
        kept.body = kept.body.replace(b'"steward"', b'"analyst"')
    assert [one.fault for one in replayed(hub, ids=[third.id])] == [
        f"attributes {third.principal} were altered"
    ]
    with unit_of_work(hub.app.state.engine) as session:
        session.delete(session.get_one(AccessAttributes, third.dataset))
    assert faults(hub)[-1] == f"attributes {third.principal} were altered"
    assert replayed(hub, since=third.at + timedelta(hours=1)) == []


KILLS = 4


def test_no_answer_without_its_decision(hub, make_dataset, tmp_path):
    """A process that is killed has told nobody anything whose decision is not on disk, and whole."""
    make_dataset("TERBUKA")
    state, chance, told = hub.app.state, random.Random(7), set()
    url = state.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, str(CHILD), url, str(tmp_path / "keys")]
    for _ in range(KILLS):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            lines = [child.stdout.readline() for _ in range(20)]
            time.sleep(chance.random() / 10)
            child.kill()
            lines += child.stdout.readlines()
        told |= {line.decode().strip() for line in lines if line.endswith(b"\n")}
    assert len(told) >= KILLS * 20
    kept = decisions(hub)
    assert told <= {row.id for row in kept}
    with reading(state.engine) as session:
        bodies = [json.loads(body) for body in session.exec(select(LedgerEntry.body)).all()]
    assert {body["decision"]["id"] for body in bodies} == {row.id for row in kept}
    assert faults(hub) == []
