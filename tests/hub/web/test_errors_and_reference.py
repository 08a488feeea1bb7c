"""Errors as pages, the API reference, problem types, schemas, signing in."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from hub.problems import INVALID_REQUEST, PROBLEMS, UNEXPECTED
from hub.web.headers import POLICY
from hub.web.pages.signing_in import own_path

Enter = Callable[..., TestClient]


def test_who_has_not_signed_in_is_led_there_and_back(visitor: TestClient) -> None:
    answer = visitor.get("/permintaan?x=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/masuk?next=/permintaan%3Fx%3D1"


def test_a_browser_gets_a_page_and_a_program_a_problem(visitor: TestClient) -> None:
    page = visitor.get("/tidak-ada")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert page.headers["content-security-policy"] == POLICY
    for path, accept in (("/tidak-ada", "*/*"), ("/api/v1/tidak-ada", "text/html")):
        answer = visitor.get(path, headers={"Accept": accept})
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_fault_of_ours_is_admitted_without_details(hub: TestClient) -> None:
    assert isinstance(hub.app, FastAPI)

    def broken() -> None:
        raise ZeroDivisionError("rahasia dapur")

    hub.app.add_api_route("/rusak", broken)
    careless = TestClient(hub.app, base_url="http://testserver", raise_server_exceptions=False)
    page = careless.get("/rusak", headers={"Accept": "text/html"})
    problem = careless.get("/rusak")
    assert page.status_code == problem.status_code == 500
    assert page.headers["content-security-policy"] == POLICY
    assert "rahasia dapur" not in page.text + problem.text
    assert problem.json()["type"] == "/problems/unexpected"


def test_every_problem_type_has_a_page_in_both_languages(visitor: TestClient) -> None:
    slugs = {problem.slug for problem in (*PROBLEMS.values(), INVALID_REQUEST, UNEXPECTED)}
    index = visitor.get("/problems").text
    for slug in slugs:
        assert f"/problems/{slug}" in index
        for language in ("id", "en"):
            answer = visitor.get(f"/problems/{slug}?lang={language}")
            assert answer.status_code == 200, slug
    assert visitor.get("/problems/mustahil").status_code == 404


def test_the_reference_has_every_operation(visitor: TestClient) -> None:
    text = visitor.get("/docs").text
    for path, item in visitor.get("/openapi.json").json()["paths"].items():
        for method in item:
            assert f"<code>{method.upper()} {path}</code>" in text


def test_schemas_are_listed_and_told_in_words(visitor: TestClient) -> None:
    found = visitor.get("/skema?q=kontrak").text
    assert 'href="/skema/lkpp/nontender-kontrak/1.0.0"' in found
    assert "lkpp/satker" not in found
    one = visitor.get("/skema/lkpp/nontender-kontrak/1.0.0?lang=en").text
    assert "<code>no_kontrak</code>" in one
    assert 'href="/schemas/lkpp/nontender-kontrak/1.0.0.json"' in one
    assert visitor.get("/skema/lkpp/nontender-kontrak").status_code == 303
    contract = visitor.get("/skema/e-delivery/kontrak/1.0.0?lang=en").text
    assert "The sum of termin.nilai must not be more than nilai_kontrak." in contract
    assert contract.count("only warns") == 3
    assert visitor.get("/skema/lkpp/nontender-kontrak/9.9.9").status_code == 404


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/katalog?q=a&b=c", "/katalog?q=a&b=c"),
        ("https://jahat.invalid/", "/"),
        ("//jahat.invalid", "/"),
        ("/\\jahat.invalid", "/"),
        ("/\tjahat", "/"),
        ("katalog", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_nowhere_but_to_our_own_pages(asked: str, path: str) -> None:
    assert own_path(asked) == path


def test_a_wrong_password_is_told_in_a_summary_and_the_name_stays(visitor: TestClient) -> None:
    answer = visitor.post("/masuk", data={"username": "siapa", "password": "salah"})
    assert answer.status_code == 401
    assert 'class="error-summary"' in answer.text
    assert 'value="siapa"' in answer.text


def test_the_right_password_leads_back_and_signing_out_ends_it(
    visitor: TestClient, make_person: Callable[..., object], hub: TestClient
) -> None:
    person = make_person("analyst", "bappeda", password="kata sandi panjang (sintetis)")
    said = {
        "username": person.username,  # type: ignore[attr-defined]  # the fixture's own shape
        "password": "kata sandi panjang (sintetis)",
        "next": "/permintaan",
    }
    answer = visitor.post("/masuk", data=said, headers={"Sec-Fetch-Site": "same-origin"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/permintaan")
    assert visitor.get("/permintaan").status_code == 200
    assert visitor.post("/keluar", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert visitor.get("/permintaan").status_code == 303


def test_a_personal_token_is_shown_once_and_reads_until_it_is_ended(
    hub: TestClient, enter: Enter, form_key: Callable[..., str]
) -> None:
    analyst = enter("analyst", "bappeda")
    said = {"key": form_key(analyst, "/akun"), "name": "Excel di kantor", "days": "30"}
    made = analyst.post("/akun", data=said).text
    token = made.split('id="token"')[1].split("<code>")[1].split("</code>")[0]
    bearer = {"Authorization": f"Bearer {token}"}
    assert hub.get("/api/v1/me", headers=bearer).status_code == 200
    assert token not in analyst.post("/akun", data=said).text  # a double click makes no second one
    page = analyst.get("/akun").text
    assert token not in page
    assert page.count("/akhiri") == 1
    path = page.split('action="')[2].split('"')[0]
    assert analyst.post(path).status_code == 303
    assert hub.get("/api/v1/me", headers=bearer).status_code == 401
