"""Who read which columns of which release under which policy in a period: equal to the ledger."""

import hashlib
import io
import json
from collections import defaultdict
from datetime import datetime, timedelta
from zipfile import ZipFile

import pytest

from catalog.policy import Policy
from hub.calendar import real_now
from tests.hub.privacy.conftest import READS, nik

REPORTS = "/api/v1/breach-reports"
WHAT = "Berkas ekspor ditemukan di luar instansi (sintetis)"


@pytest.fixture
def walidata(make_client):
    return make_client("walidata", "dkisp")


@pytest.fixture
def busy(people, allow, make_client, penerima_open):
    """Reads by three agencies, in every way, of personal and of open data."""
    allow(people, "dinsos", ["nomor", "desa", "nik", "nama"])
    allow(people, "dinkes", ["nomor", "nama"], filter={"eq": ["desa", "Kuaro"]})
    dinsos, dinkes = make_client("analyst", "dinsos"), make_client("analyst", "dinkes")
    owner = make_client("steward", "disdukcapil")
    for who, asked in (
        (dinsos, {"limit": 3}),
        (dinsos, {"limit": 5, "format": "csv"}),
        (dinsos, {"columns": "desa"}),
        (dinkes, {"format": "csv", "download": "true"}),
        (owner, {"limit": 2}),
    ):
        answer = who.get(READS, params=asked)
        assert answer.status_code == 200, answer.text
    sql = {"sql": "SELECT nik FROM disdukcapil.penduduk LIMIT 4"}
    assert dinsos.post("/api/v1/query", json=sql).status_code == 200
    bad = {"sql": "SELECT CAST(nama AS INTEGER) FROM disdukcapil.penduduk"}
    assert dinsos.post("/api/v1/query", json=bad).status_code == 422
    assert dinsos.get(f"/api/v1/datasets/{penerima_open}/rows").status_code == 200
    return {"dinsos": dinsos, "dinkes": dinkes, "owner": owner}


@pytest.fixture
def penerima_open(make_dataset, publish_rows, people):
    schema = ("disdukcapil/penduduk", "1.0.0")
    dataset = make_dataset("TERBUKA", "terbuka", "disdukcapil", schema=schema, title="Terbuka")
    publish_rows(dataset, [{"nomor": "1", "desa": "Kuaro"}])
    return dataset


def hour(**changes):
    now = real_now()
    asked = {
        "since": (now - timedelta(minutes=30)).isoformat(),
        "until": (now + timedelta(minutes=30)).isoformat(),
        "what": WHAT,
    }
    return asked | changes


def opened(who, **changes):
    answer = who.post(REPORTS, json=hour(**changes))
    assert answer.status_code == 201, answer.text
    return answer.json()


def of_ledger(auditor, since, until):
    """The same lines, counted from the entries as anybody may list them."""
    entries, cursor = [], None
    while True:
        page = auditor.get(
            "/api/v1/ledger/entries",
            params={"limit": 500, "cursor": cursor} if cursor else {"limit": 500},
        ).json()
        entries += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    lines = defaultdict(lambda: [0, 0, 0])
    hashes = []
    for item in reversed(entries):
        entry = item["entry"]
        at = datetime.fromisoformat(entry["at"])
        if not entry["kind"].endswith(".read") or not since <= at < until:
            continue
        actor, target = entry["actor"], entry["target"]
        key = (
            target["id"], target["release"], entry["kind"].removesuffix(".read"), actor["agency"],
            actor.get("person"), actor.get("client"), entry.get("grant"), entry["decision"]["policy"],
        )  # fmt: skip
        done = entry["outcome"] == "ok"
        lines[key][0] += done
        lines[key][1] += entry["counts"]["rows"] if done else 0
        lines[key][2] += not done
        hashes.append(bytes.fromhex(item["entry_hash"]))
    return dict(lines), hashlib.sha256(b"".join(hashes)).hexdigest(), len(hashes)


def test_a_report_equals_the_ledger(busy, walidata, make_client):
    report = opened(walidata)
    auditor = make_client("auditor", "inspektorat")
    scope = [datetime.fromisoformat(report["case"][name]) for name in ("since", "until")]
    lines, digest, count = of_ledger(auditor, *scope)
    told = {
        (
            one["dataset"], one["release"], one["way"], one["agency"], one["person"], one["client"],
            one["grant"], one["policy"],
        ): [one["reads"], one["rows"], one["failed"]]
        for one in report["lines"]
    }  # fmt: skip
    assert told == lines
    assert len(lines) == 5
    assert (report["digest"], report["entries"]) == (digest, count)
    again = auditor.get(f"{REPORTS}/{report['case']['id']}").json()
    assert again["lines"] == report["lines"]
    assert again["case"]["digest"] == digest


def test_each_line_says_the_columns_of_its_policy(busy, walidata):
    lines = opened(walidata, dataset="disdukcapil/penduduk")["lines"]
    by_agency = {one["agency"]: one for one in lines}
    dinkes = by_agency["dinkes"]
    assert sorted(dinkes["columns"]) == ["nama", "nomor"]
    assert dinkes["filter"] == {"eq": ["desa", "Kuaro"]}
    assert (dinkes["personal"], dinkes["persons"], dinkes["rows"]) == (["nama"], 10, 10)
    policy = Policy(tuple(dinkes["columns"]), dinkes["filter"])
    assert dinkes["policy"] == policy.digest()
    owner = by_agency["disdukcapil"]
    assert (owner["columns"], owner["grant"], owner["persons"]) == (None, None, 2)
    assert dinkes["purpose"] == "Uji"


def test_scopes_narrow_and_a_period_without_reads_is_empty(busy, walidata):
    only = opened(walidata, agency="dinkes")
    assert {one["agency"] for one in only["lines"]} == {"dinkes"}
    party = busy["dinsos"].client_id
    assert {one["client"] for one in opened(walidata, party=party)["lines"]} == {party}
    columns = opened(walidata, dataset="disdukcapil/penduduk", columns=["nik"])["lines"]
    assert {one["agency"] for one in columns} == {"dinsos", "disdukcapil"}
    before = real_now() - timedelta(days=200)
    quiet = opened(
        walidata, since=before.isoformat(), until=(before + timedelta(hours=1)).isoformat()
    )
    assert (quiet["lines"], quiet["entries"]) == ([], 0)


def test_persons_are_listed_as_hashes_alone(busy, walidata):
    report = opened(walidata, agency="dinsos")
    found = walidata.get(f"{REPORTS}/{report['case']['id']}/subjects").json()["items"]
    assert len(found) == report["persons"] == 5
    assert all(len(one["subject"]) == 32 for one in found)
    assert max(one["reads"] for one in found) == 3


def test_the_clock_runs_in_hours_from_knowing_and_the_case_ends_when_all_were_told(
    people, walidata
):
    known = real_now() - timedelta(hours=70)
    case = opened(walidata, known_at=known.isoformat())["case"]
    due = datetime.fromisoformat(case["due_at"])
    assert due - datetime.fromisoformat(case["known_at"]) == timedelta(hours=72)
    assert 1.9 < case["hours_left"] <= 2
    at = f"{REPORTS}/{case['id']}"
    assert walidata.post(f"{at}/closure", json={"reason": WHAT}).status_code == 409
    assert walidata.post(f"{at}/notices", json={"to": "teman", "how": WHAT}).status_code == 422
    for whom, state in (("subjek", "terbuka"), ("lembaga", "diberitahukan")):
        told = walidata.post(f"{at}/notices", json={"to": whom, "how": WHAT})
        assert told.status_code == 200, told.text
        assert (told.json()["state"], told.json()["told"][whom]["late"]) == (state, False)
    handling = {"handling": "Hak akses dicabut, kunci diganti."}
    assert walidata.patch(at, json=handling).json()["handling"] == handling["handling"]
    assert walidata.post(f"{at}/closure", json={"reason": WHAT}).json()["state"] == "selesai"
    assert walidata.post(f"{at}/closure", json={"reason": WHAT}).status_code == 409


def test_others_see_nothing_of_it(walidata, make_client, hub):
    case = opened(walidata)["case"]["id"]
    for role in ("steward", "head", "analyst", "rw", "executive"):
        who = make_client(role, "bappeda")
        assert who.post(REPORTS, json=hour()).status_code == 403
        for path in (REPORTS, f"{REPORTS}/{case}", f"{REPORTS}/{case}/subjects"):
            assert who.get(path).status_code == 403, role
            assert hub.get(path).status_code == 401
    auditor = make_client("auditor", "inspektorat")
    assert auditor.get(f"{REPORTS}/{case}").status_code == 200
    assert auditor.post(REPORTS, json=hour()).status_code == 403


def test_what_cannot_be_is_refused(walidata):
    for wrong in (
        {"until": "2020-01-01T00:00:00Z"},
        {"since": "2020-01-01T00:00:00Z"},
        {"known_at": "2100-01-01T00:00:00Z"},
        {"what": "x"},
        {"lain": 1},
    ):
        assert walidata.post(REPORTS, json=hour(**wrong)).status_code == 422, wrong


def test_files_hold_the_same_lines_and_no_identifier(busy, walidata):
    report = opened(walidata)
    at = f"{REPORTS}/{report['case']['id']}"
    csv = walidata.get(at, params={"format": "csv"}).text
    assert len(csv.splitlines()) == len(report["lines"]) + 1
    book = walidata.get(at, params={"format": "xlsx"})
    with ZipFile(io.BytesIO(book.content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == len(report["lines"]) + 1
    for number in range(1, 21):
        assert nik(number) not in csv + json.dumps(report)
