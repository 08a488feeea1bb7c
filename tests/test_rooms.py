"""Our top-level names are ours: no dependency may bring a package called like a room."""

from importlib.metadata import packages_distributions

import pytest


@pytest.mark.parametrize("room", ["hub", "connectors", "schemas", "catalog"])
def test_a_room_belongs_to_simpul_alone(room: str) -> None:
    assert set(packages_distributions().get(room, [])) <= {"simpul"}
