"""A hub of one's own: registered into at the shell, served, asked, and ended."""

import json
import signal
import socket
import stat
import time
from typing import get_args
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from hub.agencies.models import AgencyKind
from hub.agencies.roles import Role as RoleOfHub
from hub.auth import sealing, second_factor, totp
from hub.auth.service import person_named
from hub.calendar import real_now
from hub.cli import app
from hub.cli.administration import Kind, Role
from hub.client import Simpul
from hub.db import open_engine, unit_of_work
from hub.settings import Settings


@pytest.fixture(scope="module")
def operator(tmp_path_factory):
    """Commands on the machine of the hub, whose home is the first thing that they make."""
    home = tmp_path_factory.mktemp("instans") / "home"

    def at_the_desk(*arguments):
        ran = CliRunner().invoke(app, arguments, env={"SIMPUL_HOME": str(home)})
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
        return ran

    assert at_the_desk("init", "--profile", "bandung").exit_code == 0
    added = at_the_desk("agency", "add", "dlh", "Dinas Lingkungan (sintetis)", "--kind", "dinas")
    assert added.exit_code == 0, added.stderr
    at_the_desk.home = home
    return at_the_desk


def told(ran):
    assert ran.exit_code == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def program(operator):
    return told(
        operator("client", "add", "Kiriman malam", "--agency", "dlh", "--role", "steward", "--json")
    )


@pytest.fixture
def person(operator):
    command = ("person", "add", "sari", "--name", "Sari Contoh (sintetis)", "--agency", "dlh")
    return (*command, "--role", "steward", "--title", "Pengelola Data")


def test_the_words_of_the_command_line_are_those_of_the_hub():
    assert set(get_args(Kind)) == {kind.value for kind in AgencyKind}
    assert set(get_args(Role)) == {role.value for role in RoleOfHub}


def test_an_instance_is_made_once_and_found_well(operator):
    again = operator("init", "--profile", "bandung")
    assert again.exit_code == 1
    assert operator("db", "upgrade").exit_code == 0
    findings = told(operator("doctor", "--json"))
    assert [finding["what"] for finding in findings if not finding["ok"]] == []


def test_the_home_with_all_rows_is_for_the_hubs_user_alone(operator, here, tmp_path):
    assert stat.S_IMODE(operator.home.stat().st_mode) == 0o700
    upgraded = tmp_path / "lain"
    assert here("db", "upgrade", SIMPUL_HOME=str(upgraded)).exit_code == 0
    assert stat.S_IMODE(upgraded.stat().st_mode) == 0o700


def test_before_there_is_an_instance_the_operator_is_told_to_make_one(here, tmp_path):
    home = str(tmp_path / "belum")
    refused = here("agency", "add", "x", "X", SIMPUL_HOME=home)
    assert refused.exit_code == 1
    assert "simpul init" in refused.stderr
    unproven = here("ledger", "verify", SIMPUL_HOME=home)
    assert unproven.exit_code == 1
    assert "simpul init" in unproven.stderr
    unwell = here("doctor", SIMPUL_HOME=home)
    assert unwell.exit_code == 1
    assert "✗" in unwell.stdout
    assert not (tmp_path / "belum").exists()  # looking makes nothing


def test_a_person_is_asked_for_a_password_and_signs_in_with_it(operator, person):
    short = operator(*person, "--password", "pendek")
    assert short.exit_code == 1
    assert "12" in short.stderr
    password = "kata sandi panjang (sintetis)"
    added = told(operator(*person, "--password", password, "--json"))
    assert added == {"username": "sari", "agency": "dlh", "role": "steward"}
    assert operator(*person, "--password", password).exit_code == 1  # there is one already


def test_the_operator_takes_away_a_lost_code_app(operator, person):
    operator(*person, "--password", "kata sandi panjang (sintetis)")
    assert operator("person", "reset-factor", "tiada").exit_code == 1
    assert operator("person", "reset-factor", "sari").exit_code == 1  # she has none
    settings = Settings(home=operator.home)
    engine, key = open_engine(settings.database), sealing.key_from(None, settings.keys)
    with unit_of_work(engine) as session:
        sari, now = person_named(session, "sari").id, real_now()
        secret = second_factor.offer(session, key, sari, now=now)
        code = totp.code_at(secret, totp.step_of(now))
        second_factor.confirm(session, key, sari, code, now=now)
    assert operator("person", "reset-factor", " SARI ").exit_code == 0
    with unit_of_work(engine) as session:
        assert not second_factor.is_there(session, sari)
    engine.dispose()


def test_a_secret_of_a_program_is_printed_once_and_opens_the_hub(operator, program):
    assert program.keys() == {"client_id", "client_secret", "scope"}
    refused = operator("client", "add", "Lain", "--scope", "segala:hal")
    assert refused.exit_code == 1
    assert refused.stdout == ""
    nowhere = ("--agency", "tidak-ada", "--role", "analyst")
    assert operator("client", "add", "Lain", *nowhere).exit_code == 1


def test_a_served_hub_drains_and_leaves_nothing_behind(operator, program, serve):
    with serve("serve", operator.home) as hub:
        with Simpul(hub.url, program["client_id"], program["client_secret"]) as simpul:
            assert simpul.ask("GET", "/api/v1/me")["agency"] == "dlh"
        assert hub.begun(), "a worker at least"
        with _half_a_request(hub.url) as waiting:
            hub.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert hub.process.poll() is None, "left before what it had begun was done"
            waiting.sendall(b"=client_credentials")
            assert waiting.recv(64).startswith(b"HTTP/1.1 401")
    # `serve` asks for exit code 0 and for all that the hub had begun to be gone.


def _half_a_request(url):
    """A form whose end is still to come."""
    at = urlsplit(url)
    waiting = socket.create_connection((at.hostname, at.port), timeout=30)
    waiting.sendall(
        b"POST /oauth/token HTTP/1.1\r\nHost: hub\r\nContent-Length: 29\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant_type"
    )
    time.sleep(0.3)  # the hub begins to read it
    return waiting
