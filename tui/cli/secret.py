"""`jobdeck secret set|delete CONNECTION FIELD` and `jobdeck secret unlock`."""

from __future__ import annotations

import asyncio
import getpass
import sys
from argparse import Namespace

from tui import config, vendors
from tui.cli.context import paths_of
from tui.cli.terminal import is_terminal, tell
from tui.engine.keyring_guard import GuardedKeyring
from tui.errors import ExitCode, UsageError
from tui.model import Secret


def run(options: Namespace) -> int:
    """Change what the OS keyring holds, or unlock it; no value ever comes from the command line."""
    if options.change == "unlock":
        asyncio.run(GuardedKeyring().unlock(_read("the keyring's password")))
        tell("jobdeck: the keyring is unlocked")
        return int(ExitCode.OK)
    connection = config.load(paths_of(options).config).connection(options.connection)
    known = [secret.name for secret in vendors.load(connection.vendor).secrets]
    if options.field not in known:
        raise UsageError(f"{connection.vendor} has no secret named {options.field}", hint=f"it has: {', '.join(known)}")
    account, keyring = f"{connection.name}/{options.field}", GuardedKeyring()
    if options.change == "delete":
        keyring.delete(account)
        tell(f"jobdeck: removed {account} from the keyring")
    else:
        keyring.set(account, _read(account))
        tell(f"jobdeck: stored {account} in the keyring")
    return int(ExitCode.OK)


def _read(what: str) -> Secret:
    text = getpass.getpass(f"{what}: ") if is_terminal(sys.stdin) else sys.stdin.readline().rstrip("\r\n")
    if not text:
        raise UsageError(f"{what} must not be empty")
    return Secret(text)
