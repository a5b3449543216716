"""Where a secret is looked for: environment, command, keyring, memory; the first hit wins (CONTRACT section 4)."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from tui.engine.keyring_guard import GuardedKeyring
from tui.errors import CredentialsError
from tui.model import Connection, Secret, SecretField
from tui.redact import remember
from tui.text import safe_line
from tui.vendors.contract import Secrets

COMMAND_SECONDS = 10.0
_MOST_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Found:
    """A secret and the name of the place it came from."""

    secret: Secret
    source: str


def variable(connection: str, name: str) -> str:
    """The environment variable of a secret: `JOBDECK_SECRET_<CONNECTION>_<FIELD>`."""
    return "JOBDECK_SECRET_" + re.sub(r"[^A-Z0-9]", "_", f"{connection}_{name}".upper())


class SecretFinder:
    """Looks secrets up in the contract's order; `environ` is read once per look-up."""

    def __init__(self, environ: Mapping[str, str], keyring: GuardedKeyring) -> None:
        self._environ = environ
        self._keyring = keyring
        self._memory: dict[tuple[str, str], Secret] = {}

    def keep(self, connection: str, name: str, secret: Secret) -> None:
        """Keep a secret that was typed, for this run only."""
        remember(secret)
        self._memory[connection, name] = secret

    async def find_all(self, connection: Connection, fields: tuple[SecretField, ...]) -> Secrets:
        """All secrets of a connection that can be found. Raises CredentialsError when a command fails."""
        found: dict[str, Secret] = {}
        for field in fields:
            if hit := await self.find(connection, field):
                remember(hit.secret)
                found[field.name] = hit.secret
        return Secrets(connection.name, found)

    async def find(self, connection: Connection, field: SecretField) -> Found | None:
        """One secret and its source, or None. Raises CredentialsError when its command fails."""
        name = variable(connection.name, field.name)
        if value := self._environ.get(name):
            return Found(Secret(value), f"environment ({name})")
        if argv := connection.secret_commands.get(field.name):
            return Found(await asyncio.to_thread(run_command, argv), f"command ({argv[0]})")
        kept = self._memory.get((connection.name, field.name))
        stored = None if kept else await self._keyring.get(f"{connection.name}/{field.name}")
        if stored is not None:
            return Found(stored, "keyring")
        if kept is not None:
            return Found(kept, "typed in, for this run")
        if field.default is not None:
            return Found(Secret(field.default), "published default")
        return None


def run_command(argv: tuple[str, ...]) -> Secret:
    """What a secret command prints, without its last newline: no shell, no terminal, ended with its group.

    Raises CredentialsError; its text has 200 characters of the command's stderr at most, never its stdout.
    """
    try:
        process = subprocess.Popen(  # noqa: S603  # the user's own command, as an argv list
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        raise CredentialsError(f"the secret command {argv[0]} cannot be run: {error.strerror}") from error
    try:
        out, err = process.communicate(timeout=COMMAND_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise CredentialsError(f"the secret command {argv[0]} gave no answer in {COMMAND_SECONDS:g} s") from None
    text = out[:_MOST_BYTES].decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
    if process.returncode or not text:
        why = f"ended with {process.returncode}" if process.returncode else "printed nothing"
        said = safe_line(err.decode("utf-8", "replace").strip(), 200)
        raise CredentialsError(f"the secret command {argv[0]} {why}", hint=said)
    return Secret(text)
