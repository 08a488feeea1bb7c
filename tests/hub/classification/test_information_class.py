"""The class of public information follows the access class, or is one that goes with it; reviews are told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from starlette.testclient import TestClient

from hub.calendar import StoppedClock
from hub.classification import reminding
from tests.hub.classification.test_raising import deliver, only, registered, steward

__all__ = ["deliver", "steward"]
Make = Callable[..., TestClient]


def stored(who: TestClient, dataset: str) -> str:
    return str(who.get(f"/api/v1/datasets/{dataset}").json()["kip_class"])


def test_a_class_of_public_information_goes_with_the_access_class_or_is_refused(
    steward: TestClient,
) -> None:
    dataset = registered(steward, access_class="BERBAGI", kip_class="berkala")
    path, anyway = f"/api/v1/datasets/{dataset}", {"If-Match": "*"}
    for wrong in ("dikecualikan", "rahasia"):
        refused = steward.patch(path, json={"kip_class": wrong}, headers=anyway)
        assert refused.status_code == 422
        assert refused.json()["kip_classes"] == ["berkala", "serta_merta", "setiap_saat"]
    assert stored(steward, dataset) == "berkala"
    assert steward.patch(path, json={"kip_class": ""}, headers=anyway).status_code == 200
    assert stored(steward, dataset) == ""
    page = steward.get(f"/katalog/{dataset}").text
    assert "Tersedia setiap saat" in page
    assert "mengikuti kelas aksesnya" in page


def test_an_excluded_dataset_that_falls_back_is_no_longer_excluded_information(
    steward: TestClient, deliver: Callable[[], None]
) -> None:
    dataset = registered(
        steward, access_class="TERBATAS", restriction_basis="T10: sistem", kip_class="dikecualikan"
    )
    deliver()
    path = f"/api/v1/classifications/{only(steward)['id']}/moves"
    assert steward.post(path, json={"event": "turunkan"}).json()["state"] == "turun"
    assert stored(steward, dataset) == ""


def test_the_day_of_review_is_told_once_and_only_of_a_class_in_force(
    hub: TestClient, steward: TestClient, make_client: Make, deliver: Callable[[], None]
) -> None:
    registered(steward, access_class="TERBATAS", restriction_basis="untuk internal")
    deliver()
    path = f"/api/v1/classifications/{only(steward)['id']}/moves"
    state: Any = hub.app.state  # type: ignore[attr-defined]
    now: datetime = state.clock.now()
    due = (now + timedelta(days=30)).date()
    said = {"ground": "T10", "review_on": due.isoformat()}
    body = {"event": "beri_dasar", "reason": "Menyangkut sistem (sintetis)", "said": said}
    assert steward.post(path, json=body).json()["review_on"] == due.isoformat()

    def remind(days: int) -> int:
        clock = StoppedClock(state.settings.zone, moment=now + timedelta(days=days))
        return reminding.remind(state.engine, clock)

    assert remind(31) == 0  # nobody has confirmed it yet
    walidata = make_client("walidata", "dkisp")
    assert walidata.post(path, json={"event": "sahkan"}).json()["state"] == "sah"
    assert remind(29) == 0
    assert remind(30) == 2  # the steward of bpbj and the walidata
    assert remind(31) == 0
