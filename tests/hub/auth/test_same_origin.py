"""A session cookie alone changes nothing: the browser must come from our own page (T23)."""

import asyncio

import pytest

from hub.auth.csrf import SameOrigin
from hub.settings import Settings

COOKIE = ("cookie", "lang=id; simpul=secret")


def send(headers, method="POST", public_url="http://127.0.0.1:8000") -> tuple[int, bytes]:
    """What a request with these headers meets: 200 from the app behind, or the refusal."""
    answer: list = []

    async def behind(scope, receive, reply):
        await reply({"type": "http.response.start", "status": 200, "headers": []})
        await reply({"type": "http.response.body", "body": b"done"})

    async def reply(message):
        answer.append(message)

    async def receive():
        return {"type": "http.request", "body": b""}

    scope = {
        "type": "http",
        "method": method,
        "path": "/x",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    app = SameOrigin(behind, Settings(public_url=public_url))
    asyncio.run(app(scope, receive, reply))
    return answer[0]["status"], answer[1]["body"]


@pytest.mark.parametrize(
    "headers",
    [
        [COOKIE],
        [COOKIE, ("origin", "https://evil.invalid")],
        [COOKIE, ("origin", "null")],
        [COOKIE, ("origin", "http://127.0.0.1:8000.evil.invalid"), ("host", "127.0.0.1:8000")],
        [COOKIE, ("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8000")],
        [COOKIE, ("sec-fetch-site", "same-site")],
        [COOKIE, ("sec-fetch-site", "none")],
        [("cookie", "a=b"), COOKIE],
    ],
)
def test_a_request_from_elsewhere_is_refused(headers):
    status, body = send(headers)
    assert status == 403
    assert b"/problems/" in body


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("cookie", "lang=id")],
        [COOKIE, ("origin", "http://127.0.0.1:8000")],
        [COOKIE, ("origin", "http://localhost:8000"), ("host", "localhost:8000")],
        [COOKIE, ("sec-fetch-site", "same-origin")],
        [COOKIE, ("authorization", "Bearer x")],
    ],
)
def test_our_own_pages_and_programs_pass(headers):
    assert send(headers)[0] == 200


def test_reading_needs_no_origin():
    assert send([COOKIE], method="GET")[0] == 200


def test_over_https_the_cookie_is_bound_to_the_host():
    bound = ("cookie", "__Host-simpul=secret")
    assert send([bound], public_url="https://simpul.invalid")[0] == 403
    ours = [bound, ("origin", "https://simpul.invalid")]
    assert send(ours, public_url="https://simpul.invalid")[0] == 200
    # Over https the short name is nobody's session.
    assert send([COOKIE], public_url="https://simpul.invalid")[0] == 200


def test_the_middleware_stands_before_every_route(hub):
    hub.cookies.set("simpul", "anything")
    assert hub.post("/api/v1/agencies", json={}).status_code == 403
    ours = hub.post("/api/v1/agencies", json={}, headers={"Sec-Fetch-Site": "same-origin"})
    assert ours.status_code == 401
