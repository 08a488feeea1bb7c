"""A batch that waits for its second person: on the walidata's desk, signed or returned from its page."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from hub.db import reading
from hub.intake.models import Batch
from tests.hub.web.conftest import Enter

PAKET = "bpbj/paket-nontender"


@pytest.fixture
def held(hub: TestClient, demo_dataset: Callable[..., str], push_rows: Callable[..., None]) -> str:
    """The page of a batch that waits."""
    demo_dataset(PAKET, "DIKECUALIKAN")
    push_rows(PAKET, count=3)
    state: Any = hub.app.state  # type: ignore[attr-defined]
    with reading(state.engine) as session:
        batch = session.exec(select(Batch)).one()
    return f"/publikasi/{PAKET}/kiriman/{batch.id}"


def sent(page: str, **said: str) -> dict[str, str]:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found is not None
    return {"key": found[1], **said}


def test_the_walidata_finds_it_on_her_desk_and_signs_it(enter: Enter, held: str) -> None:
    steward, walidata = enter("steward", "bpbj"), enter("walidata", "dkisp")
    mine = steward.get(held).text
    assert "Menunggu pengesahan walidata" in mine
    assert "Sahkan dan terbitkan" not in mine
    desk = walidata.get("/kelola").text
    assert "Kiriman menunggu pengesahan Anda" in desk
    assert f'href="{held}"' in desk
    page = walidata.get(held).text
    assert "Bila tidak ada yang menjawab:" in page
    answer = walidata.post(f"{held}/pengesahan", data=sent(page, event="sahkan"))
    assert (answer.status_code, answer.headers["location"]) == (303, held)
    assert "Sedang diperiksa" in walidata.get(held).text


def test_returning_it_needs_a_reason_that_the_sender_reads(enter: Enter, held: str) -> None:
    steward, walidata = enter("steward", "bpbj"), enter("walidata", "dkisp")
    path, page = f"{held}/pengesahan", walidata.get(held).text
    refused = walidata.post(path, data=sent(page, event="kembalikan", reason="salah"))
    assert refused.status_code == 422
    assert "Langkah belum tercatat" in refused.text
    reason = "Kolom nilai belum disamarkan (sintetis)"
    page = walidata.get(held).text
    walidata.post(path, data=sent(page, event="kembalikan", reason=reason))
    assert reason in steward.get(held).text
