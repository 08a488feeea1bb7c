"""/ : counts, the weave and what is slow, within what the reader may know."""

import re
from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

Enter = Callable[..., TestClient]
Make = Callable[..., str]
PAKET, PROGRAM = "bpbj/paket-nontender", "bkad/program"


def figures(browser: TestClient) -> list[str]:
    text = browser.get("/").text
    return [part.split("</dd>")[0] for part in text.split('class="figures')[1].split("<dd>")[1:4]]


def test_visitors_count_what_is_open_and_members_more(
    visitor: TestClient, enter: Enter, demo_dataset: Make
) -> None:
    demo_dataset(PROGRAM)
    demo_dataset(PAKET)
    assert figures(visitor) == ["1", "0", "0"]
    assert figures(enter("analyst", "bappeda")) == ["2", "0", "0"]


def test_a_grant_is_a_knot_for_members_and_nothing_for_visitors(
    visitor: TestClient, enter: Enter, demo_dataset: Make, ask: Callable[..., Any]
) -> None:
    demo_dataset(PAKET)
    analyst = enter("analyst", "bappeda")
    assert ask(analyst, PAKET).status_code == 303
    assert "<circle cx=" in analyst.get("/").text
    assert figures(analyst)[2] == "1"
    open_to_all = visitor.get("/").text
    assert "<circle cx=" not in open_to_all
    assert "bappeda" not in open_to_all.lower()


def test_a_waiting_request_stands_with_its_clock_for_those_it_concerns(
    visitor: TestClient, enter: Enter, demo_dataset: Make, ask: Callable[..., Any]
) -> None:
    demo_dataset(PAKET, "TERBATAS")
    ask(enter("analyst", "bappeda"), PAKET)
    head = enter("head", "bpbj").get("/").text
    # One working day to look whether it is complete: what comes after 16.00 counts from the next.
    assert re.search(r"Sisa [12] hari kerja", head)
    for other in (visitor, enter("head", "bkad")):
        assert "hari kerja</span>" not in other.get("/").text


def test_a_new_release_is_listed_with_what_it_changed(
    visitor: TestClient, demo_dataset: Make, push_rows: Callable[..., None]
) -> None:
    demo_dataset(PROGRAM)
    push_rows(PROGRAM, 7)
    text = visitor.get("/").text
    assert 'href="/katalog/bkad/program"' in text
    assert "+7</span>" in text


def test_the_language_is_remembered(visitor: TestClient) -> None:
    assert "Who gives to whom" in visitor.get("/?lang=en").text
    assert '<html lang="en">' in visitor.get("/").text
    assert '<html lang="id">' in visitor.get("/?lang=id").text
