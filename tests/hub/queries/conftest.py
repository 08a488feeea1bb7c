"""The dataset and the grants of the tests of access, and queries that take their time."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.hub.access.conftest import give, penerima, publish_rows

__all__ = ["give", "penerima", "publish_rows"]

ENDLESS = "SELECT count(*) FROM " + ", ".join(f"range(9000000) AS r{n}(x)" for n in range(3))


@pytest.fixture
def ask() -> Callable[..., Any]:
    def one(who: Any, sql: str, **more: Any) -> Any:
        return who.post("/api/v1/query", json={"sql": sql, **more})

    return one
