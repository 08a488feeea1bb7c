"""Kind `folder`: settled files only, each once, and nothing outside the folder."""

import json
import os
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.errors import FolderForbidden, SourceRefused, SourceTooLarge
from connectors.registry import open_source
from connectors.transport import NetworkPolicy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    directory = tmp_path / "kiriman"
    directory.mkdir()
    return directory


@pytest.fixture
def opened(folder: Path, work: Path):
    def make(**options: object):
        return open_source(
            "folder",
            {"path": str(folder), "settle_seconds": 0.05, **options},
            {},
            work=work,
            network=NetworkPolicy(),
            roots=[folder.parent],
        )

    return make


def drop(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    time.sleep(0.07)
    return file


def read(source, state=None):
    return list(source.read("files", state or {}))


def test_files_come_by_name_with_their_format(folder, opened):
    drop(folder, "b.csv", "a\n1\n")
    drop(folder, "a.NDJSON", "{}\n")
    drop(folder, "c.xlsx", "x")
    drop(folder, "d.txt", "x")
    found = [(batch.origin, batch.format) for batch in read(opened())]
    assert found == [("a.NDJSON", "ndjson"), ("b.csv", "csv"), ("c.xlsx", "xlsx")]


def test_a_file_still_being_written_is_left_for_later(folder, opened):
    source = opened(settle_seconds=0.3)
    file = drop(folder, "a.csv", "a\n1\n")
    # An old mtime does not make a growing copy look settled.
    os.utime(file, (1, 1))
    assert read(source) == []
    time.sleep(0.35)
    assert [batch.origin for batch in read(source)] == ["a.csv"]


def test_unfinished_copies_are_passed_over(folder, opened):
    for name in ("a.csv.part", ".a.csv", "~$a.xlsx", "a.csv.filepart"):
        drop(folder, name, "x")
    assert read(opened()) == []


def test_the_same_file_twice_is_read_once(folder, opened):
    drop(folder, "a.csv", "a\n1\n")
    (batch,) = read(opened())
    drop(folder, "salinan-a.csv", "a\n1\n")
    state = json.loads(json.dumps(batch.state))
    assert read(opened(), state) == []


def test_two_copies_in_one_run_are_read_once(folder, opened):
    drop(folder, "a.csv", "a\n1\n")
    drop(folder, "b.csv", "a\n1\n")
    assert [batch.origin for batch in read(opened())] == ["a.csv"]


def test_a_name_written_again_with_other_bytes_is_news(folder, opened):
    state: dict[str, object] = {}
    for text in ("a\n1\n", "a\n2\n", "a\n1\n"):
        drop(folder, "data.csv", text)
        (batch,) = read(opened(), state)
        assert batch.file.read_text() == text
        state = batch.state


def test_a_file_moves_to_done_only_after_its_state_is_committed(folder, opened):
    drop(folder, "a.csv", "a\n1\n")
    source = opened(move_to_done=True)
    (batch,) = read(source)
    assert (folder / "a.csv").exists()
    source.acknowledge("files", batch.state)
    assert not (folder / "a.csv").exists()
    assert [file.name[12:] for file in (folder / "done").iterdir()] == ["-a.csv"]
    assert read(source, batch.state) == []


def test_a_missed_acknowledgement_is_made_up_for_by_the_next_read(folder, opened):
    drop(folder, "a.csv", "a\n1\n")
    (batch,) = read(opened(move_to_done=True))
    assert read(opened(move_to_done=True), batch.state) == []
    assert not (folder / "a.csv").exists()


def test_a_file_rewritten_since_it_was_taken_is_not_moved(folder, opened):
    drop(folder, "a.csv", "a\n1\n")
    source = opened(move_to_done=True)
    (batch,) = read(source)
    drop(folder, "a.csv", "a\n22\n")
    source.acknowledge("files", batch.state)
    assert (folder / "a.csv").read_text() == "a\n22\n"


def test_links_pipes_and_folders_are_never_followed(folder, opened, tmp_path):
    outside = tmp_path / "rahasia.csv"
    outside.write_text("a\n1\n")
    (folder / "a.csv").symlink_to(outside)
    os.mkfifo(folder / "b.csv")
    (folder / "c.csv").mkdir()
    (folder / "done").symlink_to(tmp_path)
    drop(folder, "d.csv", "a\n2\n")
    source = opened(move_to_done=True)
    (batch,) = read(source)
    assert batch.origin == "d.csv"
    source.acknowledge("files", batch.state)
    assert (folder / "d.csv").exists(), "done/ is a link: it must not be followed"


@pytest.mark.parametrize("path", ["/etc", "{root}/../..", "{root}/tautan"])
def test_a_folder_outside_the_roots_is_refused(folder, opened, path):
    (folder / "tautan").symlink_to("/etc")
    source = opened(path=path.replace("{root}", str(folder)))
    report = source.check()
    assert report.failing is not None
    assert report.failing.name == "exists"
    with pytest.raises(FolderForbidden):
        read(source)


def test_without_roots_no_folder_is_open(folder, work):
    source = open_source("folder", {"path": str(folder)}, {}, work=work, network=NetworkPolicy())
    with pytest.raises(FolderForbidden):
        read(source)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_named(folder, opened):
    drop(folder, "a.csv", "a\n1\n").chmod(0)
    with pytest.raises(SourceRefused, match=r"a\.csv"):
        read(opened())


def test_a_file_over_the_limit_is_named_and_those_before_it_stay_good(folder, opened, work):
    drop(folder, "a.csv", "a\n1\n")
    drop(folder, "b.csv", "a\n" + "1\n" * 1000)
    batches = opened(max_bytes=100).read("files", {})
    kept = next(batches)
    with pytest.raises(SourceTooLarge, match=r"b\.csv"):
        next(batches)
    assert list(work.iterdir()) == [kept.file]


def test_columns_are_told_for_csv_and_parquet(folder, opened):
    drop(folder, "a.csv", "\ufeffkode; nama\n1;x\n")
    (stream,) = opened().discover()
    assert [column.name for column in stream.columns] == ["kode", "nama"]
    pq.write_table(pa.table({"kode": ["1"]}), folder / "b.parquet")
    time.sleep(0.07)
    (stream,) = opened(pattern="*.parquet").discover()
    assert [column.name for column in stream.columns] == ["kode"]
    drop(folder, "c.parquet", "rusak")
    (stream,) = opened(pattern="c.parquet").discover()
    assert stream.columns == ()
