"""The wheel and the sdist: built once, they hold what they must and nothing else, and what is in the wheel runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

import pytest

import tui
from tui.cli.manual import page
from tui.cli.parser import make_parser

pytest.importorskip("hatchling", reason="hatchling builds the packages: pip install -e '.[dev]'")

ROOT = Path(__file__).parent.parent.parent
BUILD = "import sys; from hatchling.build import *; build_sdist(sys.argv[1]); build_wheel(sys.argv[1])"
SIDE_FILES = ("README.md", "CHANGELOG.md", "LICENSE", "config.toml.example", "pyproject.toml", ".ci/manual_page.py")


@dataclass(frozen=True)
class Packages:
    wheel: Path
    sdist: Path

    def in_wheel(self) -> set[str]:
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())

    def in_sdist(self) -> set[str]:
        with tarfile.open(self.sdist) as archive:
            return {name.partition("/")[2] for name in archive.getnames()}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, check=True, capture_output=True, timeout=150)
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    return Packages(wheel, sdist)


def modules() -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in ROOT.glob("tui/**/*.py")}


def test_the_wheel_holds_the_program_and_nothing_else(packages: Packages) -> None:
    names = packages.in_wheel()
    assert names >= modules() | {"tui/py.typed"}
    info = f"jobdeck-{tui.__version__}.dist-info/"
    others = {name for name in names if not name.startswith(("tui/", info))}
    data = f"jobdeck-{tui.__version__}.data/data/share"
    assert others == {f"{data}/jobdeck/config.toml.example", f"{data}/man/man1/jobdeck.1"}
    assert {name for name in names if name.startswith("tui/")} == modules() | {"tui/py.typed"}


def test_the_wheel_brings_its_manual_page(packages: Packages) -> None:
    with zipfile.ZipFile(packages.wheel) as archive:
        text = archive.read(f"jobdeck-{tui.__version__}.data/data/share/man/man1/jobdeck.1").decode()
    assert text.splitlines() == "\n".join(page(make_parser())).splitlines()


def test_the_sdist_can_be_built_and_tested_from(packages: Packages) -> None:
    names = packages.in_sdist()
    tests = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/**/*.py")}
    assert names >= modules() | tests | set(SIDE_FILES) | {"tui/py.typed", "PKG-INFO"}
    strange = [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".sqlite", ".log"))]
    assert not strange
    hidden = {name for name in names if name.startswith(".")}
    assert hidden == {".gitignore", ".ci/manual_page.py"}, "what the build needs, and nothing else"


def test_what_the_wheel_says_of_itself(packages: Packages) -> None:
    with zipfile.ZipFile(packages.wheel) as archive:
        info = f"jobdeck-{tui.__version__}.dist-info"
        said = Parser().parsestr(archive.read(f"{info}/METADATA").decode())
        entry = archive.read(f"{info}/entry_points.txt").decode()
    assert (said["Name"], said["Version"], said["License-Expression"]) == ("jobdeck", tui.__version__, "MIT")
    assert said["Requires-Python"] == ">=3.11"
    assert "jobdeck = tui.__main__:main" in entry
    required = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert sum("extra ==" not in one for one in said.get_all("Requires-Dist", [])) == len(required)


def test_what_is_in_the_wheel_runs_by_itself(packages: Packages, tmp_path: Path) -> None:
    with zipfile.ZipFile(packages.wheel) as archive:
        archive.extractall(tmp_path / "site")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(tmp_path / "site"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    done = subprocess.run(
        [sys.executable, "-m", "tui", "doctor", "--json"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert json.loads(done.stdout)["broken"] == 0
    assert done.stderr == ""
