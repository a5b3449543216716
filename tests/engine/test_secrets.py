"""Where a secret comes from, in order, and commands that misbehave."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
import time
from pathlib import Path

import pytest

from tests.clock import FakeClock
from tests.engine.keyrings import HangingBackend, MemoryBackend, of_module, used
from tests.engine.waiting import until
from tui.engine.secrets.finder import COMMAND_SECONDS, SecretFinder, run_command, take_secrets
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.secrets.ways import variable
from tui.errors import CredentialsError
from tui.model import Connection, Secret, SecretField
from tui.redact import redact

GOOD = "keyring.backends.SecretService"
FIELD = SecretField("password", "the password")
PUBLISHED = SecretField("client_secret", "printed on the vendor's page", default="published-value")


def python(code: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-c", code, *words)


def connection(*command: str) -> Connection:
    commands = {"password": command} if command else {}
    return Connection("plant-1.x", "octoplant", "https://h", secret_commands=commands)


def keyring_with(value: str | None) -> MemoryBackend:
    backend = of_module(MemoryBackend, GOOD)
    if value:
        backend.kept["jobdeck", "plant-1.x/password"] = value
    return backend


async def found(
    clock: FakeClock, *, environ: str = "", command: str = "", keyring: str = "", typed: str = ""
) -> tuple[str, str] | None:
    finder = SecretFinder({"JOBDECK_SECRET_PLANT_1_X_PASSWORD": environ}, GuardedKeyring(), clock)
    if typed:
        finder.hold("plant-1.x", "password", Secret(typed))
    with used(keyring_with(keyring)):
        hit = await finder.find(connection(*(python(f"print({command!r})") if command else ())), FIELD)
    return (hit.secret.reveal(), hit.source) if hit else None


def test_the_variable_is_spelt_as_the_contract_says() -> None:
    assert variable("plant-1.x", "client_secret") == "JOBDECK_SECRET_PLANT_1_X_CLIENT_SECRET"


async def test_the_first_hit_wins(clock: FakeClock) -> None:
    everywhere = {
        "environ": "env-value",
        "command": "command-value",
        "keyring": "keyring-value",
        "typed": "typed-value",
    }
    assert await found(clock, **everywhere) == ("env-value", "environment")
    del everywhere["environ"]
    assert await found(clock, **everywhere) == ("command-value", "secret_command")
    assert await found(clock, keyring="keyring-value") == ("keyring-value", "keyring (Secret Service)")
    assert await found(clock, typed="typed-value") == ("typed-value", "this run")
    assert await found(clock) is None


async def test_what_was_just_typed_is_not_overruled_by_an_old_stored_value(clock: FakeClock) -> None:
    assert await found(clock, keyring="old-value", typed="new-value") == ("new-value", "this run")


async def test_a_published_default_is_the_last_resort(clock: FakeClock) -> None:
    finder = SecretFinder({}, GuardedKeyring(), clock)
    with used(keyring_with(None)):
        hit = await finder.find(connection(), PUBLISHED)
    assert hit is not None
    assert (hit.secret.reveal(), hit.source) == ("published-value", "vendor's published default")


async def test_all_fields_are_found_at_once_and_masked_from_then_on(clock: FakeClock) -> None:
    finder = SecretFinder({"JOBDECK_SECRET_PLANT_1_X_PASSWORD": "canary-5cbd17"}, GuardedKeyring(), clock)
    missing = SecretField("api_key", "another one", required=False)
    with used(keyring_with(None)):
        secrets = await finder.find_all(connection(), (FIELD, PUBLISHED, missing))
    assert set(secrets.found) == {"password", "client_secret"}
    assert secrets.get("api_key") is None
    assert redact("it was canary-5cbd17") == "it was ***"
    assert "canary" not in repr(secrets)
    with pytest.raises(CredentialsError) as caught:
        secrets.need("api_key")
    assert caught.value.hint == "run: jobdeck secret set plant-1.x api_key"


@pytest.mark.parametrize(
    ("trouble", "way_in"),
    [
        ("the keyring is locked", "unlock it with its password, on the board or with jobdeck secret unlock"),
        (
            "there is none",
            "set the variable JOBDECK_SECRET_PLANT_1_X_PASSWORD or name a secret_command (README: Over SSH and on",
        ),
    ],
)
async def test_why_the_keyring_did_not_help_is_told_with_what_is_missing(
    clock: FakeClock, trouble: str, way_in: str
) -> None:
    finder = SecretFinder({}, GuardedKeyring(trouble=trouble), clock)
    with pytest.raises(CredentialsError) as caught:
        (await finder.find_all(connection(), (FIELD,))).need("password")
    assert f"the password is missing ({trouble})" in caught.value.message
    assert caught.value.hint.startswith(way_in)
    assert redact(caught.value.hint) == caught.value.hint, "the advice names no value"


async def test_a_keyring_that_hangs_holds_nobody_up(clock: FakeClock) -> None:
    backend = of_module(HangingBackend, GOOD)
    finder = SecretFinder({}, GuardedKeyring(seconds=0.01), clock)
    backend.hold_time()
    with used(backend):
        secrets = await finder.find_all(connection(), (FIELD, PUBLISHED))
    assert (set(secrets.found), backend.asked) == ({"client_secret"}, 1)
    backend.answered.set()


async def test_what_is_started_inherits_no_secret(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBDECK_SECRET_PLANT_1_X_PASSWORD", "canary-77aa")
    monkeypatch.setenv("HARMLESS", "here")
    taken = take_secrets(os.environ)
    assert (taken["JOBDECK_SECRET_PLANT_1_X_PASSWORD"], taken["HARMLESS"]) == ("canary-77aa", "here")
    command = python("import os; print([name for name in os.environ if 'JOBDECK' in name or name == 'HARMLESS'])")
    assert (await run_command(command, clock)).reveal() == "['HARMLESS']"


@pytest.mark.parametrize(
    ("code", "secret"),
    [
        ("print('pw')", "pw"),
        ("print('pw\\n')", "pw\n"),
        ("print('pw', end='\\r\\n')", "pw"),
        ("print(' p w ', end='')", " p w "),
        ("import sys; sys.stdout.buffer.write('pä'.encode()); print('noise', file=sys.stderr)", "pä"),
        ("import sys; print(sys.stdin.read() == '' and 'no stdin')", "no stdin"),
        ("import sys; print(sys.argv[1:])", "['$HOME', '; echo x', '*']"),
    ],
)
async def test_a_command_prints_the_secret(clock: FakeClock, code: str, secret: str) -> None:
    assert (await run_command(python(code, "$HOME", "; echo x", "*"), clock)).reveal() == secret


async def test_a_command_has_no_terminal_to_ask_on(clock: FakeClock) -> None:
    code = "\ntry:\n open('/dev/tty'); print('terminal')\nexcept OSError:\n print('none')"
    assert (await run_command(python(code), clock)).reveal() == "none"


@pytest.mark.parametrize(
    ("argv", "message", "hint"),
    [
        (("/nowhere/pass",), "/nowhere/pass cannot be run: No such file", ""),
        (("pass\0",), "cannot be run: its words hold a zero byte", ""),
        (python(""), "printed nothing", ""),
        (python("print()"), "printed nothing", ""),
        (python("print('canary'); raise SystemExit(3)"), "ended with 3", ""),
        (python("import sys; sys.exit('locked\\x1b[31m' + 'x' * 900)"), "ended with 1", "locked␛[31mxxx"),
        (python("import sys; sys.exit('password: hunter2')"), "ended with 1", "password: ***"),
        (python("import os; os.kill(os.getpid(), 9)"), "ended with -9", ""),
        (python("while True: print('canary' * 999)"), "printed more than a secret", ""),
    ],
)
async def test_a_command_that_fails_is_told_without_what_it_printed(
    clock: FakeClock, argv: tuple[str, ...], message: str, hint: str
) -> None:
    with pytest.raises(CredentialsError) as caught:
        await run_command(argv, clock)
    assert message in caught.value.message
    assert caught.value.hint.startswith(hint)
    assert len(caught.value.hint) <= 200
    assert "canary" not in caught.value.message + caught.value.hint


def is_alive(mark: Path) -> bool:
    """Whether the process that holds the mark's lock is still there."""
    with mark.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


HANGING = """
import fcntl, os, subprocess, sys, time
mark = sys.argv[1]
file = open(mark + '.new', 'w')
fcntl.flock(file, fcntl.LOCK_EX)
if len(sys.argv) > 2:
    subprocess.Popen(['sleep', '600'], pass_fds=[file.fileno()])  # a child that keeps the pipes and the lock
os.rename(mark + '.new', mark)
if len(sys.argv) > 2 and sys.argv[2] == 'leave':
    raise SystemExit(0)
time.sleep(600)
"""


@pytest.mark.parametrize("words", [(), ("child",), ("leave",)], ids=["alone", "with a child", "only its child"])
async def test_a_command_that_hangs_is_ended_with_its_group(
    clock: FakeClock, tmp_path: Path, words: tuple[str, ...]
) -> None:
    mark = tmp_path / "mark"
    asking = asyncio.create_task(run_command(python(HANGING, str(mark), *words), clock))
    await until(mark.exists)
    await clock.advance(COMMAND_SECONDS - 0.1)
    assert not asking.done()
    assert is_alive(mark)
    clock.jump(0.2)
    with pytest.raises(CredentialsError, match="gave no answer in 10 s"):
        await asking
    await until(lambda: not is_alive(mark))  # the kernel ends the group in its own time


async def test_a_command_ends_when_nobody_waits_for_it_any_more(clock: FakeClock, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    asking = asyncio.create_task(run_command(python(HANGING, str(mark), "child"), clock))
    await until(mark.exists)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await until(lambda: not is_alive(mark))


@pytest.mark.parametrize("steps", range(3, 9))
async def test_a_command_ends_at_whatever_step_of_its_start_nobody_waits_any_more(
    clock: FakeClock, tmp_path: Path, steps: int
) -> None:
    mark = tmp_path / "mark"
    asking = asyncio.create_task(run_command(python(HANGING, str(mark), "child"), clock))
    for _ in range(steps):
        await asyncio.sleep(0)
    while not mark.exists():  # the command is there by now, while the loop still has its pipes to connect
        time.sleep(0.001)  # noqa: ASYNC251
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await until(lambda: not is_alive(mark))
