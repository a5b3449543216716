"""Every numbered trap of the five dossiers has a test that names it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TRAPS = {"autodesk": 30, "enos": 13, "aspera": 12, "jaggaer": 12, "octoplant": 10}
"""How many each dossier has. A test names its own as `trap_N`, in a file of several vendors as `VENDOR_trap_N`."""
_TESTS = Path(__file__).parent.parent
_NAMED = re.compile(rf"(?:({'|'.join(TRAPS)})_)?traps?((?:_(?:and_)?\d+)+)(?!\d)")


def named(vendor: str) -> set[int]:
    found: set[int] = set()
    for path in _TESTS.rglob("test_*.py"):
        own = path.name.startswith(f"test_{vendor}")
        for test in re.findall(r"def (test_\w+)", path.read_text("utf-8")):
            for match in _NAMED.finditer(test):
                if match[1] == vendor or (match[1] is None and own):
                    found |= {int(number) for number in re.findall(r"\d+", match[2])}
    return found


@pytest.mark.parametrize("vendor", TRAPS)
def test_each_trap_is_named_by_a_test(vendor: str) -> None:
    assert set(range(1, TRAPS[vendor] + 1)) - named(vendor) == set()
