"""A steward lets something be counted by a form; others see the figures on a page."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

Enter = Callable[..., TestClient]
DATASET = "bpbj/kontrak-nontender"


@pytest.fixture
def counted(demo_dataset: Any, push_rows: Any) -> str:
    """Contracts of the demonstration, all of their real rows."""
    demo_dataset(DATASET)
    push_rows(DATASET, 1_000)
    return DATASET


def fill(browser: TestClient, **changes: Any) -> Any:
    path = f"/publikasi/{DATASET}/agregat"
    page = browser.get(path)
    assert page.status_code == 200, page.text
    key = re.search(r'name="key" value="([^"]+)"', page.text)
    assert key
    said = {
        "key": key[1],
        "title": "Kontrak per perangkat daerah",
        "name": "per-satker",
        "audience": "regency",
        "column": ["nama_satker", "", ""],
        "form": ["", "", ""],
        "sum_of": "nilai_kontrak",
        "mean_of": "",
    }
    return browser.post(path, data=said | changes)


def test_a_steward_makes_one_and_another_agency_sees_it(counted: str, enter: Enter) -> None:
    steward = enter("steward", "bpbj")
    made = fill(steward)
    assert made.status_code == 303, made.text
    assert made.headers["location"] == f"/katalog/{DATASET}/agregat/per-satker"
    assert "per-satker" in steward.get(f"/publikasi/{DATASET}/agregat").text
    analyst = enter("analyst", "bappeda")
    dataset = analyst.get(f"/katalog/{DATASET}").text
    assert f"/katalog/{DATASET}/agregat/per-satker" in dataset
    page = analyst.get(f"/katalog/{DATASET}/agregat/per-satker")
    assert page.status_code == 200
    assert "disamarkan" in page.text
    english = analyst.get(f"/katalog/{DATASET}/agregat/per-satker?lang=en").text
    assert "withheld" in english
    withdrawn = steward.post(f"/publikasi/{DATASET}/agregat/per-satker/tarik", data={"key": "a"})
    assert withdrawn.status_code == 303
    assert analyst.get(f"/katalog/{DATASET}/agregat/per-satker").status_code == 404


def test_an_incomplete_form_comes_back_with_what_was_typed(counted: str, enter: Enter) -> None:
    steward = enter("steward", "bpbj")
    for changes in ({"column": ["", "", ""]}, {"name": "Nama Buruk"}, {"title": ""}):
        page = fill(steward, **changes)
        assert page.status_code == 422, page.text
        assert "Agregat belum dibuat" in page.text
        assert 'value="nilai_kontrak" selected' in page.text


def test_nobody_else_sees_the_form(counted: str, enter: Enter) -> None:
    for role, agency in (("analyst", "bpbj"), ("steward", "bappeda"), ("auditor", "itda")):
        assert enter(role, agency).get(f"/publikasi/{DATASET}/agregat").status_code == 403
