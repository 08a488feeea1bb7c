"""Where a request comes from is what the connection says, or a proxy that the operator named."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest
from fastapi import Request
from starlette.testclient import TestClient

from hub.auth import tries
from hub.auth.caller import Caller, caller_of
from hub.calendar import real_now
from hub.settings import Settings

PASSWORD = "kata sandi panjang (sintetis)"
PROXY, STRANGER, VICTIM = "10.1.2.3", "203.0.113.9", "198.51.100.7"


def asked(peer: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    return Request({"type": "http", "headers": headers, "client": (peer, 1)})


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        (STRANGER, (), STRANGER),
        (STRANGER, (VICTIM,), STRANGER),  # a stranger's header is a stranger's invention
        (PROXY, (STRANGER,), STRANGER),
        (PROXY, (f"{VICTIM}, {STRANGER}",), STRANGER),
        (PROXY, (VICTIM, STRANGER), STRANGER),  # two lines are one list
        (PROXY, (f"{STRANGER}, 10.9.9.9",), STRANGER),  # two proxies
        (PROXY, (f"{VICTIM}, bukan-alamat",), PROXY),
        (PROXY, ("",), PROXY),
        (PROXY, (f"{STRANGER}:5321",), STRANGER),
        (PROXY, ("[2001:db8::1]:443",), "2001:db8::1"),
        (PROXY, (f"::ffff:{STRANGER}",), STRANGER),
        ("testclient", (), None),
    ],
)
def test_the_nearest_stranger_counts(tmp_path, peer, forwarded, found) -> None:
    settings = Settings(home=tmp_path, trusted_proxies=frozenset({"10.0.0.0/8"}))
    caller = caller_of(asked(peer, *forwarded), settings)
    assert (None if caller.address is None else str(caller.address)) == found


def test_without_a_named_proxy_no_header_counts(tmp_path) -> None:
    caller = caller_of(asked("127.0.0.1", VICTIM), Settings(home=tmp_path))
    assert str(caller.address) == "127.0.0.1"


def test_what_is_kept_is_a_network_and_what_is_counted_a_customer(tmp_path) -> None:
    four = caller_of(asked(STRANGER), Settings(home=tmp_path))
    six = caller_of(asked("2001:db8:1:2:3:4:5:6"), Settings(home=tmp_path))
    assert (four.network, four.counted) == ("203.0.113.0/24", "203.0.113.9/32")
    assert (six.network, six.counted) == ("2001:db8:1::/48", "2001:db8:1:2::/64")


class TestAHundredFailures:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(
            update={
                "trusted_proxies": Settings(
                    trusted_proxies=frozenset({"10.0.0.0/8"})
                ).trusted_proxies
            }
        )

    def test_close_a_network_and_a_success_takes_only_itself_out(
        self, hub: Any, make_person: Callable[..., Any]
    ) -> None:
        make_person("analyst", "bappeda", username="ada", password=PASSWORD)
        engine, now = hub.app.state.engine, real_now()

        def sign_in(name: str, password: str, came_from: str, proxy: str = PROXY) -> int:
            browser = TestClient(hub.app, base_url="http://testserver", client=(proxy, 1))
            answer = browser.post(
                "/masuk",
                data={"username": name, "password": password},
                headers={"X-Forwarded-For": f"{VICTIM}, {came_from}"},
                follow_redirects=False,
            )
            return int(answer.status_code)

        here = tries.of_network(Caller(ip_address(STRANGER)))
        for _ in range(98):
            tries.count(engine, here, now=now)
        assert sign_in("siapa", "kata sandi yang salah", STRANGER) == 401
        assert sign_in("ada", PASSWORD, STRANGER) == 303
        assert sign_in("siapa", "kata sandi yang salah", STRANGER) == 401
        assert sign_in("ada", PASSWORD, STRANGER) == 429
        # The address that the header invents is not closed, nor is another network.
        assert sign_in("ada", PASSWORD, VICTIM) == 303
