"""What is past its time is deleted, certified, and seen to be gone; what is needed stays."""

from datetime import timedelta

import pytest
from sqlmodel import col, func, select, update

from catalog.models import Release
from hub.access.models import AccessDecision
from hub.access.subject_models import PersonalRead, ReadSubject
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.privacy import retention
from tests.hub.privacy.conftest import PEOPLE, READS, nik, person

PATH = "/api/v1/disposals"


@pytest.fixture
def walidata(make_client):
    return make_client("walidata", "dkisp")


@pytest.fixture
def run(hub):
    """The job, on the day that is so many days from now, and again when the readers of then are done."""
    state = hub.app.state

    def at(days=0, *, done=True):
        now = real_now() + timedelta(days=days)
        told = (state.engine, state.settings, state.ledger)
        made = retention.dispose_due(*told, now=now)
        if done:
            retention.dispose_due(*told, now=now + timedelta(minutes=11))
        return made

    return at


@pytest.fixture
def aged(hub, people, publish_rows):
    """Three releases: the first two were published long ago."""
    publish_rows(people, [person(n) for n in range(1, 31)])
    publish_rows(people, [person(n) for n in range(1, 26)])
    old = real_now() - timedelta(days=800)
    with unit_of_work(hub.app.state.engine) as session:
        session.exec(update(Release).where(col(Release.number) < 3).values(published_at=old))
    return people


def files(hub, dataset):
    folder = hub.app.state.settings.storage / dataset
    return {path.name for path in folder.glob("*.parquet")}


def test_a_superseded_release_goes_from_disk_and_database_with_a_certificate(
    hub, aged, run, walidata, make_client
):
    owner = make_client("steward", "disdukcapil")
    before = files(hub, aged)
    assert owner.get(f"{READS}?release=1").status_code == 200
    assert run(done=False) == 1
    assert files(hub, aged) == before
    assert walidata.get(PATH).json()["items"][0]["gone_at"] is None
    run()
    [made] = walidata.get(PATH).json()["items"]
    assert made["gone_at"] is not None
    assert (made["kind"], made["what"]["release"], made["what"]["rows"]) == ("releases", 1, 20)
    gone = {file["path"] for file in made["what"]["files"]}
    assert gone
    assert files(hub, aged) == before - gone
    answer = owner.get(f"{READS}?release=1")
    assert answer.status_code == 410
    assert answer.json()["type"] == "/problems/release-disposed"
    for number, status in ((2, 200), (3, 200)):
        assert owner.get(f"{READS}?release={number}").status_code == status
    stale = owner.get(f"/api/v1/datasets/{aged}/releases/2/changes?since=1")
    assert stale.status_code == 410
    verified = walidata.get(f"{PATH}/{made['id']}/verification").json()
    assert verified == {"id": made["id"], "gone": True, "faults": []}
    entry = walidata.get("/api/v1/ledger/entries?kind=data.disposed").json()["items"][0]
    assert entry["entry_id"] == made["entry"]
    assert entry["entry"]["digests"] == {"file": f"sha256:{made['digest']}"}
    assert run() == 0


def test_the_latest_release_is_never_touched(hub, aged, run, make_client):
    run(days=5000)
    owner = make_client("steward", "disdukcapil")
    assert owner.get(READS).status_code == 200
    with reading(hub.app.state.engine) as session:
        kept = select(Release.number).where(col(Release.disposed_at).is_(None))
        assert session.exec(kept).all() == [3]


def test_files_that_a_kept_release_shares_stay(hub, people, publish_rows, run, make_client):
    publish_rows(people, [person(99)], "upsert")
    with unit_of_work(hub.app.state.engine) as session:
        first, second = session.exec(select(Release).order_by(Release.number)).all()
        second.files = [*first.files, *second.files]
        session.add(second)
        session.exec(update(Release).values(published_at=real_now() - timedelta(days=800)))
    before = files(hub, people)
    assert run() == 1
    assert files(hub, people) == before


def test_data_without_personal_columns_is_not_touched(hub, people, make_dataset, publish_rows, run):
    with unit_of_work(hub.app.state.engine) as session:
        session.exec(update(Release).values(published_at=real_now() - timedelta(days=800)))
    assert run() == 0


def test_an_open_failure_holds_what_it_is_about(hub, aged, run, walidata):
    case = {
        "since": (real_now() - timedelta(days=100)).isoformat(),
        "until": real_now().isoformat(),
        "dataset": aged,
        "what": "Berkas ditemukan di luar instansi",
    }
    opened = walidata.post("/api/v1/breach-reports", json=case).json()["case"]["id"]
    assert run() == 0
    at = f"/api/v1/breach-reports/{opened}"
    for whom in ("subjek", "lembaga"):
        told = {"to": whom, "how": "Surat nomor 1 (sintetis)"}
        assert walidata.post(f"{at}/notices", json=told).status_code == 200
    closed = walidata.post(f"{at}/closure", json={"reason": "Sudah ditangani"})
    assert closed.status_code == 200
    assert run() == 1


def test_hashes_and_decisions_go_after_their_days(hub, people, allow, make_client, run, walidata):
    allow(people, "dinsos", ["nomor", "nik"])
    make_client("analyst", "dinsos").get(READS)
    asked = {"identifier": nik(3)}
    assert len(walidata.post("/api/v1/subject-access", json=asked).json()["items"]) == 1
    assert run() == 0
    assert run(days=2000) == 2
    with reading(hub.app.state.engine) as session:
        for model in (PersonalRead, ReadSubject, AccessDecision):
            assert session.exec(select(func.count()).select_from(model)).one() == 0
    made = {one["kind"]: one for one in walidata.get(PATH).json()["items"]}
    assert made["subjects"]["what"]["hashes"] == 20
    assert made["subjects"]["gone_at"] is not None
    for one in made.values():
        assert walidata.get(f"{PATH}/{one['id']}/verification").json()["gone"] is True
    assert walidata.post("/api/v1/subject-access", json=asked).json()["items"] == []


def test_a_certificate_that_lies_is_found_out(hub, aged, run, walidata):
    run()
    [made] = walidata.get(PATH).json()["items"]
    name = made["what"]["files"][0]["path"]
    path = hub.app.state.settings.storage / aged / name
    path.write_bytes(b"kembali")
    told = walidata.get(f"{PATH}/{made['id']}/verification").json()
    assert (told["gone"], len(told["faults"])) == (False, 1)
    path.unlink()
    with unit_of_work(hub.app.state.engine) as session:
        session.exec(update(retention.Disposal).values(what={**made["what"], "rows": 1}))
    assert walidata.get(f"{PATH}/{made['id']}/verification").json()["gone"] is False


def test_the_owner_sees_hers_and_strangers_nothing(aged, run, make_client, hub):
    run()
    owner, other = make_client("head", "disdukcapil"), make_client("head", "bappeda")
    assert len(owner.get(PATH).json()["items"]) == 1
    assert other.get(PATH).json()["items"] == []
    assert other.get(f"{PATH}/BP-{real_now().year}-00001/verification").status_code == 404
    assert make_client("analyst", "disdukcapil").get(PATH).status_code == 403
    assert hub.get(PATH).status_code == 401
    assert aged == PEOPLE
