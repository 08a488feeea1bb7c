"""Datasets of the demonstration that refer to one another, and the worker's step that joins them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from catalog import datasets
from catalog.models import AccessClass
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.demo.regency import regency
from hub.outbox.delivery import deliver
from hub.standards import service as standards
from hub.subscribers import subscribers
from hub.threads.service import Indexer

NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def served() -> Callable[[str], list[dict[str, Any]]]:
    def read(name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in regency().dataset(name).served().splitlines()]

    return read


@pytest.fixture
def enter(hub: TestClient, make_agency: Callable[..., str]) -> Callable[..., None]:
    """Enter datasets of the demonstration into the catalog."""

    def make(*names: str, **changes: Any) -> None:
        assert isinstance(hub.app, FastAPI)
        for name in names:
            dataset = regency().dataset(name)
            make_agency(dataset.agency)
            said = {
                "title": dataset.title,
                "schema_name": dataset.schema_name,
                "schema_version": dataset.schema_version,
                "intake": list(dataset.intake),
                "access_class": AccessClass(dataset.access_class),
                "restriction_basis": dataset.restriction_basis,
                **changes,
            }
            with unit_of_work(hub.app.state.engine) as session:
                datasets.create(
                    session,
                    dataset.agency,
                    dataset.slug,
                    datasets.Description(**said),
                    standards.find(session, dataset.schema_name, dataset.schema_version),
                    agency_name=dataset.agency,
                    now=real_now(),
                )

    return make


@pytest.fixture
def push(make_client: Callable[..., TestClient]) -> Callable[..., None]:
    """Send records to a dataset as its agency's steward; they replace what is there."""

    def send(name: str, records: list[dict[str, Any]]) -> None:
        steward = make_client("steward", name.partition("/")[0])
        body = b"\n".join(json.dumps(record).encode() for record in records)
        answer = steward.post(
            f"/api/v1/datasets/{name}/batches?mode=replace", content=body, headers=NDJSON
        )
        assert answer.status_code == 201, answer.text

    return send


@pytest.fixture
def indexer(hub: TestClient) -> Indexer:
    assert isinstance(hub.app, FastAPI)
    return Indexer(hub.app.state.engine, hub.app.state.settings)


@pytest.fixture
def work_off(indexer: Indexer) -> Callable[[], int]:
    """Tell the hub's subscribers what has happened, as the worker does each second."""
    return lambda: deliver(indexer.engine, subscribers(indexer.engine, indexer.settings))


@pytest.fixture
def publish(make_client: Callable[..., TestClient]) -> Callable[..., None]:
    """Publish a schema of texts under an agency's code and enter its dataset, open to all agencies."""

    def make(name: str, columns: dict[str, dict[str, Any]], **keywords: Any) -> None:
        agency, _, slug = name.partition("/")
        body = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"https://simpul.invalid/schemas/{name}/1.0.0.json",
            "title": slug,
            "type": "object",
            "properties": {column: {"type": "string", **said} for column, said in columns.items()},
            "required": list(columns),
            "additionalProperties": False,
            **keywords,
        }
        steward = make_client("steward", agency)
        answer = steward.post(f"/api/v1/schemas/{name}/versions", content=json.dumps(body))
        assert answer.status_code == 201, answer.text
        entered = steward.post(
            "/api/v1/datasets",
            json={
                "agency": agency,
                "slug": slug,
                "title": slug,
                "schema": f"{name}/1.0.0",
                "access_class": "BERBAGI",
                "personal_data": "umum" if "x-data-pribadi" in json.dumps(body) else "tidak",
            },
        )
        assert entered.status_code == 201, entered.text

    return make
