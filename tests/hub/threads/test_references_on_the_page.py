"""The dataset's page shows how its records join those of others, to members alone."""

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

PAKET, SATKER = "bpbj/paket-nontender", "dkisp/satker"


def test_members_see_on_both_pages_what_joins_and_visitors_do_not(
    enter_demo: Callable[..., None],
    push: Callable[..., None],
    served: Callable[[str], list[dict[str, Any]]],
    work_off: Callable[[], int],
    hub: TestClient,
    make_person: Callable[..., Any],
    sign_in: Callable[[Any], TestClient],
) -> None:
    enter_demo(SATKER, PAKET)
    packages, agencies = served(PAKET)[:60], served(SATKER)
    push(PAKET, packages)
    known = packages[0]["kd_satker_str"]
    push(SATKER, [row for row in agencies if row["kd_satker_str"] != known])
    work_off()
    lost = sum(row["kd_satker_str"] == known for row in packages)
    member = sign_in(make_person("analyst", "bappeda", password="sandi panjang sekali"))
    page = member.get(f"/katalog/{PAKET}").text
    assert 'id="rujukan"' in page
    assert "kd_satker_str → kd_satker_str" in page
    assert (
        f'<td class="num">{60 - lost}</td><td class="num">0</td><td class="num">{lost}</td>' in page
    )
    assert f'href="/katalog/{PAKET}"' in member.get(f"/katalog/{SATKER}").text
    english = member.get(f"/katalog/{PAKET}?lang=en").text
    assert "Refers to nothing" in english
    assert 'id="rujukan"' not in hub.get(f"/katalog/{SATKER}").text
