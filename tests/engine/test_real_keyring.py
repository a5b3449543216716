"""The guard against the real Secret Service: gnome-keyring on a bus of its own, unlocked, locked, and mute.

Mute is the dialog that nobody answers, as over SSH: a call that would hang for ever.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.realparts import require

ROOT = Path(__file__).parent.parent.parent

SESSION = """
set -eu
printf throw-away | gnome-keyring-daemon --unlock --components=secrets >/dev/null
if [ "$1" != unlocked ]; then
  "$2" -c 'import secretstorage as s; s.get_default_collection(s.dbus_init()).lock()'
fi
if [ "$1" = mute ]; then
  mkfifo "$HOME/owned"
  "$2" -c "$MUTE" > "$HOME/owned" & prompter=$!
  read -r owned < "$HOME/owned"
fi
code=0; "$2" -c "$CLIENT" || code=$?
if [ "$1" = mute ]; then kill "$prompter"; fi
exit $code
"""

MUTE = """
from jeepney import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection
connection = open_dbus_connection(bus="SESSION")
assert Proxy(message_bus, connection).RequestName("org.gnome.keyring.SystemPrompter", 4)[0] == 1
print("owned", flush=True)
while True:
    connection.receive()
"""

CLIENT = """
import asyncio, json
from tui.engine.keyring_guard import GuardedKeyring
from tui.errors import CredentialsError
from tui.model import Secret

def attempt(work):
    try:
        work()
    except CredentialsError as error:
        return error.message
    return "done"

def got(guard, account):
    found = asyncio.run(guard.get(account))
    return found.reveal() if found else None

guard, secret = GuardedKeyring(seconds=1.0), Secret("pä ss\\nword")
print(json.dumps({
    "missing": got(guard, "plant/none"),
    "set": attempt(lambda: guard.set("plant/password", secret)),
    "got": got(guard, "plant/password"),
    "other run": got(GuardedKeyring(seconds=1.0), "plant/password"),
    "deleted": attempt(lambda: guard.delete("plant/password")),
    "deleted again": attempt(lambda: guard.delete("plant/password")),
    "trouble": guard.trouble,
}))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir(mode=0o700)
    return tmp_path


def guard_in_a_session(mode: str, home: Path) -> dict[str, Any]:
    """What the guard finds on a bus and in a home of its own; ends within seconds in every mode."""
    bus = require("dbus-run-session")
    require("gnome-keyring-daemon")
    environ = {
        "PATH": "/usr/bin:/bin:/usr/sbin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "CLIENT": CLIENT,
        "MUTE": MUTE,
    }
    command = [bus, "--", "bash", "-c", SESSION, "bash", mode, sys.executable]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_unlocked_it_stores_gives_back_and_removes(home: Path) -> None:
    assert guard_in_a_session("unlocked", home) == {
        "missing": None,
        "set": "done",
        "got": "pä ss\nword",
        "other run": "pä ss\nword",
        "deleted": "done",
        "deleted again": "the keyring holds no secret for plant/password",
        "trouble": None,
    }


@pytest.mark.parametrize(
    ("mode", "trouble"),
    [("locked", "the keyring is locked and cannot show its dialog here"), ("mute", "the keyring did not answer")],
)
def test_locked_it_is_given_up_and_said_so(mode: str, trouble: str, home: Path) -> None:
    found = guard_in_a_session(mode, home)
    assert (found["missing"], found["got"], found["other run"]) == (None, None, None)
    assert (found["set"], found["deleted"], found["trouble"]) == (trouble, trouble, trouble)
