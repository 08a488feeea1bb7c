"""The definition of the demonstration holds together and says what it is."""

import json
from collections import Counter

import pytest

from catalog.models import AccessClass, Frequency
from connectors.registry import kinds
from hub.agencies.models import AgencyKind
from hub.agencies.roles import Role
from hub.demo.regency import regency
from schemas.registry import Registry
from schemas.steps import check


def test_every_satker_of_the_feed_is_an_agency_under_its_own_code_and_name():
    rows = [json.loads(line) for line in regency().dataset("dkisp/satker").served().splitlines()]
    served = {(r["kd_satker"], r["kd_satker_str"], r["nama_satker"]) for r in rows}
    agencies = regency().agencies
    assert served == {
        (a.kd_satker, a.kd_satker_str, a.name) for a in agencies if a.origin == "umpan"
    }
    assert len({a.code for a in agencies}) == len(agencies) == len(served) + 2


def test_a_parent_comes_before_its_units_and_a_unit_belongs_to_the_agency_of_its_code():
    seen = {}
    for agency in regency().agencies:
        assert agency.parent is None or agency.parent in seen
        AgencyKind(agency.kind)
        seen[agency.code] = agency
        if agency.origin == "umpan" and not agency.kd_satker_str.endswith(".0000"):
            parent = seen[agency.parent]
            assert parent.kd_satker_str == agency.kd_satker_str[:-4] + "0000"


def test_the_posts_are_those_of_the_fixed_interfaces():
    held = {post.holder: post for post in regency().posts if post.holder}
    assert held["steward"].agency == held["head"].agency == "bpbj"
    assert held["analyst"].agency == "bappeda"
    assert held["walidata"].agency == "dkisp"
    assert set(held) >= {"rw", "executive", "auditor"}
    assert {post.role for post in regency().posts} == set(Role)


def test_the_outsider_belongs_to_no_agency_of_the_regency():
    assert "outsider" not in {post.holder for post in regency().posts}


def test_bpbj_and_bappeda_sign_for_themselves():
    assert {a.code for a in regency().agencies if a.own_signing_key} == {"bpbj", "bappeda"}


@pytest.mark.parametrize("dataset", regency().datasets, ids=lambda dataset: dataset.name)
def test_a_dataset_names_a_known_schema_class_post_licence_and_kind_of_source(dataset):
    check(
        list(dataset.intake), Registry.packaged().get(dataset.schema_name, dataset.schema_version)
    )
    AccessClass(dataset.access_class)
    Frequency(dataset.frequency)
    titles = {post.title for post in regency().posts if post.agency == dataset.agency}
    assert dataset.contact_post in titles
    assert dataset.licence in regency().licences
    assert dataset.arrival.kind in {"", *kinds()}


def test_classes_follow_the_fixed_interfaces():
    for dataset in regency().datasets:
        limited = dataset.slug.startswith(("kontrak-", "bast-"))
        expected = "TERBATAS" if limited else "BERBAGI"
        assert dataset.access_class == (expected if dataset.agency == "bpbj" else "TERBUKA")


def test_about_half_of_the_datasets_are_pushed_and_the_others_pulled():
    ways = Counter(dataset.arrival.by for dataset in regency().datasets)
    assert abs(ways["push"] - ways["pull"]) <= 1
