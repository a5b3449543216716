"""`jobdeck secret`: words, and where nothing can be stored; and a process that keeps its memory to itself."""

from __future__ import annotations

import subprocess
import sys

from tests.cli.conftest import Command

LOOK = """
import ctypes, resource
from tui.cli.main import run
run(["list"])
print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def test_no_core_is_dumped_and_no_neighbour_looks_in(jobdeck: Command) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK], env=jobdeck.environment(), capture_output=True, text=True, timeout=100, check=True
    )
    assert done.stdout.splitlines()[-1] == "0 0"


def test_without_a_keyring_there_is_nothing_to_unlock(jobdeck: Command) -> None:
    said = jobdeck("secret", "unlock", stdin="canary-password\n", code=3)
    assert "there is no keyring on this host" in said
    assert "canary" not in said


def test_a_value_on_the_command_line_is_refused_and_not_told(jobdeck: Command) -> None:
    said = jobdeck("secret", "set", "plant", "password", "canary-password", code=2)
    assert "run: jobdeck secret set plant password\n" in said
    assert "canary" not in said


def test_no_line_of_a_value_is_lost_unsaid(jobdeck: Command) -> None:
    assert "more than one line" in jobdeck("secret", "unlock", stdin="first\nsecond\n", code=2)


def test_an_empty_value_is_not_stored(jobdeck: Command) -> None:
    assert "must not be empty" in jobdeck("secret", "unlock", code=2)
