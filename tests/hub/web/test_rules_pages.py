"""Rule books as pages: read by anybody, changed by the walidata without JSON; who carries a mandate."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from fastapi import FastAPI
from sqlmodel import select
from starlette.testclient import TestClient

from hub.agencies.models import Post
from hub.db import reading
from hub.rules import service

NAME = "permintaan-data"
BASIS = "Perbup 1 Tahun 2026 (sintetis)"


@pytest.fixture
def walidata(make_person: Callable[..., object], sign_in: Callable[..., TestClient]) -> TestClient:
    return sign_in(make_person("walidata", "dkisp", password="kata sandi panjang"))


def values(page: str) -> list[str]:
    """What the form would send, in its order."""
    found = re.findall(
        r'<(?:input[^>]* name="value"[^>]* value="([^"]*)"|option value="(ya|tidak)" selected)',
        page,
    )
    return [unescape(one or other) for one, other in found]


def error_of(page: str) -> str:
    """What the summary above the form says."""
    found = re.search(r'class="error-summary".*?</div>', page, re.DOTALL)
    return found[0] if found else ""


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_anybody_reads_every_book(hub: TestClient, lang: str) -> None:
    listed = hub.get(f"/aturan?lang={lang}").text
    for name in service.names():
        assert f'href="/aturan/{name}"' in listed
        answer = hub.get(f"/aturan/{name}?lang={lang}")
        assert answer.status_code == 200
        assert "{&#39;" not in answer.text  # nothing is shown as a program writes it


def test_a_procedure_is_drawn_state_by_state_with_days_and_sources(hub: TestClient) -> None:
    page = hub.get(f"/aturan/{NAME}").text
    body = service.packaged(NAME).body
    places = [page.index(f'<li id="{state}"') for state in body["states"]]
    assert places == sorted(places)
    state = page[page.index('<li id="menunggu_produsen"') : page.index('<li id="terlambat"')]
    assert "10 hari kerja</strong> bila data pribadi" in state
    assert "pembanding UU 14/2008 pasal 22 ayat (7), 10 hari kerja" in state
    assert "Bila diam" in state
    assert "Terlambat: produsen belum menjawab" in state
    assert "<b>H+3</b> Sekretaris Daerah" in state
    assert "paling banyak 1 kali" in state
    assert hub.get("/aturan/tidak-ada").status_code == 404


def test_the_walidata_changes_a_term_and_everybody_sees_what_changed(
    hub: TestClient, walidata: TestClient
) -> None:
    form = walidata.get(f"/kelola/aturan/{NAME}").text
    sent = values(form)
    assert len(sent) > 40
    assert "Menunggu produsen › tenggat › data pribadi" in form
    place = sent.index("Usulan Perbup; pembanding UU 30/2014 pasal 53 ayat (2), 5 hari kerja") - 1
    assert sent[place] == "5"
    sent[place] = "7"
    said = {"value": sent, "basis": BASIS, "seen": "0", "key": hidden(form, "key")}
    answer = walidata.post(f"/kelola/aturan/{NAME}", data=said, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/aturan/{NAME}")
    page = hub.get(f"/aturan/{NAME}").text
    changed = page[page.index('id="beda"') : page.index('id="tangga"')]
    assert "<td>5</td><td>7</td>" in changed
    assert "Menunggu produsen" in changed
    assert changed.count("<tr>") == 2
    assert BASIS in page
    assert "Versi lama." in hub.get(f"/aturan/{NAME}?versi=0").text
    late = walidata.post(f"/kelola/aturan/{NAME}", data=said | {"key": "lain"})
    assert late.status_code == 412


@pytest.mark.parametrize("wrong", ["lima", "0", "-3", ""])
def test_a_wrong_number_is_said_at_the_form_and_nothing_is_lost(
    walidata: TestClient, wrong: str
) -> None:
    form = walidata.get(f"/kelola/aturan/{NAME}").text
    sent = values(form)
    place = next(number for number, one in enumerate(sent) if one == "10")
    sent[place] = wrong
    said = {"value": sent, "basis": BASIS, "seen": "0", "key": hidden(form, "key")}
    answer = walidata.post(f"/kelola/aturan/{NAME}", data=said)
    assert answer.status_code == 422
    assert 'class="error-summary"' in answer.text
    assert values(answer.text) == sent
    assert walidata.get(f"/api/v1/rules/{NAME}").json()["version"] == 0


def test_every_book_has_a_form_that_puts_what_it_shows(walidata: TestClient) -> None:
    """Sent as it is, nothing differs."""
    for name in service.names():
        form = walidata.get(f"/kelola/aturan/{name}").text
        said = {"value": values(form), "basis": BASIS, "seen": "0", "key": hidden(form, "key")}
        answer = walidata.post(f"/kelola/aturan/{name}", data=said)
        assert answer.status_code == 409, (name, error_of(answer.text))


def test_nobody_else_has_these_forms(
    make_person: Callable[..., object], sign_in: Callable[..., TestClient], hub: TestClient
) -> None:
    head = sign_in(make_person("head", "bpbj", password="kata sandi panjang"))
    for path in (f"/kelola/aturan/{NAME}", "/kelola/mandat"):
        assert head.get(path).status_code == 403
    assert head.post(f"/kelola/aturan/{NAME}", data={"basis": BASIS}).status_code == 403
    assert "Ubah nilai" not in hub.get(f"/aturan/{NAME}").text


def test_a_mandate_is_given_to_a_post_and_taken_back(
    hub: TestClient, walidata: TestClient, make_person: Callable[..., object]
) -> None:
    make_person("head", "bpbd")
    page = walidata.get("/kelola/mandat").text
    assert "Tidak ada yang memegangnya." in page[page.index('id="bpbd"') :]
    assert isinstance(hub.app, FastAPI)
    with reading(hub.app.state.engine) as session:
        post = session.exec(select(Post.id).where(Post.agency == "bpbd")).one()
    said = {"mandate": "bpbd", "post": post, "key": hidden(page, "key")}
    assert walidata.post("/kelola/mandat", data=said).status_code == 200
    page = walidata.get("/kelola/mandat").text
    assert "Lepaskan" in page[page.index('id="bpbd"') :]
    assert walidata.post("/kelola/mandat/lepas", data=said).status_code == 200
    assert "Lepaskan" not in walidata.get("/kelola/mandat").text
    assert walidata.post("/kelola/mandat", data=said | {"post": "", "key": "b"}).status_code == 404
