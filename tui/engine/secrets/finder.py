"""Where a secret is looked for: environment, command, memory, keyring; the first hit wins (CONTRACT section 4)."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass

from tui.clock import Clock, within
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.secrets.ways import PREFIX, keyring_account, variable, way_in
from tui.engine.unbroken import begun
from tui.errors import CredentialsError
from tui.model import Connection, Secret, SecretField
from tui.redact import redact, remember
from tui.text import safe_line
from tui.vendors.contract import Secrets

ENVIRONMENT, COMMAND = "environment", "secret_command"
"""The first two sources, in words for people: nothing that is typed or kept goes before them."""
COMMAND_SECONDS = 10.0
_MOST_BYTES = 65_536
_STDOUT = 1


@dataclass(frozen=True, slots=True)
class FoundSecret:
    """A secret and the place it came from, in words for people."""

    secret: Secret
    source: str


def take_secrets(environ: MutableMapping[str, str]) -> dict[str, str]:
    """The environment as it is; the secrets are taken out of it, so that no program that is started gets them."""
    taken = dict(environ)
    for name in taken:
        if name.startswith(PREFIX):
            del environ[name]
    return taken


class SecretFinder:
    """Looks secrets up in that order: what was typed in this run is newer than what the keyring holds."""

    def __init__(self, environ: Mapping[str, str], keyring: GuardedKeyring, clock: Clock) -> None:
        self._environ = environ
        self._keyring = keyring
        self._clock = clock
        self._memory: dict[tuple[str, str], Secret] = {}

    def hold(self, connection: str, name: str, secret: Secret) -> None:
        """Hold a secret that was typed, for this run only."""
        remember(secret)
        self._memory[connection, name] = secret

    def forget(self, connection: str, field: str | None = None) -> None:
        """Forget what was typed for a connection: one secret, or all."""
        self._memory = {
            (name, one): secret
            for (name, one), secret in self._memory.items()
            if name != connection or field not in (one, None)
        }

    def rename(self, old: str, new: str) -> None:
        """What was typed for a connection holds under its new name."""
        self._memory = {(new if name == old else name, one): secret for (name, one), secret in self._memory.items()}

    def is_in_environment(self, connection: str, name: str) -> bool:
        """Whether a secret comes from an environment variable."""
        return bool(self._environ.get(variable(connection, name)))

    def comes_first(self, connection: Connection, field: str) -> str | None:
        """The source that goes before whatever is typed or kept, as `find` names it; None where there is none."""
        if self.is_in_environment(connection.name, field):
            return ENVIRONMENT
        return COMMAND if field in connection.secret_commands else None

    async def find_all(self, connection: Connection, fields: tuple[SecretField, ...]) -> Secrets:
        """All secrets of a connection that can be found. Raises CredentialsError when a command fails."""
        found: dict[str, Secret] = {}
        for field in fields:
            if hit := await self.find(connection, field):
                remember(hit.secret)
                found[field.name] = hit.secret
        trouble = self._keyring.trouble
        missing = (field.name for field in fields if field.name not in found)
        ways_in = {name: way_in(connection.name, name, trouble) for name in missing}
        return Secrets(connection.name, found, trouble, ways_in)

    async def find(self, connection: Connection, field: SecretField) -> FoundSecret | None:
        """One secret and its source, or None. Raises CredentialsError when its command fails."""
        name = variable(connection.name, field.name)
        if value := self._environ.get(name):
            return FoundSecret(Secret(value), ENVIRONMENT)
        if argv := connection.secret_commands.get(field.name):
            return FoundSecret(await run_command(argv, self._clock), COMMAND)
        if kept := self._memory.get((connection.name, field.name)):
            return FoundSecret(kept, "this run")
        if stored := await self._keyring.get(keyring_account(connection.name, field.name)):
            return FoundSecret(stored, self._keyring.source)
        if field.default is not None:
            return FoundSecret(Secret(field.default), "vendor's published default")
        return None


async def run_command(argv: tuple[str, ...], clock: Clock) -> Secret:
    """What a secret command prints, without its last newline: no shell, no terminal, ended with its group.

    Raises CredentialsError; its text has 200 characters of the command's stderr at most, never its stdout.
    """
    name, loop = argv[0], asyncio.get_running_loop()
    try:
        starting = loop.subprocess_exec(_Said, *argv, stdin=subprocess.DEVNULL, start_new_session=True)
        transport, said = await begun(starting, _ended)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "its words hold a zero byte"
        raise CredentialsError(f"the secret command {name} cannot be run: {why}") from error
    try:
        await within(clock, COMMAND_SECONDS, asyncio.shield(said.all_of_it))
    except TimeoutError:
        raise CredentialsError(f"the secret command {name} gave no answer in {COMMAND_SECONDS:g} s") from None
    finally:
        await _ended((transport, said))
    if said.too_much:
        raise CredentialsError(f"the secret command {name} printed more than a secret: over {_MOST_BYTES} bytes")
    text = said.out.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
    code = transport.get_returncode()
    if code or not text:
        why = f"ended with {code}" if code else "printed nothing"
        hint = safe_line(redact(said.err.decode("utf-8", "replace").strip()), 200)
        raise CredentialsError(f"the secret command {name} {why}", hint=hint)
    return Secret(text)


async def _ended(command: tuple[asyncio.SubprocessTransport, _Said]) -> None:
    """Have the command end, and its group where it has not said all."""
    transport, said = command
    if not said.all_of_it.done() or said.too_much:
        with suppress(ProcessLookupError):
            os.killpg(transport.get_pid(), signal.SIGKILL)
    transport.close()
    await said.exit


class _Said(asyncio.SubprocessProtocol):
    """Listens to a command: what it prints, up to a limit, and when it ends."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.out = bytearray()
        self.err = bytearray()
        self.too_much = False
        self.all_of_it = loop.create_future()
        self.exit = loop.create_future()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Keep what is printed; of stderr the beginning."""
        kept = self.out if fd == _STDOUT else self.err
        kept += data[: _MOST_BYTES + 1 - len(kept)]
        if len(self.out) > _MOST_BYTES and not self.all_of_it.done():
            self.too_much = True
            self.all_of_it.set_result(None)

    def process_exited(self) -> None:
        """The command itself has ended; its pipes may still be open."""
        self.exit.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's
        """The command has ended and everything it printed is here."""
        if not self.all_of_it.done():
            self.all_of_it.set_result(None)
