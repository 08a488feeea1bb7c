"""A dataset of real packages that programs push to, and helpers that speak HTTP."""

import csv
import io
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
from hub.demo.regency import DemoDataset, regency
from hub.standards import service as standards

PAKET = "bpbj/paket-nontender"


@pytest.fixture
def make_dataset(hub: TestClient, make_agency: Callable[..., str]) -> Callable[..., DemoDataset]:
    """Enter one of the demonstration's datasets into the catalog."""

    def make(name: str = PAKET, **changes: Any) -> DemoDataset:
        dataset = regency().dataset(name)
        make_agency(dataset.agency)
        assert isinstance(hub.app, FastAPI)
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
        return dataset

    return make


@pytest.fixture
def steward(hub: TestClient, make_client: Callable[..., TestClient]) -> TestClient:
    return make_client("steward", "bpbj")


@pytest.fixture(scope="session")
def rows() -> list[dict[str, Any]]:
    """The real packages, as LKPP serves them."""
    served = regency().dataset(PAKET).served()
    return [json.loads(line) for line in served.splitlines()]


@pytest.fixture(scope="session")
def ndjson() -> Callable[[list[dict[str, Any]]], bytes]:
    return lambda rows: b"\n".join(json.dumps(row).encode() for row in rows)


@pytest.fixture(scope="session")
def csv_of() -> Callable[[list[dict[str, Any]]], bytes]:
    """Rows as a CSV file: nulls become empty cells, everything else its text."""

    def write(rows: list[dict[str, Any]]) -> bytes:
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue().encode()

    return write
