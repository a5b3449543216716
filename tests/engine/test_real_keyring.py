"""The guard against the real Secret Service: gnome-keyring on a bus of its own, unlocked, locked, mute and new.

Mute is the dialog that nobody answers, as over SSH: a call that would hang for ever. Besides: a host without a bus, and
one where a backend is installed that stores in plain text.
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
if [ "$1" = new ]; then
  gnome-keyring-daemon --start --components=secrets >/dev/null
else
  printf throw-away | gnome-keyring-daemon --unlock --components=secrets >/dev/null
fi
if [ "$1" = locked ] || [ "$1" = mute ]; then
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
from tui.engine.secrets.keyring_guard import GuardedKeyring
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

guard, secret = GuardedKeyring(seconds=30.0), Secret("pä ss\\nword")

def unlocked(password):
    return attempt(lambda: asyncio.run(guard.unlock(Secret(password))))

print(json.dumps({
    "state": asyncio.run(guard.state()),
    "missing": got(guard, "plant/none"),
    "set": attempt(lambda: asyncio.run(guard.put("plant/password", secret))),
    "got": got(guard, "plant/password"),
    "other run": got(GuardedKeyring(seconds=30.0), "plant/password"),
    "deleted": attempt(lambda: asyncio.run(guard.remove("plant/password"))),
    "deleted again": attempt(lambda: asyncio.run(guard.remove("plant/password"))),
    "trouble": guard.trouble,
    "source": guard.source,
    "wrong password": unlocked("another"),
    "still": asyncio.run(guard.state()),
    "right password": unlocked("throw-away"),
    "set at last": attempt(lambda: asyncio.run(guard.put("plant/password", secret))),
    "got at last": got(guard, "plant/password"),
}))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir(mode=0o700)
    return tmp_path


def environ(home: Path) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin:/usr/sbin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "CLIENT": CLIENT,
        "MUTE": MUTE,
    }


def found_by(command: list[str], environ: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def guard_in_a_session(mode: str, home: Path) -> dict[str, Any]:
    """What the guard finds on a bus and in a home of its own; ends within seconds in every mode."""
    bus = require("dbus-run-session")
    require("gnome-keyring-daemon")
    return found_by([bus, "--", "bash", "-c", SESSION, "bash", mode, sys.executable], environ(home))


def test_unlocked_it_stores_gives_back_and_removes(home: Path) -> None:
    assert guard_in_a_session("unlocked", home) == {
        "state": None,
        "missing": None,
        "set": "done",
        "got": "pä ss\nword",
        "other run": "pä ss\nword",
        "deleted": "done",
        "deleted again": "the keyring holds no secret for plant/password",
        "trouble": None,
        "source": "keyring (Secret Service)",
        "wrong password": "done",  # nothing is to be unlocked
        "still": None,
        "right password": "done",
        "set at last": "done",
        "got at last": "pä ss\nword",
    }


@pytest.mark.parametrize("mode", ["locked", "mute"])
def test_locked_no_dialog_comes_up_and_its_password_opens_it(mode: str, home: Path) -> None:
    found = guard_in_a_session(mode, home)
    trouble = "the keyring is locked"
    assert (found["missing"], found["got"], found["other run"]) == (None, None, None)
    assert {found[name] for name in ("state", "set", "deleted", "trouble", "still")} == {trouble}
    assert found["wrong password"] == "the keyring refuses this password"
    assert (found["right password"], found["set at last"], found["got at last"]) == ("done", "done", "pä ss\nword")


COMMAND = """
import io, json, sys
from tui.cli.main import run
codes = []
for password in ("another", "throw-away"):
    sys.stdin = io.StringIO(password + "\\n")
    codes.append(run(["secret", "unlock"]))
print(json.dumps({"codes": codes}))
"""


def test_the_command_unlocks_it_too(home: Path) -> None:
    bus = require("dbus-run-session")
    require("gnome-keyring-daemon")
    session = [bus, "--", "bash", "-c", SESSION, "bash", "locked", sys.executable]
    assert found_by(session, environ(home) | {"CLIENT": COMMAND}) == {"codes": [3, 0]}


def test_a_keyring_that_was_never_set_up_is_told(home: Path) -> None:
    found = guard_in_a_session("new", home)
    trouble = "the keyring was never set up: it has no collection"
    assert {found[name] for name in ("state", "set", "trouble", "right password", "set at last")} == {trouble}


def test_without_a_bus_there_is_no_keyring(home: Path) -> None:
    found = found_by([sys.executable, "-c", CLIENT], environ(home))
    trouble = "there is no keyring on this host"
    assert {found[name] for name in ("state", "set", "trouble", "right password", "set at last")} == {trouble}
    assert found["source"] == "keyring"


PLAIN = """
from keyring.backend import KeyringBackend

class PlaintextKeyring(KeyringBackend):
    priority = 0.5

    def get_password(self, service, username):
        return "planted"

    def set_password(self, service, username, password):
        open("plain", "w").write(password)
"""


def test_an_installed_backend_that_stores_in_plain_text_is_refused(home: Path) -> None:
    installed = home / "site"
    (installed / "plain-1.dist-info").mkdir(parents=True)
    (installed / "plain_keyring.py").write_text(PLAIN)
    (installed / "plain-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: plain\nVersion: 1\n")
    (installed / "plain-1.dist-info" / "entry_points.txt").write_text("[keyring.backends]\nplain = plain_keyring\n")
    changed = environ(home) | {"PYTHONPATH": f"{ROOT}:{installed}"}
    found = found_by([sys.executable, "-c", CLIENT], changed)
    trouble = "the keyring backend plain_keyring is refused: it does not store secrets safely"
    assert {found[name] for name in ("state", "set", "trouble", "right password", "set at last")} == {trouble}
    assert (found["got"], found["got at last"]) == (None, None)
    assert not (ROOT / "plain").exists()
