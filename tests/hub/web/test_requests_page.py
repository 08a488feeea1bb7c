"""/permintaan: who sees a request, deciding, and taking a grant back."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

Enter = Callable[..., TestClient]
KONTRAK = "bpbj/kontrak-nontender"


@pytest.fixture
def asked(enter: Enter, demo_dataset: Callable[..., str], ask: Callable[..., Any]) -> Any:
    """(analyst, path of the page of her request) for a restricted dataset."""
    demo_dataset(KONTRAK)
    analyst = enter("analyst", "bappeda")
    return analyst, ask(analyst, KONTRAK).headers["location"]


def test_the_head_sees_it_first_and_nothing_is_chosen_for_her(enter: Enter, asked: Any) -> None:
    _, path = asked
    head = enter("head", "bpbj")
    assert "Menunggu keputusan Anda" in head.get("/permintaan").text
    form = head.get(path).text.split('action="' + path)[1].split("</form>")[0]
    assert form.count('type="radio"') == 15
    assert "checked" not in form
    assert form.count('class="btn"') == 1


def test_the_asking_side_sees_it_without_the_decision(asked: Any) -> None:
    analyst, path = asked
    text = analyst.get(path).text
    assert "Yang diminta" in text
    assert 'name="decision"' not in text
    assert 'id="bukti"' in text


def test_to_everybody_else_there_is_no_such_request(enter: Enter, asked: Any) -> None:
    assert enter("head", "bkad").get(asked[1]).status_code == 404


def decide(head: TestClient, path: str, key: str, **said: str) -> Any:
    return head.post(path, data={"key": key, **said})


def test_an_incomplete_decision_says_what_is_missing_and_decides_nothing(
    enter: Enter, asked: Any, form_key: Callable[..., str]
) -> None:
    analyst, path = asked
    head = enter("head", "bpbj")
    for said, missing in (
        ({}, "#setuju"),
        ({"decision": "refuse"}, "#ground-T01"),
        ({"decision": "refuse", "ground": "T13", "reason": "tidak"}, "#reason"),
    ):
        answer = decide(head, path, form_key(head, path), **said)
        assert answer.status_code == 422
        assert f'href="{missing}"' in answer.text
    assert "Menunggu kepala" in analyst.get(path).text


def test_approval_opens_the_rows_and_revoking_closes_them(
    enter: Enter, asked: Any, push_rows: Callable[..., None], form_key: Callable[..., str]
) -> None:
    analyst, path = asked
    push_rows(KONTRAK, 3)
    rows = f"/api/v1/datasets/{KONTRAK}/rows"
    head = enter("head", "bpbj")
    assert analyst.get(rows).status_code == 403
    key = form_key(head, path)
    for _ in range(2):  # a double click
        assert decide(head, path, key, decision="approve").status_code == 303
    assert analyst.get(rows).status_code == 200
    assert "Akses aktif" in analyst.get(path).text
    page = head.get(path).text
    revoke = re.search(r'action="(/hak-akses/[^"]+/cabut)"', page)
    assert revoke
    assert head.post(revoke[1], data={"reason": "Tujuan sudah selesai"}).status_code == 303
    assert analyst.get(rows).status_code == 403
    assert "Tujuan sudah selesai" in analyst.get(path).text


def test_a_refusal_carries_its_ground_to_the_requester(
    enter: Enter, asked: Any, form_key: Callable[..., str]
) -> None:
    analyst, path = asked
    head = enter("head", "bpbj")
    said = {"decision": "refuse", "ground": "T13", "reason": "Dua kolom sudah cukup untuk ini"}
    assert decide(head, path, form_key(head, path), **said).status_code == 303
    text = analyst.get(path).text
    assert "T13" in text
    assert "Dua kolom sudah cukup untuk ini" in text


def test_the_walidata_may_decide_and_the_asking_side_may_not(
    enter: Enter, asked: Any, form_key: Callable[..., str]
) -> None:
    analyst, path = asked
    assert analyst.post(path, data={"decision": "approve"}).status_code == 403
    assert 'name="decision"' in enter("walidata", "dkisp").get(path).text
