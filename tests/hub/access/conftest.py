"""A small dataset with open, conditional and personal columns, published without the intake."""

import io
import itertools
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, delete
from starlette.testclient import TestClient

from catalog import releases
from catalog.models import Dataset, Release
from catalog.storage import Mode, commit, from_json, stage, to_json
from hub.calendar import real_now
from hub.db import unit_of_work
from hub.grants import attesting
from hub.grants.attesting import Said
from hub.grants.contract import digest_of
from hub.grants.contract import text_of as text_of_contract
from hub.grants.models import AccessRequest, Grant, GrantSignature
from hub.grants.verify import SHARED_AT_ONCE
from hub.ledger.service import Ledger
from hub.proceedings.models import Proceeding
from hub.standards import service as standards
from schemas.arrow import arrow_schema

NUMBERS = itertools.count(90_001)
CANARY = "KENARI-7F3A"
"""Stands in every cell that a test must not find anywhere."""

SCHEMA = ("bpbj/penerima", "1.0.0")
DOCUMENT = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://simpul.invalid/schemas/bpbj/penerima/1.0.0.json",
    "title": "Penerima bantuan (sintetis)",
    "type": "object",
    "additionalProperties": False,
    "required": ["kode"],
    "x-kunci": ["kode"],
    "properties": {
        "kode": {"title": "Kode", "type": "string"},
        "kecamatan": {"title": "Kecamatan", "type": ["string", "null"]},
        "nilai": {"title": "Nilai", "type": ["integer", "null"]},
        "penyedia": {
            "title": "Penyedia",
            "type": ["string", "null"],
            "x-data-pribadi": "umum_bila_perorangan",
        },
        "nama": {"title": "Nama", "type": ["string", "null"], "x-data-pribadi": "umum"},
        "catatan": {"title": "Catatan", "type": ["string", "null"]},
    },
}

ROWS = [
    {
        "kode": f"{number:04}",
        "kecamatan": "Kuaro" if number % 2 else f"Tanah Grogot {CANARY}",
        "nilai": number * 1000,
        "penyedia": "PERORANGAN" if number % 3 else "CV Contoh (sintetis)",
        "nama": f"Orang {number} (sintetis) {CANARY}",
        "catatan": f"=1+{number} {CANARY}",
    }
    for number in range(1, 11)
]


@pytest.fixture
def penerima(
    make_agency: Callable[..., str],
    make_client: Callable[..., TestClient],
    make_dataset: Callable[..., str],
) -> Callable[..., str]:
    """Enter `bpbj/penerima` (or another slug) in a class, with its schema; return its id."""

    def make(access_class: str = "TERBATAS", slug: str = "penerima", agency: str = "bpbj") -> str:
        make_agency("bpbj")
        publisher = make_client("walidata", "dkisp")
        path = "/api/v1/schemas/bpbj/penerima/versions"
        answer = publisher.post(path, json=DOCUMENT)
        assert answer.status_code in (201, 409), answer.text
        return make_dataset(access_class, slug, agency, schema=SCHEMA, title="Penerima bantuan")

    return make


@pytest.fixture
def publish_rows(hub: TestClient, tmp_path: Path) -> Callable[..., int]:
    """Publish rows as the next release of a dataset; return its number."""
    assert isinstance(hub.app, FastAPI)
    state = hub.app.state

    def publish(dataset: str, rows: Sequence[dict[str, Any]] = ROWS, mode: Mode = "replace") -> int:
        with unit_of_work(state.engine) as session:
            known = session.get_one(Dataset, dataset)
            document = standards.find(session, known.schema_name, known.schema_version)
            schema, base = arrow_schema(document), releases.latest(session, dataset)
            file = tmp_path / "accepted.parquet"
            pq.write_table(pa.Table.from_pylist(list(rows), schema=schema), file)
            table = state.settings.storage / known.agency / known.slug
            staged = stage(
                table,
                from_json(base.files) if base else None,
                file,
                mode,
                document.key,
                schema,
                base_number=base.number if base else None,
            )
            number = base.number + 1 if base else 1
            session.add(
                Release(
                    dataset=dataset,
                    number=number,
                    delta_version=commit(table, staged, release=number, batch="uji"),
                    files=to_json(staged.files),
                    sha256=staged.sha256,
                    rows=staged.rows,
                    added=staged.added,
                    changed=staged.changed,
                    removed=staged.removed,
                    schema_name=document.name,
                    schema_version=document.version,
                    batch="uji",
                    published_at=real_now(),
                )
            )
        return number

    return publish


@pytest.fixture
def give(make_client: Callable[..., TestClient]) -> Callable[..., str]:
    """Let somebody ask for a dataset and its producer approve; return the id of the grant."""

    def ask_and_approve(who: TestClient, dataset: str, **wanted: Any) -> str:
        asked = {"purpose": "Menyusun RKPD 2026", "basis": "Perbup tupoksi pasal 4"} | wanted
        answer = who.post(f"/api/v1/datasets/{dataset}/requests", json=asked)
        assert answer.status_code == 201, answer.text
        request = answer.json()
        if request["grant"]:
            return str(request["grant"])
        head = make_client("head", dataset.split("/")[0])
        decided = head.post(
            f"/api/v1/requests/{request['id']}/decision", json={"decision": "approve"}
        )
        assert decided.status_code == 200, decided.text
        return str(decided.json()["grant"])

    return ask_and_approve


def put_grant(
    session: Session, ledger: Ledger, dataset: Dataset, agency: str | None, **said: Any
) -> Grant:
    """A grant as its row, signed by both sides in the hub's name; `said` are columns of it."""
    now, number = real_now(), next(NUMBERS)
    request = AccessRequest(
        id=f"PD-2025-{number:06}",
        target=dataset.id,
        producer=dataset.agency,
        requester_kind="client",
        requester="program",
        agency=agency,
        purpose="Uji",
        created_at=now,
    )
    grant = Grant(
        **{
            "id": f"HA-2025-{number:05}",
            "target": dataset.id,
            "producer": dataset.agency,
            "access_class": dataset.access_class,
            "grantee_agency": agency,
            "grantee": None if agency else "program",
            "purpose": "Uji",
            "starts_at": now - timedelta(hours=2),
            "expires_at": now + timedelta(hours=2),
            "request": request.id,
            "granted_by": "kepala",
            **said,
        },
        digest="",
    )
    stands = Proceeding(
        id=request.id,
        procedure="permintaan-data",
        version=0,
        state="aktif",
        opened_at=now,
        entered_at=now,
        requester=agency,
        producer=dataset.agency,
        dataset=dataset.id,
    )
    session.add_all([request, stands])
    session.flush()  # the grant refers to the request
    session.add(grant)
    sign_anew(session, ledger, grant)
    return grant


def sign_anew(session: Session, ledger: Ledger, grant: Grant) -> None:
    """Both sides sign what the row says now, in place of what they signed before."""
    now, request = real_now(), session.get_one(AccessRequest, grant.request)
    grant.text, grant.digest = text_of_contract(grant), digest_of(grant)
    session.flush()  # the signatures refer to the grant
    session.exec(delete(GrantSignature).where(col(GrantSignature.grant) == grant.id))
    asked = Said("0" * 32, now, {"client": "program", "agency": grant.grantee_agency})
    session.add(attesting.by_the_rule(ledger, grant, SHARED_AT_ONCE, ["0" * 32] * 2, now))
    session.add(attesting.by_the_requester(ledger, grant, request, asked))
    session.flush()


def rows_of(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = json.loads(answer.text)["items"]
    return items


def text_of(answer: Any) -> str:
    """Body and headers as one searchable text, whatever the format, without the random trace."""
    content = answer.content
    match answer.headers.get("content-type", "").split(";")[0].rsplit("/", 1)[-1]:
        case "vnd.apache.parquet" if answer.status_code == 200:
            body = str(pq.read_table(io.BytesIO(content)).to_pydict())
        case "vnd.apache.arrow.stream" if answer.status_code == 200:
            body = str(pa.ipc.open_stream(content).read_all().to_pydict())
        case "vnd.openxmlformats-officedocument.spreadsheetml.sheet":
            parts = zipfile.ZipFile(io.BytesIO(content))
            body = "".join(parts.read(name).decode(errors="replace") for name in parts.namelist())
        case _:
            body = content.decode(errors="replace")
    return body + str({n: v for n, v in answer.headers.items() if n != "traceparent"})
