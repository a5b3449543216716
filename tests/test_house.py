"""The house rules, run as tests: format, lint, types, who may import whom, and what the command must not load."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import tui

ROOT = Path(__file__).parent.parent
MOST_LINES = 500


def run(*words: str, timeout: float = 390) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False
    )


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("-m", "ruff", "format", "--check", "."), id="format"),
        pytest.param(("-m", "ruff", "check", "."), id="lint"),
        pytest.param(("-m", "mypy"), id="types"),
        pytest.param(("-c", "from importlinter.cli import lint_imports_command as run; run()"), id="rooms"),
    ],
)
def test_house_is_in_order(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_room_has_its_layer() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers")
    rooms = {f"tui.{path.stem}" for path in (ROOT / "tui").iterdir() if path.suffix == ".py" or path.is_dir()}
    aside = {"tui.__init__", "tui.__pycache__"}
    beside = {"tui.emulators"}  # its own contracts: it knows nobody, and only the command knows it
    assert rooms - aside - beside == {one.strip() for layer in layers for one in layer.split("|")}


def test_no_file_hides_two_rooms() -> None:
    files = [*ROOT.glob("tui/**/*.py"), *ROOT.glob("tests/**/*.py")]
    large = {str(path.relative_to(ROOT)): count for path in files if (count := _lines(path)) > MOST_LINES}
    assert not large


def _lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


@pytest.mark.parametrize("words", [("--version",), ("--help",), ("list", "--json"), ("watch",), ("doctor",)])
def test_command_never_loads_the_screen(words: tuple[str, ...], tmp_path: Path) -> None:
    state, config = str(tmp_path / "state"), str(tmp_path / "empty")
    Path(config).touch()
    code = (
        "import sys\nfrom tui.cli.main import run\n"
        f"try:\n    run(['--state', {state!r}, '--config', {config!r}, *{words!r}])\n"
        "except SystemExit:\n    pass\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] == 'textual'), file=sys.stderr)"
    )
    done = run("-c", code)
    assert done.stderr.splitlines()[-1] == "[]", done.stderr


@pytest.mark.parametrize("words", [("--version",), ("--help",)])
def test_smallest_commands_load_next_to_nothing(words: tuple[str, ...]) -> None:
    code = (
        "import sys\nfrom tui.cli.main import run\n"
        f"try:\n    run({list(words)!r})\nexcept SystemExit:\n    pass\n"
        "heavy = {'asyncio', 'httpx', 'sqlite3', 'ssl', 'msgspec', 'keyring', 'aiohttp', 'tui.model'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    assert run("-c", code).stderr.splitlines()[-1] == "[]"


def test_version_is_the_changelogs() -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == tui.__version__


def test_nothing_is_left_open_in_the_code() -> None:
    marks = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" * 3]) + r")\b")
    left = [str(path) for path in ROOT.glob("tui/**/*.py") if marks.search(path.read_text("utf-8"))]
    assert not left
