"""/katalog: the same answer as the API, every view an address."""

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

Enter = Callable[..., TestClient]
Make = Callable[..., str]


@pytest.fixture
def three(demo_dataset: Make) -> None:
    for name in ("bkad/program", "bpbj/paket-nontender", "bpbj/kontrak-nontender"):
        demo_dataset(name)


def listed(text: str) -> list[str]:
    return re.findall(r'<h2><a href="/katalog/([^"]+)"', text)


@pytest.mark.usefixtures("three")
def test_it_finds_what_the_api_finds_with_the_same_counts(enter: Enter) -> None:
    analyst = enter("analyst", "bappeda")
    for query in ("", "?q=paket", "?access=BERBAGI", "?agency=bpbj&access=TERBATAS", "?q=tiada"):
        page, api = analyst.get(f"/katalog{query}"), analyst.get(f"/api/v1/datasets{query}").json()
        assert listed(page.text) == [item["id"] for item in api["items"]], query
        counts = {f["value"]: f["count"] for f in api["facets"]["access"]}
        shown = re.findall(
            r'name="access" value="(\w+)"[^>]*>[^<]*<span class="n">(\d+)', page.text
        )
        assert {value: int(count) for value, count in shown if int(count)} == counts, query


@pytest.mark.usefixtures("three")
def test_visitors_find_nothing_of_closed_datasets(visitor: TestClient) -> None:
    text = visitor.get("/katalog?q=kontrak").text
    assert listed(text) == []
    assert "nontender" not in text
    assert listed(visitor.get("/katalog").text) == ["bkad/program"]


@pytest.mark.usefixtures("three")
def test_a_chip_takes_its_filter_away_and_keeps_the_rest(enter: Enter) -> None:
    text = enter("analyst", "bappeda").get("/katalog?q=paket&agency=bpbj&access=BERBAGI").text
    chips = [
        link.replace("&amp;", "&") for link in re.findall(r'class="chip" href="([^"]+)"', text)
    ]
    assert sorted(chips) == ["/katalog?q=paket&access=BERBAGI", "/katalog?q=paket&agency=bpbj"]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("query", ["sort=mustahil", "access=RAHASIA", "cursor=bukan-kursor"])
def test_an_address_somebody_made_up_is_no_error(visitor: TestClient, query: str) -> None:
    answer = visitor.get(f"/katalog?{query}", follow_redirects=True)
    assert answer.status_code == 200
    assert listed(answer.text) == ["bkad/program"]


@pytest.mark.usefixtures("three")
def test_what_is_typed_comes_back_as_text_and_not_as_markup(visitor: TestClient) -> None:
    text = visitor.get("/katalog", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in text
