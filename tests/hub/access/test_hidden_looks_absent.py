"""To a party outside the regency a closed dataset and one that there is not look the same, everywhere."""

import json
import re

import pytest

from catalog.models import AccessClass
from tests.hub.access.test_no_cell_leaks import PATHS, QUERIES, api_routes

CLOSED = [kind.value for kind in AccessClass if kind is not AccessClass.TERBUKA]
ACTIONS = ("rows", "export", "query", "verify", "aggregate", "tidakada")


@pytest.fixture
def closed(hub, penerima, publish_rows, make_client):
    """One dataset of each closed class, with rows and an aggregate; their ids."""
    ids = [penerima(kind, kind.lower().replace("_", "-")) for kind in CLOSED]
    steward = make_client("steward", "bpbj")
    for dataset in ids:
        publish_rows(dataset)
        made = {"name": "hitung", "title": "Hitung", "groups": [{"column": "kecamatan"}]}
        answer = steward.post(f"/api/v1/datasets/{dataset}/aggregates", json=made)
        assert answer.status_code == 201, answer.text
    return ids


def told(answer, dataset):
    """Status and words, without the name that was asked for and what is new with every answer."""
    text = answer.text.replace(dataset, "X").replace(dataset.partition("/")[2], "X")
    text = re.sub(r'"(trace_id|instance|traceparent)":"[^"]*"', "", text)
    return answer.status_code, text


def paths(app):
    """Every GET route of a dataset, plain and with one parameter at a time."""
    for path, parameters in api_routes(app):
        if not path.startswith("/api/v1/datasets/{agency}/{slug}"):
            continue
        for query in ["", *(f"?{name}={QUERIES[name][0]}" for name in parameters)]:
            yield path + query


def test_outsiders_cannot_tell_them_apart(hub, closed, make_client):
    outsider, walked = make_client(), list(paths(hub.app))
    assert len(walked) > 20
    values = {**PATHS, "name": "hitung", "batch_id": "0" * 32, "job": "0" * 32}
    for who in (hub, outsider):
        for path in walked:
            seen = {}
            for dataset in (*closed, "bpbj/tidakada"):
                at = {**values, "slug": dataset.partition("/")[2]}
                url = re.sub(r"\{(\w+)\}", lambda part, at=at: at[part[1]], path)
                seen[dataset] = told(who.get(url), dataset)
            assert len(set(seen.values())) == 1, (path, seen)


def test_nor_by_asking_for_a_decision(closed, make_client):
    outsider = make_client()
    me = {"type": "client", "id": outsider.client_id}
    for action in ACTIONS:
        answers = {}
        for dataset in (*closed, "bpbj/tidakada"):
            asked = {
                "subject": me,
                "action": {"name": action, "properties": {"audience": "regency"}},
                "resource": {"type": "dataset", "id": dataset},
            }
            answer = outsider.post("/access/v1/evaluation", json=asked)
            assert answer.json()["decision"] is False
            answers[dataset] = json.dumps(answer.json()).replace(dataset, "X")
        assert len(set(answers.values())) == 1, (action, answers)
