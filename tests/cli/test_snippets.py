"""The code on a dataset's page is copied and run as it stands, by an analyst with a token of her own."""

import csv
import html
import io
import re
import shutil
import subprocess
import sys

import httpx2
import pandas as pd
import pytest

DATASET = "bpbj/paket-nontender"
ROWS = 2386


@pytest.fixture(scope="module")
def analyst(demo):
    """Her browser, signed in through the form."""
    person = demo.told["people"]["analyst"]
    with httpx2.Client(base_url=demo.url, headers={"Origin": demo.url}) as browser:
        form = {"username": person["username"], "password": person["password"]}
        assert browser.post("/masuk", data=form).status_code == 303
        yield browser


@pytest.fixture(scope="module")
def token(analyst):
    wanted = {"name": "Cuplikan", "scope": "catalog:read data:read", "days": 1}
    made = analyst.post("/api/v1/tokens", json=wanted)
    assert made.status_code == 201, made.text
    return made.json()["token"]


def snippet(browser, dataset, id):
    page = browser.get(f"/katalog/{dataset}", headers={"Accept": "text/html"})
    found = re.search(rf'id="cuplikan-{id}"><code>(.*?)</code>', page.text, re.DOTALL)
    assert found, page.status_code
    return html.unescape(found[1])


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_curl_snippet_writes_the_rows(analyst, token, tmp_path):
    command = snippet(analyst, DATASET, "curl")
    assert token not in command
    env = {"SIMPUL_TOKEN": token, "PATH": "/usr/bin:/bin"}
    subprocess.run(["sh", "-c", command], env=env, cwd=tmp_path, check=True, timeout=60)
    (written,) = tmp_path.iterdir()
    assert len(pd.read_csv(written)) >= ROWS


def test_the_pandas_snippet_makes_a_frame(analyst, token):
    assert _rows_of_pandas(snippet(analyst, DATASET, "pandas"), SIMPUL_TOKEN=token) >= ROWS


def test_for_open_data_the_pandas_snippet_needs_no_token(demo):
    with httpx2.Client(base_url=demo.url) as nobody:
        text = snippet(nobody, "dkisp/satker", "pandas")
    assert "TOKEN" not in text
    assert _rows_of_pandas(text) == 165


def _rows_of_pandas(text, **env):
    shown = subprocess.run(
        [sys.executable, "-c", f"{text}\nprint(len(data))"],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return int(shown.stdout)


def test_the_power_query_snippet_is_well_formed_and_asks_for_the_rows(demo, analyst, token):
    text = snippet(analyst, DATASET, "power-query")
    assert re.fullmatch(r"let\n(.*)\nin\n    (\w+)", text, re.DOTALL)
    _balanced(text)
    steps = re.findall(r"^    (\w+) =", text, re.MULTILINE)
    assert text.rsplit(None, 1)[1] == steps[-1]
    base, path, query = re.search(
        r'Web\.Contents\("([^"]+)", \[\s*RelativePath = "([^"]+)",\s*Query = \[format = "(\w+)"\]',
        text,
    ).groups()
    assert base == demo.url
    # Excel asks for a name and a password at first use, and sends them as Basic.
    answer = httpx2.get(f"{base}/{path}", params={"format": query}, auth=("analyst", token))
    assert answer.status_code == 200
    assert len(list(csv.DictReader(io.StringIO(answer.text)))) >= ROWS


def _balanced(text):
    pairs, open_ones = {")": "(", "]": "["}, []
    for sign in re.sub(r'"[^"]*"', "", text):
        if sign in "([":
            open_ones.append(sign)
        elif sign in pairs:
            assert open_ones.pop() == pairs[sign]
    assert open_ones == []
