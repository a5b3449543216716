"""`jobdeck secret set|delete CONNECTION FIELD` and `jobdeck secret unlock`."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import Namespace

from tui import config, vendors
from tui.cli.context import complete, paths_of
from tui.cli.notes import note
from tui.cli.terminal import is_terminal
from tui.clock import SystemClock
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keeping import SecretKeeper, refuse_unknown_secret
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.secrets.ways import keyring_account
from tui.errors import ExitCode, UsageError
from tui.model import Secret

_MOST_READ = 1_000_000


def run(options: Namespace) -> int:
    """Change what the OS keyring holds, or unlock it; no value ever comes from the command line."""
    if options.change == "unlock":
        complete(GuardedKeyring().unlock(_read("the keyring's password")))
        note(options, "the keyring is unlocked")
        return int(ExitCode.OK)
    if options.values:
        words = f"{options.change} {options.connection} {options.field}"
        raise UsageError(
            "a secret's value is not given on the command line, where others can read it",
            hint=f"take it out of your shell's history and run: jobdeck secret {words}",
        )
    connection = config.load(paths_of(options).config).connection(options.connection)
    refuse_unknown_secret(vendors.load(connection.vendor), options.field)
    keyring = GuardedKeyring()
    keeper = SecretKeeper(SecretFinder(os.environ, keyring, SystemClock()), keyring)
    if options.change == "delete":
        note(options, complete(keeper.remove(connection, options.field)))
    else:
        secret = _read(keyring_account(connection.name, options.field))
        note(options, complete(keeper.store(connection, options.field, secret)))
    return int(ExitCode.OK)


def _read(what: str) -> Secret:
    text = getpass.getpass(f"{what}: ") if is_terminal(sys.stdin) else sys.stdin.read(_MOST_READ).rstrip("\r\n")
    if not text:
        raise UsageError(f"{what} must not be empty")
    if "\n" in text:
        raise UsageError(f"{what} has more than one line", hint="nothing was stored; give the value alone")
    return Secret(text)
