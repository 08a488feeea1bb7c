"""Bodies that do not end, or only slowly, cost the hub neither its memory nor its connections."""

import socket
import threading
import time

import httpx2
import pytest
import uvicorn

from hub.problems.bodies import SMALL

SLOW = 60
"""More than the database has connections for."""
BATCHES = "/api/v1/datasets/bpbj/paket-nontender/batches"


@pytest.fixture
def served(hub):
    """The hub of this test behind a real server, as (host, port)."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        server = uvicorn.Server(uvicorn.Config(hub.app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()
        server.should_exit = True
        thread.join(20)


def test_many_slow_uploads_leave_the_database_to_the_others(hub, served, make_dataset, steward):
    make_dataset()
    token = steward.headers["Authorization"]
    head = f"POST {BATCHES} HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Length: 9\r\n\r\n["
    slow = [socket.create_connection(served) for _ in range(SLOW)]
    try:
        for connection in slow:
            connection.sendall(head.encode())
        time.sleep(1.5)  # all of them are past the question whether they may write
        address = f"http://{served[0]}:{served[1]}/api/v1/datasets"
        answer = httpx2.get(address, headers={"Authorization": token}, timeout=10)
        assert answer.status_code == 200
        assert answer.json()["total"] == 1
    finally:
        for connection in slow:
            connection.close()


@pytest.mark.parametrize("path", ["/api/v1/query", "/api/v1/datasets", "/oauth/token"])
def test_a_body_without_length_is_cut_at_the_limit_for_everybody(hub, path):
    endless = iter([b" " * SMALL, b" "])
    headers = {"Content-Type": "application/json"}
    if path.startswith("/oauth/"):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = hub.post(path, content=endless, headers=headers)
    assert answer.status_code in (400, 413)
    assert answer.status_code == 413 or "error" in answer.json()


def test_a_body_that_says_it_is_too_large_is_refused_unread(hub):
    answer = hub.post("/api/v1/query", content=b" " * (SMALL + 1))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/too-large"
    assert answer.json()["limit"] == SMALL


def test_a_compressed_batch_is_told_that_it_is(make_dataset, steward):
    make_dataset()
    answer = steward.post(BATCHES, content=b"x", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 422
    assert answer.json()["content_encoding"] == "gzip"
