"""People sign in: passwords, sessions and what a guesser meets (T31, T32)."""

import time
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from hub.auth import passwords, service, signing_in, tries
from hub.auth.cookies import cookie_name
from hub.auth.errors import WrongPassword
from hub.auth.models import LoginSession, Person, SignInTries
from hub.calendar import real_now
from hub.db import reading, unit_of_work
from hub.errors import InvalidInput, TooManyRequests

PASSWORD = "rahasia-sintetis"


@pytest.fixture
def engine(hub):
    return hub.app.state.engine


def test_a_person_signs_in_and_out(hub, engine, make_person, sign_in):
    person = make_person("steward", "bpbj", username="steward1", password=PASSWORD)
    browser = sign_in(person)
    me = browser.get("/api/v1/me").json()
    assert (me["id"], me["via"], me["agency"], me["roles"]) == (
        person.id,
        "session",
        "bpbj",
        ["steward"],
    )
    again = signing_in.sign_in(engine, " STEWARD1 ", PASSWORD, now=real_now())
    secret = browser.cookies[cookie_name(hub.app.state.settings)]
    assert again.secret != secret
    with reading(engine) as session:
        assert secret not in session.exec(select(LoginSession.hash)).all()
    with unit_of_work(engine) as session:
        signing_in.sign_out(session, secret)
    assert browser.get("/api/v1/me").status_code == 401


def test_a_session_ends_in_silence_after_a_day_and_with_the_person(
    hub, engine, make_person, sign_in
):
    person = make_person("analyst", "bappeda", password=PASSWORD)
    browser = sign_in(person)

    def after(**moved) -> int:
        with unit_of_work(engine) as session:
            session.exec(update(LoginSession).values(**moved))
        return browser.get("/api/v1/me").status_code

    now = real_now()
    assert after(seen_at=now - timedelta(minutes=31)) == 401
    assert after(seen_at=now - timedelta(minutes=29)) == 200
    with reading(engine) as session:  # being used keeps it alive
        assert session.exec(select(LoginSession.seen_at)).one() >= now
    assert after(created_at=now - timedelta(hours=10, minutes=1)) == 401
    assert after(created_at=now) == 200
    with unit_of_work(engine) as session:
        service.change_person(session, person.id, active=False)
    assert browser.get("/api/v1/me").status_code == 401
    with pytest.raises(WrongPassword):
        signing_in.sign_in(engine, person.username, PASSWORD, now=now)


def test_an_old_cookie_makes_a_visitor_not_an_error(hub):
    hub.cookies.set("simpul", "long-gone")
    assert hub.get("/api/v1/agencies").status_code == 200
    assert hub.get("/api/v1/me").status_code == 401


def test_unknown_and_known_names_are_refused_alike(engine, make_person):
    make_person(username="ada", password=PASSWORD)
    make_person(username="kosong")
    now, took, said = real_now(), {}, {}
    for name in ("ada", "tiada", "kosong"):
        began = time.thread_time()
        with pytest.raises(WrongPassword) as refused:
            signing_in.sign_in(engine, name, "salah-sandi", now=now)
        took[name], said[name] = time.thread_time() - began, str(refused.value)
        for _ in range(9):
            tries.count(engine, tries.of_name(name), now=now)
        with pytest.raises(TooManyRequests) as closed:
            signing_in.sign_in(engine, name, PASSWORD, now=now)
        assert 0 < closed.value.retry_after <= 900
    assert len(set(said.values())) == 1
    assert took["tiada"] > took["ada"] / 5, "a missing name must cost a hash as well"


def test_a_closed_name_opens_again_and_success_forgets_failures(engine, make_person):
    make_person(username="ada", password=PASSWORD)
    now = real_now()
    for _ in range(11):
        try:
            tries.count(engine, tries.of_name("ada"), now=now)
        except TooManyRequests:
            break
    else:
        pytest.fail("eleven tries went through")
    later = now + timedelta(minutes=16)
    assert signing_in.sign_in(engine, "ada", PASSWORD, now=later).name
    with reading(engine) as session:
        assert session.exec(select(SignInTries)).all() == []


def test_a_new_password_ends_other_sign_ins_and_an_old_hash_is_renewed(
    hub, engine, make_person, sign_in
):
    person = make_person(username="ada", password=PASSWORD)
    browser, now = sign_in(person), real_now()
    with pytest.raises(WrongPassword):
        signing_in.new_hash(engine, person.id, "salah", "kata-sandi-baru", now=now)
    assert browser.get("/api/v1/me").status_code == 200
    hashed = signing_in.new_hash(engine, person.id, PASSWORD, "kata-sandi-baru", now=now)
    with unit_of_work(engine) as session:
        signing_in.replace_password(session, person.id, hashed, now=now)
    assert browser.get("/api/v1/me").status_code == 401
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    with unit_of_work(engine) as session:
        session.exec(
            update(Person)
            .where(col(Person.id) == person.id)
            .values(password_hash=weak.hash(PASSWORD))
        )
    signing_in.sign_in(engine, "ada", PASSWORD, now=now)
    with reading(engine) as session:
        stored = session.get_one(Person, person.id).password_hash
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_what_can_prove_nothing_any_more_is_swept(engine, make_person, sign_in):
    sign_in(make_person(password=PASSWORD))
    with unit_of_work(engine) as session:
        signing_in.sweep(session, now=real_now())
        assert len(session.exec(select(LoginSession)).all()) == 1
        signing_in.sweep(session, now=real_now() + timedelta(days=31))
        assert session.exec(select(LoginSession)).all() == []


def test_passwords_have_a_length_and_a_profile():
    for bad in ("", "pendek7", "sebelas-sbl", "x" * 300):
        with pytest.raises(InvalidInput, match="12 to 256"):
            passwords.hash_password(bad)
    hashed = passwords.hash_password("kata sandi yang panjang")
    assert passwords.is_password("kata sandi yang panjang", hashed)
    assert not passwords.is_password("kata sandi lain", hashed)
    assert not passwords.is_password("nobody", "")
    assert not passwords.is_password("x", "not a hash")
    assert not passwords.is_outdated(hashed)


@pytest.mark.parametrize(
    "guessed",
    [
        "qwerty123456",
        "Password1234!",
        "2026-Indonesia-2026",
        "bismillahbismillah",
        "121212121212",
        "Siti.Rahma-Dinas",
        "siti.rahma-dinas99",
    ],
)
def test_what_is_tried_first_is_no_password(guessed):
    with pytest.raises(InvalidInput, match="tried first"):
        passwords.hash_password(guessed, username="siti.rahma-dinas")


def test_a_walidata_sets_no_password_that_is_the_user_name(make_client, make_person):
    person = make_person(username="siti.rahma-dinas")
    walidata = make_client("walidata", "dkisp")
    path = f"/api/v1/people/{person.id}/password"
    assert walidata.put(path, json={"password": "Siti.Rahma-Dinas"}).status_code == 422
    assert walidata.put(path, json={"password": "empat kata lain lagi"}).status_code == 204


def test_a_short_password_of_old_still_opens_and_its_hash_is_renewed(engine, make_person):
    person = make_person(username="ada", password=PASSWORD)
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    with unit_of_work(engine) as session:
        service.set_password(session, person.id, weak.hash("pendek7"))
    assert signing_in.sign_in(engine, "ada", "pendek7", now=real_now())
    with reading(engine) as session:
        assert not passwords.is_outdated(session.get_one(Person, person.id).password_hash)
