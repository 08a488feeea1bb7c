"""What is installed is whole: the wheel holds every file of the rooms that the program reads."""

import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("hub", "connectors", "schemas", "catalog")

pytestmark = pytest.mark.skipif(
    find_spec("hatchling") is None, reason="hatchling, which builds the wheel, is not installed"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built in place by the project's own backend: no network, no other environment."""
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = out.glob("*.whl")
    return zipfile.ZipFile(built)


def tracked() -> set[str]:
    """Files of the rooms that git knows."""
    told = subprocess.run(
        ["git", "ls-files", "-z", *ROOMS], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return {name for name in told.stdout.split("\0") if name and (ROOT / name).exists()}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_the_wheel_holds_every_file_of_the_rooms(wheel: zipfile.ZipFile) -> None:
    assert sorted(tracked() - set(wheel.namelist())) == []


def test_the_wheel_holds_nothing_but_the_rooms_and_their_metadata(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(ROOMS)
    assert not [name for name in wheel.namelist() if name.endswith((".mo", ".pyc", ".db"))]


@pytest.mark.parametrize(
    "pattern",
    [
        "schemas/published/*/*/*.json",
        "schemas/annotations.json",
        "schemas/steps.json",
        "hub/web/templates/*.html",
        "hub/web/static/*.css",
        "hub/web/static/*.js",
        "hub/web/translations/*.po",
        "hub/migrations/script.py.mako",
        "hub/migrations/versions/*.py",
        "hub/rules/books/*.json",
        "hub/rules/shapes/*.json",
        "hub/demo/regency.json",
        "hub/demo/data/*.gz",
        "hub/demo/data/SOURCES.md",
    ],
)
def test_the_wheel_holds_what_is_read_at_run_time(wheel: zipfile.ZipFile, pattern: str) -> None:
    assert [name for name in wheel.namelist() if Path(name).match(pattern)]


def test_the_wheel_has_the_command_and_the_licence(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = [n for n in wheel.namelist() if n.endswith(".dist-info/entry_points.txt")]
    assert "simpul = hub.cli:app" in wheel.read(entry_points).decode()
    assert [name for name in wheel.namelist() if name.endswith(".dist-info/licenses/LICENSE")]
