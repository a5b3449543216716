"""Each command loads itself: in the other tests it finds the program loaded (see warm.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.conftest import Command
from tests.cli.test_exit_codes import KEY, ORDER, PLANT
from tests.cli.warm import Load, Warm
from tui.cli.main import _MODULES

BY_THEMSELVES = {None, "emulate"}
"""They are started in processes of their own: the board in tests/e2e, `emulate` in test_exit_codes.py."""
COMMANDS = [
    (("track", "--no-check", ORDER), 0),
    (("list",), 0),
    (("show", KEY), 0),
    (("show", KEY, "--refresh"), 3),
    (("watch", "--timeout", "90"), 3),
    (("download", KEY), 3),
    (("cancel", KEY, "--yes"), 3),
    (("reset", KEY, "--yes"), 1),
    (("untrack", KEY, "--yes"), 0),
    (("submit", "-c", "plant", "-"), 2),
    (("connections",), 0),
    (("connections", "edit", "plant", "label=P"), 0),
    (("secret", "set", "plant", "password"), 2),
    (("doctor",), 1),
    (("mend",), 0),
    (("completion", "bash"), 0),
    (("man",), 0),
]
"""The secrets are missing, and nothing answers."""


@pytest.fixture
def cold() -> Iterator[Warm]:
    with Warm(Load.LIBRARIES) as process:
        yield process


def test_each_command_loads_what_it_needs(cold: Warm, jobdeck: Command) -> None:
    assert {words[0] for words, _ in COMMANDS} == set(_MODULES) - BY_THEMSELVES
    jobdeck.warm = cold
    jobdeck.config.write_text(PLANT)
    for words, code in COMMANDS:
        jobdeck(*words, code=code)
