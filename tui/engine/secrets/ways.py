"""What a secret is called outside, and what its user can do so that it is found (CONTRACT section 4)."""

from __future__ import annotations

from tui.config import as_variable
from tui.engine.secrets.backends import ON_SERVERS
from tui.engine.secrets.secret_service import LOCKED, LOCKED_HINT

PREFIX = "JOBDECK_SECRET_"
"""How the names of environment variables with secrets begin."""


def keyring_account(connection: str, field: str) -> str:
    """What the keyring calls a connection's secret."""
    return f"{connection}/{field}"


def variable(connection: str, field: str) -> str:
    """The environment variable of a secret: `JOBDECK_SECRET_<CONNECTION>_<FIELD>`."""
    return f"{PREFIX}{as_variable(connection)}_{as_variable(field)}"


def way_in(connection: str, field: str, trouble: str | None) -> str:
    """How a secret can be given; `trouble` is why the keyring cannot be used, None where it can."""
    if trouble is None:
        return f"run: jobdeck secret set {connection} {field}"
    if trouble == LOCKED:
        return LOCKED_HINT
    return f"set the variable {variable(connection, field)} or name a secret_command ({ON_SERVERS})"
