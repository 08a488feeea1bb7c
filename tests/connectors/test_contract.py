"""The one suite that every kind of source passes; see `agency` in conftest for who plays."""

import hashlib
import itertools
import json
import re
from pathlib import Path

import pytest

from connectors.errors import SourceRefused, SourceTooLarge
from connectors.options import secret_names
from connectors.registry import kinds

MB = 1 << 20


def test_the_options_schema_makes_a_form_in_two_languages(agency):
    schema = kinds()[agency.kind].options_schema
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    for rule in [schema, *schema["properties"].values()]:
        assert rule["title"]
        assert rule["x-title-en"]


def test_a_check_of_a_healthy_source_is_ok_layer_by_layer(agency):
    agency.offer(1, 3)
    report = agency.open().check()
    assert report.ok, report
    assert report.layers
    for layer in report.layers:
        assert layer.outcome in ("ok", "skipped")
        assert layer.sentence.id
        assert layer.sentence.en


def test_a_check_names_the_failing_layer_and_skips_the_rest(agency):
    agency.offer(1, 3)
    tried = 0
    for expected, source in agency.faults():
        report = source.check()
        assert report.failing is not None
        assert report.failing.name == expected, report
        at = report.layers.index(report.failing)
        assert all(layer.outcome == "skipped" for layer in report.layers[at + 1 :])
        tried += 1
    assert tried >= 2


def test_discover_finds_columns_and_the_key(agency):
    agency.offer(1, 25)
    (stream,) = agency.open().discover()
    assert stream.name == agency.stream
    assert [column.name for column in stream.columns] == ["kd_rup", "pagu", "tgl_update", "x"]
    assert stream.keys[0] == agency.key
    assert "tgl_update" in stream.cursors


def test_a_full_read_brings_every_row_once_and_the_batch_describes_its_file(
    agency, rows_in, work: Path
):
    agency.offer(1, 57)
    keys = []
    for batch in agency.open().read(agency.stream, {}):
        keys += [row[agency.key] for row in rows_in(batch)]
        assert batch.file.parent == work
        assert batch.size == batch.file.stat().st_size
        assert batch.sha256 == hashlib.sha256(batch.file.read_bytes()).hexdigest()
        assert batch.rows in (None, len(rows_in(batch)))
        batch.file.unlink()
    assert keys == [f"{n:08d}" for n in range(1, 58)]
    assert not list(work.iterdir()), "something was left behind"


def test_the_same_again_loses_nothing_and_ends(agency, rows_in):
    agency.offer(1, 30)
    *_, last = agency.open().read(agency.stream, {})
    state = json.loads(json.dumps(last.state))
    again = [
        row[agency.key]
        for batch in agency.open().read(agency.stream, state)
        for row in rows_in(batch)
    ]
    assert set(again) <= {f"{n:08d}" for n in range(1, 31)}
    assert len(again) == len(set(again))
    agency.offer(31, 40)
    later = {
        row[agency.key]
        for batch in agency.open().read(agency.stream, state)
        for row in rows_in(batch)
    }
    assert {f"{n:08d}" for n in range(31, 41)} <= later


def test_a_read_that_is_cut_short_goes_on_from_json_state(agency, rows_in):
    agency.offer(1, 95)
    state: dict[str, object] = {}
    keys = []
    for _ in range(20):
        # A new process each time: nothing survives but the state.
        for batch in itertools.islice(agency.open().read(agency.stream, state), 1):
            keys += [row[agency.key] for row in rows_in(batch)]
            state = json.loads(json.dumps(batch.state))
        if len(keys) >= 95:
            break
    assert keys == [f"{n:08d}" for n in range(1, 96)]


def test_state_and_batches_hold_no_secret(agency):
    agency.offer(1, 25)
    for batch in agency.open().read(agency.stream, {}):
        told = json.dumps(batch.state) + batch.origin
        assert "6f1c0000" not in told
        assert "token-sintetis" not in told


def test_a_wrong_secret_is_refused_without_being_repeated(agency):
    agency.offer(1, 3)
    source = agency.wrong_secret()
    if source is None:
        assert not secret_names(kinds()[agency.kind].options_schema)
        return
    with pytest.raises(SourceRefused) as refused:
        list(source.read(agency.stream, {}))
    assert refused.value.layer == "auth"
    told = str(refused.value) + refused.value.sentence.id
    assert not re.search(r"salah|6f1c0000", told)


def test_an_empty_source_is_no_error(agency, rows_in):
    batches = list(agency.open().read(agency.stream, {}))
    assert [row for batch in batches for row in rows_in(batch)] == []


def test_acknowledging_twice_is_harmless(agency):
    agency.offer(1, 12)
    source = agency.open()
    for batch in source.read(agency.stream, {}):
        source.acknowledge(agency.stream, batch.state)
        source.acknowledge(agency.stream, batch.state)
    assert source.check().ok


def test_fifty_megabytes_pass_through_a_few(generous):
    generous.offer_huge(50)
    Path("/proc/self/clear_refs").write_text("5")  # starts the high-water mark anew
    before = resident("VmRSS")
    size = 0
    for batch in generous.open().read(generous.stream, {}):
        size += batch.size
        batch.file.unlink()
    assert size > 45 * MB
    assert resident("VmHWM") - before < 30 * MB


def test_more_than_the_limit_is_cut_off_and_leaves_nothing(generous, work: Path):
    generous.offer_huge(2)
    with pytest.raises(SourceTooLarge):
        list(generous.open(max_bytes=MB).read(generous.stream, {}))
    assert not list(work.iterdir())


def resident(field: str) -> int:
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if field in x)
    return int(line.split()[1]) * 1024
