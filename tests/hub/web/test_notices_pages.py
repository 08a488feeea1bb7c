"""/pesan and its parts: one's own notices, what went out, and how one is told."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from hub.agencies.models import Post
from hub.auth.models import Person
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.notices.addressing import address_due
from hub.notices.channels import channels_of
from hub.notices.models import Ways, Webhook
from hub.notices.telling import AgencyRecipient, Message, PostRecipient, tell
from hub.settings import Settings
from tests.hub.web.conftest import Enter

PHONE = "+6200000000000"


@pytest.fixture
def tell_post(hub: TestClient) -> Callable[..., None]:
    """Tell the post of that role something; the sender makes its rows at once."""

    def make(role: str, number: int = 1, *more: Any) -> None:
        state = hub.app.state  # type: ignore[attr-defined]
        message = Message(
            once=f"kejadian/{number}",
            topic="request.due",
            subject_id=f"Permintaan nomor {number} jatuh tempo",
            subject_en=f"Request number {number} is due",
            body_id="Putuskan paling lambat pukul 16.00 WITA.",
            body_en="Decide by 16.00 WITA.",
            path="/katalog",
            at=datetime(2026, 3, 27, 0, 0, tzinfo=UTC),
        )
        with unit_of_work(state.engine) as session:
            post = session.exec(select(Post.id).where(Post.role == role)).one()
            tell(session, [PostRecipient(post), *more], message)
        address_due(state.engine, channels_of(state.settings), now=real_now())

    return make


def badge(count: int) -> str:
    """As the masthead has it."""
    return f'<span class="waiting">{count}<span class="hidden"> baru</span></span>'


def page(browser: TestClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_inbox_is_read_one_by_one_and_all_at_once(
    enter: Enter, tell_post: Callable[..., None]
) -> None:
    steward = enter("steward", "bpbj")
    assert "Tidak ada yang baru" in page(steward, "/pesan")
    for number in (1, 2, 3):
        tell_post("steward", number)
    assert badge(3) in page(steward, "/katalog")
    listed = page(steward, "/pesan")
    first = re.findall(r'href="/pesan/([0-9a-f]{32})"', listed)[0]
    assert "Permintaan nomor 3 jatuh tempo" in page(steward, f"/pesan/{first}")
    assert "Request number 3 is due" in page(steward, f"/pesan/{first}?lang=en")
    steward.cookies.delete("lang")
    assert badge(3) in page(steward, "/katalog")  # looking marks nothing
    opened = steward.post(f"/pesan/{first}/buka")
    assert (opened.status_code, opened.headers["location"]) == (303, "/katalog")
    assert badge(2) in page(steward, "/katalog")
    seen = re.search(r'name="seen" value="([^"]+)"', page(steward, "/pesan"))
    assert seen is not None
    tell_post("steward", 4)
    steward.post("/pesan/dibaca", data={"seen": seen[1]})
    assert badge(1) in page(steward, "/katalog")  # what came since was not seen
    assert steward.post("/pesan/dibaca", data={"seen": "kemarin"}).status_code == 422


def test_nobody_sees_the_notices_of_others(
    enter: Enter, visitor: TestClient, tell_post: Callable[..., None]
) -> None:
    steward, other = enter("steward", "bpbj"), enter("analyst", "bappeda")
    tell_post("steward")
    found = re.search(r'href="(/pesan/[0-9a-f]{32})"', page(steward, "/pesan"))
    assert found is not None
    assert "jatuh tempo" not in page(other, "/pesan")
    for path in ("", "/buka", "/dibaca"):
        ask = other.post if path else other.get
        assert ask(found[1] + path).status_code == 404
    assert visitor.get("/pesan").headers["location"].startswith("/masuk?next=")
    assert 'href="/pesan"' not in page(visitor, "/katalog")


def test_outgoing_messages_are_for_the_walidata(
    enter: Enter, tell_post: Callable[..., None]
) -> None:
    steward, walidata = enter("steward", "bpbj"), enter("walidata", "dkisp")
    tell_post("steward")
    assert steward.get("/pesan/keluar").status_code == 403
    assert "/pesan/keluar" not in page(steward, "/pesan")
    assert "Belum ada pesan keluar" in page(walidata, "/pesan/keluar")  # no channel is set


def test_the_walidata_tries_the_channels_out(enter: Enter) -> None:
    steward, walidata = enter("steward", "bpbj"), enter("walidata", "dkisp")
    shown = page(walidata, "/pesan/keluar")
    key = re.search(r'name="key" value="([^"]+)"', shown)
    assert key is not None
    for _ in range(2):  # a form that is sent twice takes effect once
        sent = walidata.post("/pesan/keluar/uji", data={"key": key[1]})
        assert (sent.status_code, sent.headers["location"]) == (303, "/pesan/keluar")
    assert page(walidata, "/pesan").count("<b>Pesan uji Simpul</b>") == 1
    assert steward.post("/pesan/keluar/uji").status_code == 403
    assert "Pesan uji" not in page(steward, "/pesan")


class TestInTheDemonstration:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"demo": True})

    def test_everybody_sees_what_would_go_out_and_addresses_are_cut(
        self, hub: TestClient, enter: Enter, tell_post: Callable[..., None]
    ) -> None:
        steward, walidata = enter("steward", "bpbj"), enter("walidata", "dkisp")
        with unit_of_work(hub.app.state.engine) as session:  # type: ignore[attr-defined]
            for person in session.exec(select(Person)):
                person.email = f"{person.username}@contoh.invalid"
                session.add(Ways(person=person.id, phone=PHONE, by_phone=True))
            session.add(
                Webhook(
                    agency="bpbj",
                    url="https://aplikasi.contoh.invalid/simpul",
                    secret=b"",
                    set_at=real_now(),
                )
            )
        tell_post("steward", 1, AgencyRecipient("bpbj"))
        shown = page(steward, "/pesan/keluar")
        assert shown.count("tidak dikirim (peragaan)") == 2
        assert "menunggu dikirim" in shown  # the webhook, which no setting switches off
        assert "Permintaan nomor 1 jatuh tempo" in shown
        assert "---- English ----" in shown
        text = "Simpul: Permintaan nomor 1 jatuh tempo. Putuskan paling lambat pukul 16.00 WITA."
        assert f"{text} http://testserver/katalog" in shown
        assert "notice.request.due" in shown
        assert set(re.findall(r"\S+@contoh.invalid", shown)) == {"&lt;o…@contoh.invalid"}
        assert PHONE not in shown
        assert PHONE in page(walidata, "/pesan/keluar")
        phones = page(walidata, "/pesan/keluar?kanal=phone")
        assert "---- English ----" not in phones
        assert walidata.get("/pesan/keluar?kanal=merpati").status_code == 422


def test_one_chooses_how_one_is_told(hub: TestClient, enter: Enter) -> None:
    analyst = enter("analyst", "bappeda")
    assert "Webhook instansi" not in page(analyst, "/pesan/atur")
    bad = analyst.post("/pesan/atur", data={"by_phone": "1", "phone": "bukan nomor"})
    assert bad.status_code == 422
    assert "Nomor ponsel belum benar" in bad.text
    assert "bukan nomor" in bad.text
    none = analyst.post("/pesan/atur", data={"by_phone": "1"})
    assert none.status_code == 422
    short = analyst.post("/pesan/atur", data={"by_phone": "1", "phone": "0812"})
    assert short.status_code == 422
    good = analyst.post("/pesan/atur", data={"by_phone": "1", "phone": "0000-0000-0000"})
    assert "Tersimpan." in good.text
    with reading(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        kept = session.exec(select(Ways)).one()
    assert (kept.phone, kept.by_mail, kept.by_phone) == (PHONE, False, True)


def test_a_steward_sets_the_webhook_of_the_agency(hub: TestClient, enter: Enter) -> None:
    steward = enter("steward", "bpbj")
    url = "https://aplikasi.contoh.invalid/simpul"
    shown = page(steward, "/pesan/atur")
    key = re.search(r'name="key" value="([^"]+)"', shown)
    assert key is not None
    bad = steward.post("/pesan/webhook/bpbj", data={"url": "http://127.0.0.1/", "key": key[1]})
    assert bad.status_code in (403, 422)
    assert "Webhook belum disimpan" in bad.text
    made = steward.post("/pesan/webhook/bpbj", data={"url": url, "key": key[1] + "2"})
    assert made.text.count("whsec_") == 1
    again = steward.post("/pesan/webhook/bpbj", data={"url": url, "key": key[1] + "2"})
    assert "whsec_" not in again.text  # the same form: nothing new is made
    assert "whsec_" not in page(steward, "/pesan/atur")
    assert steward.post("/pesan/webhook/dkisp", data={"url": url}).status_code in (403, 404)
    assert steward.post("/pesan/webhook/bpbj/hapus").status_code == 303
    with reading(hub.app.state.engine) as session:  # type: ignore[attr-defined]
        assert session.exec(select(Webhook)).all() == []
