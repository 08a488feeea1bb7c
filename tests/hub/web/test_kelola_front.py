"""/kelola: what waits for the walidata, as one list."""

from datetime import timedelta

from sqlmodel import select

from hub.calendar import real_now
from hub.db import unit_of_work
from hub.grants.models import Grant
from hub.proceedings.models import Proceeding


def test_nothing_waits_in_an_empty_hub(enter):
    assert "Tidak ada yang menunggu Anda" in enter("walidata", "dkisp").get("/kelola").text


def test_a_request_is_there_once_its_term_is_over_and_a_contract_while_it_is_unsigned(
    hub, enter, make_client, make_dataset
):
    walidata = enter("walidata", "dkisp")
    late, shared = make_dataset("TERBATAS"), make_dataset("BERBAGI", "paket", title="Paket")
    analyst = make_client("analyst", "bappeda")
    asked = {"purpose": "Evaluasi RKPD", "basis": "Tupoksi (sintetis)"}
    for name in (late, shared):
        assert analyst.post(f"/api/v1/datasets/{name}/requests", json=asked).status_code == 201
    assert "Permintaan menunggu Anda" in walidata.get("/kelola").text
    with unit_of_work(hub.app.state.engine) as session:
        request = session.exec(select(Proceeding).where(Proceeding.dataset == late)).one()
        request.due_at = request.opened_at - timedelta(days=7)
        grant = session.exec(select(Grant).where(Grant.target == shared)).one()
        grant.waits_until = real_now() + timedelta(days=3)
    shown = walidata.get("/kelola").text
    assert "Permintaan melewati tenggat" in shown
    assert "hari kerja</span>" in shown
    assert "Kontrak menunggu tanda tangan" in shown
    assert f"/permintaan/{request.id}" in shown


def test_the_front_is_the_walidatas_alone(enter):
    assert enter("head", "bpbj").get("/kelola").status_code == 403
