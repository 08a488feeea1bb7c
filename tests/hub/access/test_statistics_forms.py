"""Statistical metadata of a dataset over HTTP, for whoever may know of the dataset."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from starlette.testclient import TestClient

KONTRAK = "bpbj/kontrak-nontender"


@pytest.mark.parametrize("form", ["ms-keg", "ms-var", "ms-ind"])
def test_a_member_reads_a_form_as_json_and_as_a_workbook(
    make_client: Callable[..., TestClient], make_dataset: Callable[..., str], form: str
) -> None:
    make_dataset()
    analyst = make_client("analyst", "bappeda")
    path = f"/api/v1/datasets/{KONTRAK}/metadata/{form}"
    answer = analyst.get(path).json()
    assert answer["form"] == form
    assert answer["records"][0][0]["value"]
    sheet = openpyxl.load_workbook(io.BytesIO(analyst.get(f"{path}?format=xlsx").content)).active
    assert sheet is not None
    assert sheet["A1"].value == answer["title"]  # type: ignore[index]


def test_metadata_are_seen_by_those_alone_who_see_the_dataset(
    hub: TestClient, make_client: Callable[..., TestClient], make_dataset: Callable[..., str]
) -> None:
    make_dataset("DIKECUALIKAN")
    path = f"/api/v1/datasets/{KONTRAK}/metadata/ms-var"
    assert make_client("analyst", "bappeda").get(path).status_code == 403
    assert make_client("steward", "bpbj").get(path).status_code == 200
    assert hub.get(path).status_code in (401, 403)


def test_there_are_three_forms_and_no_other(
    make_client: Callable[..., TestClient], make_dataset: Callable[..., str]
) -> None:
    make_dataset()
    path = f"/api/v1/datasets/{KONTRAK}/metadata/ms-lain"
    assert make_client("analyst", "bappeda").get(path).status_code == 422
