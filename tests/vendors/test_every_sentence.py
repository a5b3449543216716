"""No error about a vendor is raised without saying what to do next."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tui

ROOT = Path(tui.__file__).parent
ERRORS = {"AskError", "CredentialsError", "ConfigError", "UsageError"}
ADVISED = ROOT / "vendors" / "autodesk"
"""Its errors get their hints from `errors.advice` on their way out."""
FILES = [path for path in sorted((ROOT / "vendors").rglob("*.py")) if ADVISED not in path.parents]
FILES += [*sorted((ROOT / "engine" / "wire").glob("*.py")), ROOT / "engine" / "polling" / "connection_poller.py"]


def without_hint(path: Path) -> list[int]:
    """Line numbers."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    raised = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ERRORS]
    return [call.lineno for call in raised if not any(word.arg == "hint" for word in call.keywords)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_error_has_a_hint(path: Path) -> None:
    assert without_hint(path) == []


def test_every_call_of_autodesks_gives_advice() -> None:
    tree = ast.parse((ADVISED / "__init__.py").read_text("utf-8"))
    vendor = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Autodesk")
    calls = [node for node in vendor.body if isinstance(node, ast.AsyncFunctionDef)]
    assert len(calls) > 8
    for call in calls:
        sends = [line for line in ast.walk(call) if isinstance(line, ast.Attribute) and line.attr in ("send", "fetch")]
        advised = [line for line in ast.walk(call) if isinstance(line, ast.With)]
        assert not sends or advised, call.name
