"""A dataset decides which rules beyond its schema reject a row and which only warn."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

PACKS = Path(__file__).parents[2] / "schemas" / "packs"
PATH = "/api/v1/datasets/dkisp/kinerja-layanan"
NDJSON = {"Content-Type": "application/x-ndjson"}
RULE = "pengaduan-tepat-waktu-tidak-lebih-dari-masuk"


def test_a_warned_batch_is_published_until_the_dataset_makes_it_an_error(
    hub: TestClient, make_agency: Callable[..., str], make_client: Callable[..., TestClient]
) -> None:
    make_agency("dkisp")
    steward = make_client("steward", "dkisp")
    made = steward.post(
        "/api/v1/datasets",
        json={
            "agency": "dkisp",
            "slug": "kinerja-layanan",
            "title": "Kinerja layanan",
            "schema": "kinerja/kinerja-layanan/1.0.0",
        },
    )
    assert made.status_code == 201, made.text
    (row, *_) = json.loads((PACKS / "kinerja-layanan.json").read_text())["good"]
    body = json.dumps({**row, "pengaduan_masuk": 7}).encode()
    sent = steward.post(f"{PATH}/batches?mode=upsert", content=body, headers=NDJSON)
    assert sent.status_code == 201, sent.text
    report = steward.get(f"{PATH}/batches/{sent.json()['batch']}/errors").json()
    assert report["counts"] | {"rejected": 0, "errors": 0, "warnings": 1} == report["counts"]
    assert [(one["rule"], one["severity"]) for one in report["by_rule"]] == [(RULE, "warning")]

    stricter = steward.patch(PATH, json={"severities": {RULE: "error"}})
    assert stricter.json()["severities"] == {RULE: "error"}
    again = steward.post(f"{PATH}/batches?mode=upsert", content=body, headers=NDJSON)
    assert again.status_code == 422
    told: list[dict[str, Any]] = again.json()["report"]["by_rule"]
    assert [(one["rule"], one["severity"]) for one in told] == [(RULE, "error")]
