"""The one way of a secret into the keyring: where it went, what comes before it, and what to do where there is none."""

from __future__ import annotations

import io
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked

from tests.clock import FakeClock
from tests.engine.config_room import PLANT, ConfigRoom
from tests.engine.five import five
from tests.engine.keyrings import BrokenBackend, MemoryBackend, of_module, used
from tests.engine.octoplant_web import A
from tui import vendors
from tui.cli import secret as secret_command
from tui.engine.facts.jobs import TrackWish
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keeping import SecretKeeper
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.errors import CredentialsError, ExitCode, UsageError
from tui.model import Connection, Secret

CANARY = Secret("canary-that-is-kept")
GOOD = "keyring.backends.SecretService"
PLANT_CONNECTION = five().connection("plant")
WITH_COMMAND = replace(PLANT_CONNECTION, secret_commands={"password": ("pass", "show", "plant")})
VARIABLE = "JOBDECK_SECRET_PLANT_PASSWORD"
WAY_OUT = f"set the variable {VARIABLE} or name a secret_command (README: Over SSH and on servers)"
UNLOCK = "unlock it with its password, on the board or with jobdeck secret unlock"


class LockedBackend(BrokenBackend):
    error = KeyringLocked


@dataclass
class Room:
    """A keeper with the finder that looks for what it kept, and who heard of it."""

    keyring: GuardedKeyring
    environ: Mapping[str, str]

    def __post_init__(self) -> None:
        self.heard: list[str] = []
        self.finder = SecretFinder(self.environ, self.keyring, FakeClock())
        self.keeper = SecretKeeper(self.finder, self.keyring, self._hear)

    async def _hear(self, name: str) -> None:
        self.heard.append(name)

    async def source(self, connection: Connection = PLANT_CONNECTION) -> str | None:
        field = next(one for one in vendors.load(connection.vendor).secrets if one.name == "password")
        found = await self.finder.find(connection, field)
        return found.source if found else None


def a_room(environ: Mapping[str, str] | None = None) -> Room:
    return Room(GuardedKeyring(), environ or {})


async def test_in_the_keyring_it_takes_the_place_of_what_was_typed_for_this_run() -> None:
    room, backend = a_room(), of_module(MemoryBackend, GOOD)
    with used(backend):
        (told,) = await room.keeper.keep(PLANT_CONNECTION, [("password", Secret("typed"))], only_this_run=True)
        assert told == "plant/password is kept for this run only"
        assert (await room.source(), backend.kept) == ("this run", {})
        (told,) = await room.keeper.keep(PLANT_CONNECTION, [("password", CANARY)])
        assert told == "plant/password is kept in the keyring (Secret Service)"
        assert await room.source() == "keyring (Secret Service)"
    assert backend.kept == {("jobdeck", "plant/password"): CANARY.reveal()}
    assert room.heard == ["plant", "plant"]


@pytest.mark.parametrize(
    ("connection", "environ", "first"),
    [
        (PLANT_CONNECTION, {VARIABLE: "x"}, f"{VARIABLE} comes first"),
        (WITH_COMMAND, {}, "its secret_command comes first"),
        (WITH_COMMAND, {VARIABLE: "x"}, f"{VARIABLE} comes first"),
    ],
)
@pytest.mark.parametrize("backend", [MemoryBackend, BrokenBackend])
async def test_what_comes_first_is_told_wherever_it_went(
    connection: Connection, environ: Mapping[str, str], first: str, backend: type[MemoryBackend]
) -> None:
    room = a_room(environ)
    with used(of_module(backend, GOOD)):
        for only_this_run in (False, True):
            (told,) = await room.keeper.keep(connection, [("password", CANARY)], only_this_run=only_this_run)
            assert told.endswith(f", but {first}")


@pytest.mark.parametrize(
    ("backend", "trouble", "way_out"),
    [(BrokenBackend, "the keyring failed: OSError", WAY_OUT), (LockedBackend, "the keyring is locked", UNLOCK)],
)
async def test_where_the_keyring_takes_nothing_the_way_out_is_told(
    backend: type[MemoryBackend], trouble: str, way_out: str
) -> None:
    room = a_room()
    with used(of_module(backend, GOOD)):
        (told,) = await room.keeper.keep(PLANT_CONNECTION, [("password", CANARY)])
        assert told == f"plant/password is kept for this run only: {trouble}; for later runs: {way_out}"
        assert await room.source() == "this run"
        with pytest.raises(CredentialsError) as caught:
            await room.keeper.store(PLANT_CONNECTION, "password", CANARY)
    assert (caught.value.message, caught.value.hint) == (trouble, way_out)
    assert CANARY.reveal() not in told


async def test_stored_is_in_the_keyring_or_nowhere() -> None:
    room = a_room({VARIABLE: "x"})
    with used(of_module(BrokenBackend, GOOD)), pytest.raises(CredentialsError) as caught:
        await room.keeper.store(WITH_COMMAND, "password", CANARY)
    assert caught.value.hint == f"it is not needed: {VARIABLE} comes first"
    room = a_room()
    with used(of_module(BrokenBackend, GOOD)), pytest.raises(CredentialsError):
        await room.keeper.store(PLANT_CONNECTION, "password", CANARY)
    assert await room.source() is None
    assert room.heard == []


@pytest.mark.parametrize(
    ("field", "secret", "said"),
    [("pasword", CANARY, "octoplant has no secret named pasword"), ("password", Secret(""), "an empty secret")],
)
async def test_what_is_no_secret_is_not_kept(field: str, secret: Secret, said: str) -> None:
    room, backend = a_room(), of_module(MemoryBackend, GOOD)
    with used(backend):
        with pytest.raises(UsageError, match=said):
            await room.keeper.keep(PLANT_CONNECTION, [("client_secret", CANARY), (field, secret)])
        with pytest.raises(UsageError, match=said):
            await room.keeper.store(PLANT_CONNECTION, field, secret)
    assert (backend.kept, room.heard) == ({}, [])


async def test_a_form_and_a_pasted_text_say_the_same(tmp_path: Path) -> None:
    room = ConfigRoom(tmp_path)  # with the password in the environment
    room.path.write_text(PLANT)
    curl = f"curl -u 'versiondog:{CANARY.reveal()}' https://localhost:64023/v1/order/{A}"
    with used(room.secrets()):
        async with room.engine(GuardedKeyring()) as engine:
            typed = await engine.logins.keep_secret("plant", "password", CANARY, only_this_run=False)
            pasted = await engine.pasted.keep(TrackWish(curl, connection="plant"))
    assert typed == pasted == f"plant/password is kept in the keyring (Secret Service), but {VARIABLE} comes first"


def test_the_command_says_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text(PLANT)
    options = Namespace(
        change="set",
        connection="plant",
        field="password",
        values=[],
        config=str(tmp_path / "config.toml"),
        state=str(tmp_path),
        log_file=None,
        quiet=False,
    )
    monkeypatch.setenv(VARIABLE, "x")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{CANARY.reveal()}\n"))
    backend = of_module(MemoryBackend, GOOD)
    with used(backend):
        assert secret_command.run(options) == ExitCode.OK
        assert backend.kept == {("jobdeck", "plant/password"): CANARY.reveal()}
        options.change = "delete"
        assert secret_command.run(options) == ExitCode.OK
    assert backend.kept == {}
    assert capsys.readouterr().err.splitlines() == [
        f"jobdeck: plant/password is kept in the keyring (Secret Service), but {VARIABLE} comes first",
        f"jobdeck: plant/password is removed from the keyring, but {VARIABLE} comes first",
    ]
