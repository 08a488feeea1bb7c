"""History cannot be rewritten unseen: by whoever holds the database, or the signing key as well."""

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, text, update

from hub.calendar import real_now
from hub.db import open_engine
from hub.ledger import check, sequencer, tree
from hub.ledger.entry import HUB, Target
from hub.ledger.keys import Signer
from hub.ledger.merkle import Frontier
from hub.ledger.service import TABLE, Ledger
from hub.ledger.verify import leaf_hash

SIZE = 24
BATCHES = 3


@dataclass
class Attack:
    """Somebody at the database; `signer` only when the key was stolen as well."""

    connection: Connection
    chance: random.Random

    def place(self) -> int:
        return self.chance.randrange(SIZE)

    def body(self, place: int) -> bytes:
        query = select(TABLE.c.body).where(TABLE.c.idx == place)
        return bytes(self.connection.execute(query).scalar_one())

    def set(self, place: int, **values: object) -> None:
        self.connection.execute(update(TABLE).where(TABLE.c.idx == place).values(**values))

    def forged(self, place: int) -> bytes:
        """The body with one figure changed."""
        body = self.body(place)
        figures = [at for at, byte in enumerate(body) if chr(byte).isdigit()]
        at = self.chance.choice(figures)
        other = self.chance.choice([n for n in b"0123456789" if n != body[at]])
        return body[:at] + bytes([other]) + body[at + 1 :]


def edit(attack: Attack) -> None:
    place = attack.place()
    attack.set(place, body=attack.forged(place))


def edit_with_its_hash(attack: Attack) -> None:
    place = attack.place()
    body = attack.forged(place)
    attack.set(place, body=body, hash=leaf_hash(body))


def remove(attack: Attack) -> None:
    attack.connection.execute(delete(TABLE).where(TABLE.c.idx == attack.place()))


def remove_and_close_the_gap(attack: Attack) -> None:
    gone = attack.place()
    attack.connection.execute(delete(TABLE).where(TABLE.c.idx == gone))
    for place in range(gone + 1, SIZE):
        attack.set(place, idx=place - 1)


def swap(attack: Attack) -> None:
    one, two = attack.chance.sample(range(SIZE), 2)
    attack.set(one, idx=SIZE)
    attack.set(two, idx=one)
    attack.set(SIZE, idx=two)


def truncate(attack: Attack) -> None:
    left = attack.chance.randrange(1, SIZE)
    attack.connection.execute(delete(TABLE).where(TABLE.c.idx >= left))


def insert_in_between(attack: Attack) -> None:
    at = attack.place()
    for place in reversed(range(at, SIZE)):
        attack.set(place, idx=place + 1)
    row = dict(attack.connection.execute(select(TABLE).limit(1)).mappings().one())
    body = attack.forged(0 if at else 1)
    row |= {"id": "f" * 32, "idx": at, "body": body, "hash": leaf_hash(body)}
    attack.connection.execute(insert(TABLE), row)


HISTORY = (
    edit,
    edit_with_its_hash,
    remove,
    remove_and_close_the_gap,
    swap,
    truncate,
    insert_in_between,
)


def change_a_column(attack: Attack) -> None:
    column = attack.chance.choice(["actor", "agency", "target_id", "kind", "trace_id"])
    attack.set(attack.place(), **{column: "lain"})


def change_a_signature(attack: Attack) -> None:
    attack.set(
        attack.place(), signature=text("(SELECT max(signature) || 'A' FROM hub_ledger_entry)")
    )


def change_a_node(attack: Attack) -> None:
    nodes = attack.connection.execute(select(tree.NODES)).all()
    node = attack.chance.choice(nodes)
    here = tree.NODES.c.place == node.place
    if attack.chance.random() < 0.5:
        attack.connection.execute(delete(tree.NODES).where(here))
    else:
        attack.connection.execute(update(tree.NODES).where(here).values(hash=b"x" * 32))


def change_a_checkpoint(attack: Attack) -> None:
    size = attack.chance.choice([SIZE // BATCHES * n for n in range(1, BATCHES + 1)])
    here = tree.CHECKPOINTS.c.size == size
    values = attack.chance.choice([{"root": b"x" * 32}, {"size": size + 1}, {"note": "x"}])
    attack.connection.execute(update(tree.CHECKPOINTS).where(here).values(**values))


def drop_the_last_checkpoint(attack: Attack) -> None:
    attack.connection.execute(delete(tree.CHECKPOINTS).where(tree.CHECKPOINTS.c.size == SIZE))


TABLES = (
    *HISTORY,
    change_a_column,
    change_a_signature,
    change_a_node,
    change_a_checkpoint,
    drop_the_last_checkpoint,
)


def sign_it_all_again(connection: Connection, signer: Signer) -> None:
    """What somebody who holds the key does next: a history that agrees with itself."""
    for table in (tree.NODES, tree.CHECKPOINTS):
        connection.execute(delete(table))
    frontier = Frontier()
    for row in connection.execute(select(TABLE).order_by(TABLE.c.idx)).all():
        leaf = leaf_hash(row.body)
        mine = {"idx": frontier.size, "hash": leaf, "signature": signer.sign(leaf)}
        connection.execute(update(TABLE).where(TABLE.c.id == row.id).values(**mine))
        tree.store(connection, frontier.append(leaf))
    root = frontier.root()
    state = {"size": frontier.size, "root": root, "note": signer.note(frontier.size, root)}
    connection.execute(insert(tree.CHECKPOINTS), {**state, "at": real_now()})


@pytest.fixture(scope="module")
def honest(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Ledger, str]:
    """A ledger file of three checkpoints, its ledger, and the newest checkpoint, kept elsewhere."""
    folder = tmp_path_factory.mktemp("honest")
    path = folder / "control.db"
    shutil.copyfile(sqlite_template, path)
    ledger = Ledger(Signer(folder / "keys", "hub.invalid"))
    engine = open_engine(f"sqlite:///{path}")
    for batch in range(BATCHES):
        rows = [
            ledger.seal(
                {
                    "kind": "batch.accepted",
                    "actor": HUB,
                    "target": Target("dataset", "bpbj/kontrak", release=1000 + batch * 100 + n),
                }
            ).row
            for n in range(SIZE // BATCHES)
        ]
        with engine.begin() as connection:
            connection.execute(insert(TABLE), rows)
        sequencer.run_once(engine, ledger.signer)
    with engine.connect() as connection:
        newest = select(tree.CHECKPOINTS.c.note).where(tree.CHECKPOINTS.c.size == SIZE)
        note = connection.execute(newest).scalar_one()
    engine.dispose()  # the last connection empties the WAL into the file
    return path, ledger, note


@pytest.fixture
def attacked(honest: tuple[Path, Ledger, str], tmp_path: Path) -> Callable[[int], Iterator[Engine]]:
    def copies(rounds: int) -> Iterator[Engine]:
        for number in range(rounds):
            path = tmp_path / f"{number}.db"
            shutil.copyfile(honest[0], path)
            engine = open_engine(f"sqlite:///{path}")
            yield engine
            engine.dispose()

    return copies


def test_an_honest_ledger_passes(
    honest: tuple[Path, Ledger, str], attacked: Callable[[int], Iterator[Engine]]
) -> None:
    _, ledger, note = honest
    for engine in attacked(1):
        report = check.whole(engine, [ledger.signer.vkey], kept=[note])
        assert report.ok, report


def test_two_hundred_changes_of_the_database_and_none_is_missed(
    honest: tuple[Path, Ledger, str], attacked: Callable[[int], Iterator[Engine]]
) -> None:
    _, ledger, _ = honest
    missed = []
    for number, engine in enumerate(attacked(200)):
        change = TABLES[number % len(TABLES)]
        with engine.begin() as connection:
            change(Attack(connection, random.Random(number)))
        if check.whole(engine, [ledger.signer.vkey]).ok:
            missed.append((number, change.__name__))
    assert missed == []


def test_a_history_signed_again_agrees_with_itself_but_not_with_a_kept_checkpoint(
    honest: tuple[Path, Ledger, str], attacked: Callable[[int], Iterator[Engine]]
) -> None:
    _, ledger, note = honest
    keys = [ledger.signer.vkey]
    missed, clumsy = [], []
    for number, engine in enumerate(attacked(42)):
        change = HISTORY[number % len(HISTORY)]
        with engine.begin() as connection:
            change(Attack(connection, random.Random(number)))
            sign_it_all_again(connection, ledger.signer)
        report = check.whole(engine, keys, kept=[note], receipts=False)
        seen = {checked.name for checked in report.checks if not checked.ok}
        if "kept checkpoints" not in seen:
            missed.append((number, change.__name__))
        if seen - {"kept checkpoints", "columns"}:  # a forged figure may lie in a found-by column
            clumsy.append((number, change.__name__, seen))
    assert missed == []
    assert clumsy == []


def test_two_signed_states_of_one_size_are_a_split_view(
    honest: tuple[Path, Ledger, str], attacked: Callable[[int], Iterator[Engine]]
) -> None:
    _, ledger, note = honest
    other = ledger.signer.note(SIZE, b"x" * 32)
    for engine in attacked(1):
        report = check.whole(engine, [ledger.signer.vkey], kept=[note, other])
        assert "split view" in str(report)
        assert not report.ok
