"""/utang-data: asked for on a page, answered on a page, shown to all members."""

import re
from collections.abc import Callable

from starlette.testclient import TestClient

Enter = Callable[..., TestClient]
WISH = {
    "title": "Titik sumur bor per desa",
    "agency": "dpupr",
    "purpose": "Rencana air bersih",
    "basis": "Tugas pokok (sintetis)",
    "fields": "desa\nkoordinat",
}


def test_data_that_is_not_there_is_asked_for_promised_and_seen(
    enter: Enter, make_agency: Callable[..., str]
) -> None:
    make_agency("dpupr")
    analyst, head = enter("analyst", "bappeda"), enter("head", "dpupr")
    assert "Tidak ada utang data" in analyst.get("/utang-data").text
    form = analyst.get("/utang-data/baru?title=Sumur+bor")
    assert (form.status_code, 'value="Sumur bor"' in form.text) == (200, True)
    bare = analyst.post("/utang-data/baru", data={**WISH, "basis": ""})
    assert (bare.status_code, 'href="#basis"' in bare.text) == (422, True)
    assert "Rencana air bersih" in bare.text
    made = analyst.post("/utang-data/baru", data=WISH, follow_redirects=False)
    path = made.headers["location"]
    assert re.fullmatch(r"/utang-data/UD-\d{4}-000001", path)
    assert "Sanggupi, dengan hari" not in analyst.get(path).text
    assert "Sanggupi, dengan hari" in head.get(path).text
    early = head.post(path, data={"event": "sanggupi", "value": "2020-01-01"})
    assert (early.status_code, "Hari penyelesaian" in early.text) == (422, True)
    reason = "Bukan urusan kami (sintetis)"
    done = head.post(path, data={"event": "bukan_milik", "reason": reason}, follow_redirects=False)
    assert done.status_code == 303
    walidata = enter("walidata", "dkisp").get(path)
    assert "Tunjuk calon pemilik lain" in walidata.text
    assert reason in walidata.text
    assert "Titik sumur bor" in enter("head", "dinkes").get("/utang-data").text
    assert "The walidata looks for its owner" in head.get(f"{path}?lang=en").text
