"""The reference page describes every feed of the demonstration with its schema and key."""

from pathlib import Path

import pytest

from hub.demo.regency import regency
from schemas.registry import Registry

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "feeds.md"
LINES = PAGE.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("dataset", regency().datasets, ids=lambda dataset: dataset.name)
def test_a_dataset_has_its_row_with_schema_and_key(dataset):
    (line,) = (line for line in LINES if line.startswith(f"| `{dataset.name}` |"))
    _, _, schema, _, key, _, _, _ = line.split("|")
    assert f"[`{dataset.schema_name}`]" in schema
    document = Registry.packaged().get(dataset.schema_name, dataset.schema_version)
    assert key.strip() == ", ".join(f"`{name}`" for name in document.key)
    link = schema.partition("(")[2].partition(")")[0]
    assert (PAGE.parent / link).is_file()
