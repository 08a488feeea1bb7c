"""The budget join of the real feeds, counted in plain Python over the rows that the gate accepted."""

from collections import Counter, defaultdict
from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest


@pytest.fixture(scope="module")
def packages(judged):
    return pq.read_table(judged("bpbj/paket-nontender", "served").accepted_file).to_pylist()


@pytest.fixture(scope="module")
def budget(judged):
    return pq.read_table(judged("bkad/sub-kegiatan", "served").accepted_file).to_pylist()


@pytest.fixture(scope="module")
def agency_codes(judged) -> dict[int, str]:
    agencies = pq.read_table(judged("dkisp/satker", "served").accepted_file).to_pylist()
    return {agency["kd_satker"]: agency["kd_satker_str"] for agency in agencies}


def sub_activities(mak: str) -> Iterator[str]:
    """The first six parts of each account, which are the code of the sub-activity."""
    for account in mak.split(";"):
        yield ".".join(account.split(".")[:6])


def test_the_three_groups_are_2237_and_22_and_127_and_add_up_to_the_feeds_ceiling(
    packages, budget, agency_codes
):
    lines = Counter((agency_codes[row["kd_satker"]], row["kd_subkegiatan_str"]) for row in budget)
    count: Counter[str] = Counter()
    ceiling: dict[str, int] = defaultdict(int)
    for package in packages:
        heads = set(sub_activities(package["mak"]))
        met = sum(lines[package["kd_satker_str"], head] for head in heads)
        group = {0: "none", 1: "one"}.get(met, "several")
        count[group] += 1
        ceiling[group] += package["pagu"]
    assert count == {"one": 2237, "several": 22, "none": 127}
    assert dict(ceiling) == {
        "one": 240_571_042_874,
        "several": 4_047_745_010,
        "none": 10_613_659_810,
    }
    assert sum(ceiling.values()) == sum(package["pagu"] for package in packages) == 255_232_447_694


def test_a_plain_prefix_join_would_count_the_ceiling_more_than_one_and_a_half_times(
    packages, budget
):
    repeats = Counter(row["kd_subkegiatan_str"] for row in budget)
    inflated = sum(
        package["pagu"] * sum(n for code, n in repeats.items() if package["mak"].startswith(code))
        for package in packages
    )
    assert inflated / sum(package["pagu"] for package in packages) == pytest.approx(1.56, abs=0.005)


def test_every_agency_of_a_package_is_bridged_by_the_satker_feed(packages, agency_codes):
    assert {package["kd_satker_str"] for package in packages} <= set(agency_codes.values())
