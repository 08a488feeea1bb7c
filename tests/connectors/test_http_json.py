"""Kind `http-json`: what a feed may do to us, and what a steward is told then."""

import datetime as dt
import email.utils
import json
import socket
import time

import pytest

from connectors.errors import (
    AddressForbidden,
    OptionsInvalid,
    SourceBodyInvalid,
    SourceRedirected,
    SourceTooLarge,
    SourceUnavailable,
    SpoolFailed,
)
from connectors.options import split_secrets
from connectors.registry import kind, open_source
from connectors.transport import NetworkPolicy


@pytest.fixture
def opened(bus, work):
    """A source on the bus; keyword arguments are its options."""

    def make(path: str = "/feed", secrets: dict[str, object] | None = None, **options: object):
        return open_source(
            "http-json",
            {"url": bus.origin + path, "first_wait": 0.01, "attempts": 3, **options},
            secrets or {},
            work=work,
            network=NetworkPolicy.allowing(f"127.0.0.1:{bus.port}"),
        )

    return make


def read(source, state=None):
    return list(source.read("rows", state or {}))


def test_digits_nulls_and_duplicate_keys_arrive_as_served(bus, reply, opened):
    body = b'[{"nilai":1250000000.10,"n":12345678901234567890,"x":null},{"a":1,"a":2}]'
    bus.always = reply(body)
    (batch,) = read(opened())
    assert batch.file.read_bytes() == body[1:-1].replace(b"},{", b"}\n{") + b"\n"
    assert (batch.rows, batch.mode, batch.complete) == (2, "replace", True)


def test_an_etag_that_still_holds_reads_no_row(bus, reply, opened):
    bus.replies = [
        reply(
            b'[{"a":1}]', 200, {"etag": '"v1"', "last-modified": "Fri, 03 Oct 2025 00:00:00 GMT"}
        ),
        reply(b"", 304, {"etag": '"v1"'}),
    ]
    (batch,) = read(opened())
    assert read(opened(), json.loads(json.dumps(batch.state))) == []
    assert bus.requests[1][1]["if-none-match"] == '"v1"'


def test_the_same_body_again_reads_no_row_even_without_an_etag(bus, reply, opened):
    bus.always = reply(b'[{"a":1}]')
    (batch,) = read(opened())
    assert read(opened(), batch.state) == []


@pytest.mark.parametrize(
    ("answer", "error", "fact"),
    [
        ((b"", 500), SourceUnavailable, {"status": 500, "layer": "query", "transient": True}),
        ((b"", 404), SourceUnavailable, {"status": 404, "transient": False}),
        ((b"<html>", 200, {"content-type": "text/html"}), SourceBodyInvalid, {"fault": "html"}),
        ((b"<html>", 200), SourceBodyInvalid, {"fault": "html"}),
        ((b"", 200), SourceBodyInvalid, {"fault": "empty"}),
        ((b"", 204, {"content-length": "0"}), SourceBodyInvalid, {"fault": "empty"}),
        ((b'[{"a":1},{"a"', 200), SourceBodyInvalid, {"fault": "half"}),
        ((b'{"data":[]}', 200), SourceBodyInvalid, {"fault": "no-array"}),
        ((b"[1]", 200), SourceBodyInvalid, {"fault": "not-objects"}),
        ((b"x", 200, {"content-encoding": "gzip"}), SourceBodyInvalid, {"fault": "compressed"}),
        (
            (b"", 302, {"location": "http://lain.invalid/rahasia"}),
            SourceRedirected,
            {"status": 302},
        ),
        ((b"", 304), SourceUnavailable, {"status": 304}),
    ],
)
def test_each_bad_answer_has_its_own_clear_error(bus, reply, opened, work, answer, error, fact):
    bus.always = reply(*answer)
    with pytest.raises(error) as raised:
        read(opened())
    assert {name: getattr(raised.value, name) for name in fact} == fact
    assert raised.value.sentence.id != raised.value.sentence.en
    assert "rahasia" not in str(raised.value)
    assert not list(work.iterdir())


def test_half_a_body_is_tried_again_and_then_told(bus, opened, work):
    def half(handler):
        handler.send_response(200)
        handler.send_header("content-length", "1000")
        handler.end_headers()
        handler.wfile.write(b'[{"a":1},')
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    bus.rows = [{"a": 1}]
    bus.replies = [half]
    (batch,) = read(opened())
    assert batch.rows == 1
    bus.always = half
    with pytest.raises(SourceUnavailable) as raised:
        read(opened())
    assert "lengkap" in raised.value.sentence.id
    assert [left.name for left in work.iterdir()] == [batch.file.name]


def test_a_busy_source_is_waited_for_as_long_as_it_asks(bus, reply, opened):
    bus.rows = [{"a": 1}]
    soon = email.utils.format_datetime(
        dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2), usegmt=True
    )
    bus.replies = [reply(b"", 429, {"retry-after": "1"}), reply(b"", 503, {"retry-after": soon})]
    began = time.monotonic()
    (batch,) = read(opened())
    assert batch.rows == 1
    assert time.monotonic() - began >= 1
    assert len(bus.requests) == 3


def test_a_wait_too_long_is_left_to_the_hub(bus, reply, opened):
    bus.always = reply(b"", 429, {"retry-after": "3600"})
    with pytest.raises(SourceUnavailable) as raised:
        read(opened(longest_wait=5))
    assert raised.value.retry_after == 3600
    assert len(bus.requests) == 1


def test_a_feed_with_hiccups_is_still_complete(bus, reply, opened, rows_in):
    bus.rows = [{"n": n} for n in range(100)]
    count = iter(range(1000))

    def flaky(handler):
        match next(count) % 10:
            case 3:
                reply(b"", 429, {"retry-after": "0"})(handler)
            case 7:
                reply(b"", 503)(handler)
            case _:
                bus.serve(handler)

    bus.always = flaky
    (batch,) = read(opened("/halaman", paging="page", records_path="data.items"))
    assert [row["n"] for row in rows_in(batch)] == list(range(100))


def test_an_endless_or_dripping_body_is_cut_off(bus, opened, work):
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b'[{"a":1},' * 1000)

    def dripping(handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(60):
            handler.wfile.write(b"[")
            time.sleep(0.05)

    bus.always = endless
    with pytest.raises(SourceTooLarge):
        read(opened(max_bytes=100_000))
    bus.always = dripping
    with pytest.raises(SourceUnavailable, match="too slowly"):
        read(opened(whole_answer=0.2, attempts=1))
    assert not list(work.iterdir())


def test_a_source_that_ignores_its_paging_is_not_read_for_ever(bus, reply, opened):
    bus.always = reply(b'{"next":7,"items":[{"a":1}]}')
    for way in ({"paging": "page"}, {"paging": "cursor"}):
        with pytest.raises(SourceBodyInvalid) as raised:
            read(opened(records_path="items", **way))
        assert raised.value.fault == "repeats"


def test_a_short_page_is_not_taken_for_the_last(bus, opened, rows_in):
    bus.rows = [{"n": n} for n in range(35)]
    source = opened("/halaman", paging="page", records_path="data.items", page_size=1000)
    (batch,) = read(source)
    assert len(rows_in(batch)) == 35
    assert "limit=1000" in bus.requests[0][0]


def test_a_page_after_the_last_may_be_answered_404(bus, reply, opened):
    bus.replies = [reply(b'[{"a":1}]'), reply(b'[{"a":2}]'), reply(b"{}", 404)]
    (batch,) = read(opened(paging="page"))
    assert batch.rows == 2
    assert batch.complete


def test_the_next_page_must_be_on_the_same_host(bus, reply, opened):
    bus.always = reply(b'{"next":"http://lain.invalid/curi","data":[{"a":1}]}')
    with pytest.raises(SourceRedirected) as raised:
        read(opened(paging="link", records_path="data", secrets={"token": "t"}))
    assert raised.value.origin == "http://lain.invalid"


def test_a_link_header_leads_on(bus, reply, opened):
    bus.replies = [
        reply(b'[{"a":1}]', 200, {"link": '</dua>; rel="next"'}),
        reply(b'[{"a":2}]'),
    ]
    (batch,) = read(opened(paging="link", next_path=""))
    assert batch.rows == 2
    assert bus.requests[1][0] == "/dua"


def test_a_cursor_can_be_gone_on_from(bus, opened, rows_in):
    bus.rows = [{"n": n} for n in range(25)]
    options = {"paging": "cursor", "records_path": "data.items", "continue_from_cursor": True}
    (first,) = read(opened("/kursor", **options))
    assert not first.complete
    bus.rows += [{"n": n} for n in range(25, 40)]
    (second,) = read(opened("/kursor", **options), first.state)
    assert [row["n"] for row in rows_in(second)] == list(range(20, 40))
    (third,) = read(opened("/kursor", **options), second.state)
    assert [row["n"] for row in rows_in(third)] == list(range(30, 40))
    assert read(opened("/kursor", **options), third.state) == []


def test_other_paging_options_start_over(bus, opened):
    bus.rows = [{"n": n} for n in range(5)]
    (batch,) = read(opened(), {"paging": "cursor", "position": "x"})
    assert batch.rows == 5


def test_basic_and_header_secrets_go_out_and_identity_is_asked_for(bus, opened):
    secrets = {"password": "kata", "secret_headers": {"X-Api-Key": "kunci"}}
    read(opened(username="bkad", headers={"X-Dari": "simpul"}, secrets=secrets))
    sent = bus.requests[0][1]
    assert sent["authorization"] == "Basic YmthZDprYXRh"
    assert (sent["x-api-key"], sent["x-dari"]) == ("kunci", "simpul")
    assert sent["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("url", {}),
        ("url", {"url": "ftp://x/"}),
        ("url", {"url": "http://{secret}/x"}),
        ("headers", {"url": "http://x.invalid/", "headers": {"Host": "a"}}),
        ("headers", {"url": "http://x.invalid/", "headers": {"authorization": "a"}}),
        ("headers.X-A", {"url": "http://x.invalid/", "headers": {"X-A": "a\r\nHost: b"}}),
        ("paging", {"url": "http://x.invalid/", "paging": "offset"}),
        ("sandi", {"url": "http://x.invalid/", "sandi": "x"}),
        ("password", {"url": "http://x.invalid/", "username": "u"}),
        ("", {"url": "http://x.invalid/", "username": "u", "password": "p", "token": "t"}),
    ],
)
def test_wrong_options_are_told_by_field(work, field, options):
    with pytest.raises(OptionsInvalid) as wrong:
        open_source("http-json", options, {}, work=work, network=NetworkPolicy())
    assert field in [fault.field for fault in wrong.value.faults]


def test_a_private_address_is_refused_at_check_and_at_read(bus, work):
    source = open_source("http-json", {"url": bus.origin}, {}, work=work, network=NetworkPolicy())
    report = source.check()
    assert report.failing is not None
    assert report.failing.name == "dns"
    with pytest.raises(AddressForbidden):
        read(source)
    assert bus.requests == []


def test_a_full_disk_is_told_as_ours(bus, opened, work):
    bus.rows = [{"a": 1}]
    source = opened()
    work.rmdir()
    with pytest.raises(SpoolFailed):
        read(source)
    work.mkdir()


def test_secrets_are_split_by_the_schema():
    values = {"url": "http://x.invalid/{secret}", "url_secret": "s", "token": "t"}
    shown, hidden = split_secrets(kind("http-json").options_schema, values)
    assert shown == {"url": "http://x.invalid/{secret}"}
    assert hidden == {"url_secret": "s", "token": "t"}
