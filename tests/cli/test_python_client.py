"""`hub.client.Simpul` against the served demonstration: what a notebook gets and sends."""

import io
import itertools
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pandas as pd
import pytest

from hub.client import Refused, Simpul, Unreachable

PACKAGES = "bpbj/paket-nontender"


@pytest.fixture(scope="module")
def connect(demo):
    opened = []

    def to(name, **more):
        client = demo.told["clients"][name]
        opened.append(Simpul(demo.url, client["client_id"], client["client_secret"], **more))
        return opened[-1]

    yield to
    for one in opened:
        one.close()


@pytest.fixture(scope="module")
def steward(connect):
    return connect("steward")


@pytest.fixture(scope="module")
def packages(steward):
    return steward.read(PACKAGES)


def test_a_frame_has_the_types_of_the_schema(packages):
    kinds = {name: str(kind) for name, kind in packages.dtypes.items()}
    assert kinds["kd_nontender"] == kinds["pagu"] == "Int64"
    assert kinds["kd_satker_str"] == kinds["mak"] == "str"
    assert kinds["hps"] == "float64"
    assert kinds["tgl_pengumuman_nontender"].startswith("datetime64[")
    assert packages["kd_nontender"].is_unique


def test_missing_whole_numbers_stay_missing_and_the_others_whole(steward):
    frame = steward.query("SELECT * FROM (VALUES (9007199254740993), (NULL)) AS t(n)")
    assert str(frame["n"].dtype) == "Int64"
    assert frame["n"].isna().sum() == 1
    assert frame["n"].max() == 9_007_199_254_740_993  # one more than a float can hold


def test_a_long_answer_comes_whole_though_the_hub_gives_it_in_parts(steward):
    frame = steward.query("SELECT range AS n FROM range(250000)")
    assert frame["n"].tolist() == list(range(250_000))
    assert frame.attrs["receipt"]["entry_id"]


def test_days_are_days(steward):
    frame = steward.query(
        "SELECT DATE '2025-10-03' AS hari, true AS ya UNION ALL SELECT NULL, NULL"
    )
    assert frame["hari"].max() == pd.Timestamp("2025-10-03")
    assert str(frame["ya"].dtype) == "boolean"


def test_columns_filter_and_release_are_asked_of_the_hub(steward):
    frame = steward.read(
        PACKAGES, columns=["kd_nontender", "pagu"], filter="kd_nontender=10048728000", release=1
    )
    assert frame.to_dict("records") == [{"kd_nontender": 10048728000, "pagu": 79747800}]
    assert frame.attrs["receipt"].keys() == {"entry_id", "entry_hash", "signature"}


def test_a_frame_that_was_read_can_be_pushed_back(steward, packages):
    changed = packages.head(20).copy()
    changed["nama_paket"] = changed["nama_paket"] + " (sintetis)"
    answer = steward.push(changed, PACKAGES, mode="upsert")
    assert (answer["state"], answer["accepted"], answer["rejected"]) == ("published", 20, 0)
    codes = ", ".join(map(str, changed["kd_nontender"]))
    after = steward.query(
        f"SELECT * FROM bpbj.paket_nontender WHERE kd_nontender IN ({codes}) ORDER BY kd_nontender"
    )
    expected = changed.sort_values("kd_nontender", ignore_index=True)
    pd.testing.assert_frame_equal(after, expected, check_dtype=False)


def test_the_same_key_and_frame_count_once(steward, packages):
    frame = packages.head(3)
    first, again = (
        steward.push(frame, PACKAGES, mode="upsert", idempotency_key="tiga") for _ in range(2)
    )
    assert first["receipt"] == again["receipt"]


def test_a_refused_frame_carries_the_report(steward, packages):
    wrong = packages.head(2).astype({"kd_nontender": "object"})
    wrong.loc[wrong.index[1], "kd_nontender"] = "bukan angka"
    wrong["kd_nontender"] = wrong["kd_nontender"].astype(str)
    with pytest.raises(Refused) as refused:
        steward.push(wrong, PACKAGES, mode="upsert")
    assert refused.value.status == 422
    assert refused.value.problem["type"] == "/problems/batch-refused"
    assert [rule["column"] for rule in refused.value.problem["report"]["by_rule"]] == [
        "kd_nontender"
    ]


def test_without_a_grant_the_answer_is_a_refusal_in_the_language_asked(connect):
    with pytest.raises(Refused) as refused:
        connect("outsider", language="en").read("bpbj/kontrak-tender")
    assert refused.value.status == 403
    assert refused.value.problem["title"] == "Not permitted"


def test_search_is_a_frame_best_first(connect):
    found = connect("analyst").search("paket nontender")
    assert found["id"].iloc[0] == PACKAGES
    assert "access.class" in found.columns


def test_download_streams_to_a_file_and_returns_the_receipt(connect, tmp_path):
    receipt = connect("analyst").download("dkisp/wilayah", tmp_path / "w.parquet", format="parquet")
    assert receipt.keys() == {"entry_id", "entry_hash", "signature"}
    assert len(pd.read_parquet(tmp_path / "w.parquet")) == 91_599


def test_a_wrong_secret_is_refused_in_words(demo):
    with (
        Simpul(demo.url, "demo-analyst", "salah") as hub,
        pytest.raises(Refused, match="client id"),
    ):
        hub.query("SELECT 1")


class _ShortTokens(BaseHTTPRequestHandler):
    """Gives tokens that live a second, and says with which one it was asked."""

    def setup(self):
        super().setup()
        self.given = self.server.__dict__.setdefault("given", itertools.count(1))

    def do_POST(self):
        self.say(json.dumps({"access_token": f"token-{next(self.given)}", "expires_in": 1}))

    def do_GET(self):
        self.say(json.dumps({"asked_with": self.headers["Authorization"]}))

    def say(self, text):
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        """Quiet."""


class _SomePage(_ShortTokens):
    """Answers everything, but is no hub."""

    def say(self, text):
        super().say("<title>Masuk ke WiFi</title>")


@contextmanager
def played_by(handler):
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with Simpul(f"http://127.0.0.1:{server.server_port}", "program", "rahasia") as hub:
            yield hub
        server.shutdown()


def test_a_token_is_kept_for_half_its_short_life_and_then_renewed():
    with played_by(_ShortTokens) as hub:
        asked = [hub.ask("GET", "/")["asked_with"] for _ in range(2)]
        time.sleep(0.6)
        asked.append(hub.ask("GET", "/")["asked_with"])
    assert asked == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_what_answers_but_is_no_hub_is_unreachable():
    with played_by(_SomePage) as page, pytest.raises(Unreachable, match="hub"):
        page.search("apa")


def test_a_hub_that_is_not_there_is_unreachable():
    with Simpul("http://127.0.0.1:1") as nobody, pytest.raises(Unreachable):
        nobody.search("apa")


class _CutForGood(_ShortTokens):
    """A hub whose room for long answers is spent: two rows, cut, and nothing to go on with."""

    def do_POST(self):
        if "/oauth/" in self.path:
            return super().do_POST()
        body = io.BytesIO()
        pd.DataFrame({"n": [1, 2]}).to_parquet(body)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body.getvalue())))
        self.send_header("Simpul-Receipt", "{}")
        self.send_header("Simpul-Capped", "bytes")
        self.end_headers()
        self.wfile.write(body.getvalue())


@pytest.mark.filterwarnings("default")
def test_an_answer_that_was_cut_for_good_warns():
    with played_by(_CutForGood) as hub, pytest.warns(UserWarning, match="bytes"):
        assert len(hub.query("SELECT 1")) == 2


def test_importing_it_loads_nothing_of_the_server_and_no_pandas():
    script = (
        "import sys, hub.client; print(sorted({'fastapi', 'starlette', 'sqlalchemy', 'sqlmodel',"
        " 'pandas', 'pyarrow', 'duckdb', 'pydantic', 'typer'} & sys.modules.keys()))"
    )
    seen = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert seen.stdout == "[]\n"
