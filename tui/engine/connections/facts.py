"""What is known of the connections: their settings, and where each secret comes from. Never a secret's value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tui import vendors
from tui.config.draft import COMMON, settings_of
from tui.engine.facts.connections import ConnectionFacts, ConnectionForm, SecretFact
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.secrets.ways import way_in
from tui.model import Connection, SecretField
from tui.text import safe_line
from tui.vendors.contract import ChoosesSecrets

_LONGEST = 10_000
"""Characters of a setting."""


def connection_forms() -> tuple[ConnectionForm, ...]:
    """What a connection of each vendor is made of."""
    found = (vendors.load(name) for name in vendors.names())
    return tuple(
        ConnectionForm(vendor.name, vendor.label, (*vendor.settings, *COMMON), vendor.secrets) for vendor in found
    )


async def facts_of(
    connection: Connection,
    table: Mapping[str, object],
    finder: SecretFinder,
    keyring: GuardedKeyring,
    *,
    jobs: int,
    requests_left: int | None,
) -> ConnectionFacts:
    """One connection's facts; `table` is how it stands in config.toml. Runs no secret command."""
    vendor = vendors.load(connection.vendor)
    secrets = [await _secret_fact(connection, field, finder, keyring) for field in vendor.secrets]
    if isinstance(vendor, ChoosesSecrets):
        needed = vendor.needed(connection, [one.field for one in secrets if one.source])
        secrets = [replace(one, required=one.field in needed) for one in secrets]
    return ConnectionFacts(
        name=connection.name,
        vendor=vendor.name,
        base_url=safe_line(connection.base_url),
        settings=tuple((name, safe_line(value, _LONGEST)) for name, value in settings_of(table)),
        secrets=tuple(secrets),
        jobs=jobs,
        requests_left=requests_left,
    )


async def _secret_fact(
    connection: Connection, field: SecretField, finder: SecretFinder, keyring: GuardedKeyring
) -> SecretFact:
    """Where a secret comes from; a command is named, not run: it may ask the user for something."""
    first = finder.comes_first(connection, field.name)
    found = None if first else await finder.find(connection, field)
    source = safe_line(first or (found.source if found else ""))
    return SecretFact(
        field.name,
        field.help,
        field.required,
        source or None,
        None if source else safe_line(_what_to_do(connection.name, field, keyring)),
        is_given=first is not None,
    )


def _what_to_do(connection: str, field: SecretField, keyring: GuardedKeyring) -> str:
    why = keyring.trouble or "not there"
    return f"{why}; type it on the board, or {way_in(connection, field.name, keyring.trouble)}"
