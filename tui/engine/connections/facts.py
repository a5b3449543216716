"""What is known of the connections: their settings, and where each secret comes from. Never a secret's value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tui import vendors
from tui.connection_draft import COMMON, settings_of
from tui.engine.facts.connections import ConnectionFacts, ConnectionForm, SecretFact
from tui.engine.secrets.finder import SecretFinder, variable
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.model import Connection, SecretField


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
    return ConnectionFacts(
        name=connection.name,
        vendor=vendor.name,
        vendor_label=vendor.label,
        base_url=connection.base_url,
        settings=settings_of(table),
        secrets=tuple(secrets),
        jobs=jobs,
        requests_left=requests_left,
    )


async def _secret_fact(
    connection: Connection, field: SecretField, finder: SecretFinder, keyring: GuardedKeyring
) -> SecretFact:
    """Where a secret comes from; a command is named, not run: it may ask the user for something."""
    found = await finder.find(replace(connection, secret_commands={}), field)
    source = found.source if found else None
    if field.name in connection.secret_commands and source != "environment":
        source = "secret_command"
    trouble = None if source else _what_to_do(connection.name, field, keyring)
    return SecretFact(field.name, field.help, field.required, source, trouble)


def _what_to_do(connection: str, field: SecretField, keyring: GuardedKeyring) -> str:
    if keyring.trouble is None:
        return f"not there; type it on the board, or run: jobdeck secret set {connection} {field.name}"
    return f"{keyring.trouble}; set {variable(connection, field.name)} or secret_command, or type it on the board"
