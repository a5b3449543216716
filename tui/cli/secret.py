"""`jobdeck secret set|delete CONNECTION FIELD` and `jobdeck secret unlock`."""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace

from tui import config, vendors
from tui.cli.context import complete, paths_of
from tui.cli.notes import note
from tui.cli.terminal import is_terminal
from tui.engine.secrets.finder import keyring_account, variable
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.secrets.secret_service import LOCKED
from tui.errors import CredentialsError, ExitCode, UsageError
from tui.model import Secret


def run(options: Namespace) -> int:
    """Change what the OS keyring holds, or unlock it; no value ever comes from the command line."""
    if options.change == "unlock":
        complete(GuardedKeyring().unlock(_read("the keyring's password")))
        note(options, "the keyring is unlocked")
        return int(ExitCode.OK)
    connection = config.load(paths_of(options).config).connection(options.connection)
    known = [secret.name for secret in vendors.load(connection.vendor).secrets]
    if options.field not in known:
        raise UsageError(f"{connection.vendor} has no secret named {options.field}", hint=f"it has: {', '.join(known)}")
    name, keyring = keyring_account(connection.name, options.field), GuardedKeyring()
    if options.change == "delete":
        keyring.delete(name)
        note(options, f"removed {name} from the keyring")
    else:
        _store(keyring, name, _read(name), instead=variable(connection.name, options.field))
        note(options, f"stored {name} in the keyring")
    return int(ExitCode.OK)


def _store(keyring: GuardedKeyring, name: str, secret: Secret, *, instead: str) -> None:
    """Store it. Raises CredentialsError, which names the variable that needs no keyring."""
    try:
        keyring.set(name, secret)
    except CredentialsError as error:
        if keyring.trouble == LOCKED:
            raise
        hint = f"export {instead}=… instead, or name a secret_command (README: Over SSH and on servers)"
        raise CredentialsError(error.message, hint=hint) from error


def _read(what: str) -> Secret:
    text = getpass.getpass(f"{what}: ") if is_terminal(sys.stdin) else sys.stdin.readline().rstrip("\r\n")
    if not text:
        raise UsageError(f"{what} must not be empty")
    return Secret(text)
