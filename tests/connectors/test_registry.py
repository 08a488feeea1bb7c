"""Kinds by name: ours, and those of a package installed beside us."""

import sys
from pathlib import Path

import pytest

from connectors.errors import ConnectorError, KindUnknown
from connectors.registry import kind, kinds, open_source
from connectors.transport import NetworkPolicy

THIRD_PARTY = """
from connectors.base import Batch, Layer, Report, Stream

class Fixed:
    options_schema = {"type": "object", "additionalProperties": False, "properties": {}}
    def __init__(self, options, bounds):
        self.bounds = bounds
    def check(self):
        return Report(())
    def discover(self):
        return [Stream("satu")]
    def read(self, stream, state):
        return iter(())
    def acknowledge(self, stream, state):
        pass
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package as pip would leave it, with one good entry point and two bad ones."""
    (tmp_path / "simpul_tetap.py").write_text(THIRD_PARTY)
    meta = tmp_path / "simpul_tetap-1.0.dist-info"
    meta.mkdir()
    (meta / "METADATA").write_text("Metadata-Version: 2.1\nName: simpul-tetap\nVersion: 1.0\n")
    (meta / "entry_points.txt").write_text(
        "[simpul.connectors]\ntetap = simpul_tetap:Fixed\nrusak = simpul_hilang:X\n"
        "folder = simpul_tetap:Fixed\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("simpul_tetap", None)


def test_the_built_in_kinds_are_there():
    assert {"http-json", "folder"} <= set(kinds())


def test_a_third_party_kind_opens_like_ours(package, work):
    assert "tetap" in kinds()
    source = open_source("tetap", {}, {}, work=work, network=NetworkPolicy())
    assert [stream.name for stream in source.discover()] == ["satu"]


def test_a_package_cannot_replace_a_built_in_kind(package):
    assert kind("folder").__module__ == "connectors.folder"
    assert kinds()["folder"].__module__ == "connectors.folder"


def test_a_broken_package_hides_itself_alone(package):
    assert "rusak" not in kinds()
    with pytest.raises(KindUnknown) as unknown:
        kind("rusak")
    assert "simpul_hilang" in unknown.value.reason
    with pytest.raises(KindUnknown):
        kind("tidak-ada")


def test_the_reference_names_every_kind_option_and_error():
    page = (Path(__file__).parents[2] / "docs/reference/connectors.md").read_text()
    for name in ("http-json", "folder"):
        assert f"## `{name}`" in page
        for option in kind(name).options_schema["properties"]:
            assert f"| `{option}` |" in page
    for error in ConnectorError.__subclasses__():
        assert f"| `{error.__name__}` |" in page
