"""What is told to a recipient is told once, with its transaction, and in words that are safe to send."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from hub.db import reading, unit_of_work
from hub.notices.models import Notice
from hub.notices.telling import (
    AgencyRecipient,
    Message,
    PersonRecipient,
    PostRecipient,
    tell,
)


def told(engine: Engine) -> list[Notice]:
    with reading(engine) as session:
        return list(session.exec(select(Notice)))


def test_each_recipient_is_told_once(
    engine: Engine,
    make_post: Callable[..., str],
    make_holder: Callable[..., str],
    message: Callable[..., Message],
) -> None:
    post = make_post()
    person = make_holder(post)
    to = [
        PostRecipient(post),
        PersonRecipient(person),
        AgencyRecipient("bpbj"),
        PostRecipient(post),
    ]
    with unit_of_work(engine) as session:
        assert tell(session, to, message()) == 3
        assert tell(session, to[:1], message()) == 0
    with unit_of_work(engine) as session:
        assert tell(session, to, message()) == 0
        assert tell(session, to[:1], message(once="PD-2026-000001/2/H")) == 1
    assert sorted(row.recipient for row in told(engine)) == sorted(
        [f"post:{post}", f"post:{post}", f"person:{person}", "agency:bpbj"]
    )


def test_what_is_rolled_back_was_not_told(
    engine: Engine, make_post: Callable[..., str], message: Callable[..., Message]
) -> None:
    post = make_post()
    with Session(engine) as session:
        assert tell(session, [PostRecipient(post)], message()) == 1
    assert told(engine) == []
    with unit_of_work(engine) as session:
        assert tell(session, [PostRecipient(post)], message()) == 1


def test_of_racing_transactions_one_tells(
    engine: Engine, make_post: Callable[..., str], message: Callable[..., Message]
) -> None:
    posts = [make_post() for _ in range(6)]
    together = threading.Barrier(4)
    written: list[int] = []

    def race(order: list[str]) -> None:
        together.wait(20)
        with unit_of_work(engine) as session:
            written.append(tell(session, [PostRecipient(one) for one in order], message()))

    orders = [posts, posts[::-1], posts[3:] + posts[:3], posts[::-1]]
    racers = [threading.Thread(target=race, args=(order,)) for order in orders]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(30)
    assert sorted(written) == [0, 0, 0, 6]
    assert len(told(engine)) == 6


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Data\r\nBcc: semua@contoh.invalid", "Data Bcc: semua@contoh.invalid"),
        ("a\x00b\u2028c\td", "a b c d"),
        ("NIK 6401" + "0" * 12 + " salah", "NIK […] salah"),
        ("NIP 19700101 199001 1 000", "NIP […]"),
        ("PD-2026-000001 sampai 2026-03-27 16.00", "PD-2026-000001 sampai 2026-03-27 16.00"),
        ("k" * 500, "k" * 159 + "…"),
    ],
)
def test_a_subject_is_one_safe_line(
    engine: Engine,
    make_post: Callable[..., str],
    message: Callable[..., Message],
    said: str,
    kept: str,
) -> None:
    post = make_post()
    with unit_of_work(engine) as session:
        tell(session, [PostRecipient(post)], message(subject_id=said))
    assert told(engine)[0].subject_id == kept


@pytest.mark.parametrize(
    "path", ["https://lain.invalid/", "//lain.invalid", "/\\lain.invalid", "/a b", "/" + "a" * 300]
)
def test_a_notice_leads_to_a_page_of_the_hub(
    engine: Engine, make_post: Callable[..., str], message: Callable[..., Message], path: str
) -> None:
    post = make_post()
    with pytest.raises(ValueError, match="page of the hub"), unit_of_work(engine) as session:
        tell(session, [PostRecipient(post)], message(path=path))
