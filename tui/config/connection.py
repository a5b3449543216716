"""One table `[connections.NAME]`: a login at one vendor, which names settings of its own."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tui import secret_names, vendors
from tui.address import host_of
from tui.config.filters import auto_of
from tui.config.settings import Downloads, Polling
from tui.config.tables import interval_of
from tui.config.toml_table import Table
from tui.errors import ConfigError
from tui.filter import Saved
from tui.model import Connection, Safe
from tui.text import safe_line
from tui.vendors.contract import Vendor

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""What a connection may be called."""

_LONGEST_LABEL = 100

_SECRET_NAME = re.compile(rf"(?i)(.*[_-])?{secret_names.ENDING}")

_LONGEST_TIMEOUT = 3600.0

_MOST_REQUESTS = 60_000


def connection_of(name: str, table: Table, polling: Polling, downloads: Downloads, filters: Saved) -> Connection:
    """The connection; what it does not say itself is as in the other tables. Raises ConfigError."""
    if not NAME.fullmatch(name):
        raise table.error("", f'the name "{name}" may hold letters, digits, "-", "_" and "." only')
    vendor = vendors.load(table.choice("vendor", None, vendors.names()))
    _refuse_secrets(name, vendor, table)
    min_interval = interval_of(table, "min_interval", polling.min_interval)
    connection = Connection(
        name=name,
        vendor=vendor.name,
        base_url=_base_url(vendor, table),
        options=_options(vendor, table),
        label=_label(table),
        ca_file=table.path("ca_file"),
        tls_server_name=table.optional_text("tls_server_name"),
        insecure=table.flag("insecure", default=False),
        proxy=_proxy(table),
        timeout=table.number("timeout", 20.0, least=0.1, most=_LONGEST_TIMEOUT),
        trust=table.choice("trust", "bundled", ("bundled", "system")),
        allowed_hosts=_allowed_hosts(table),
        min_interval=min_interval,
        max_interval=max(polling.max_interval, min_interval),
        max_requests_per_minute=table.optional_whole("max_requests_per_minute", least=1, most=_MOST_REQUESTS),
        auto=auto_of(table, filters, default=downloads.auto),
        secret_commands=_secret_commands(vendor, table.table("secret_command")),
    )
    table.refuse_typos()
    return connection


def _label(table: Table) -> Safe | None:
    text = table.optional_text("label")
    return None if text is None else safe_line(text, _LONGEST_LABEL)


def _refuse_secrets(name: str, vendor: Vendor, table: Table) -> None:
    own = {secret.name for secret in vendor.secrets}
    for key in table.names():
        if key in own:
            raise ConfigError(
                f"{table.place(key)}: {key} is a secret and must not stand in this file",
                hint=f"take the line out and run: jobdeck secret set {name} {key}",
            )
        if _SECRET_NAME.fullmatch(key):
            raise ConfigError(
                f"{table.place(key)}: {key} looks like a secret and must not stand in this file",
                hint=f"take the line out; the secrets of {vendor.name} are: {', '.join(sorted(own))}",
            )


def _base_url(vendor: Vendor, table: Table) -> str:
    default = next((setting.default for setting in vendor.settings if setting.name == "base_url"), None)
    url = table.text("base_url", default).rstrip("/")
    _refuse_unusable(table, "base_url", url)
    scheme, mark, rest = url.partition("://")
    return f"{scheme.lower()}{mark}{rest}"


def _allowed_hosts(table: Table) -> tuple[str, ...]:
    hosts = table.words("allowed_hosts")
    if not all(map(host_of, hosts)):
        raise table.error("allowed_hosts", 'must be names of hosts without a port, e.g. ["storage.example"]')
    return hosts


def _proxy(table: Table) -> str | None:
    url = table.optional_text("proxy")
    if url is not None:
        _refuse_unusable(table, "proxy", url)
    return url


def _refuse_unusable(table: Table, name: str, url: str, *, with_query: bool = False) -> None:
    """Raise ConfigError, without the URL, for what no request can be sent to."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"[\s\x00-\x1f]", url):
        raise table.error(name, "must be a full address, e.g. https://host.example")
    if parts.username is not None or parts.password is not None or "#" in url or ("?" in url and not with_query):
        raise table.error(name, "must not hold a user, a password or a query")


def _options(vendor: Vendor, table: Table) -> dict[str, str]:
    options: dict[str, str] = {}
    for setting in vendor.settings:
        if setting.name == "base_url":
            continue
        if setting.choices:
            options[setting.name] = table.choice(setting.name, setting.default, setting.choices)
        elif setting.required:
            options[setting.name] = table.text(setting.name, setting.default)
        else:
            options[setting.name] = table.optional_text(setting.name) or setting.default or ""
        if setting.name.endswith("_url") and not setting.choices and options[setting.name]:
            _refuse_unusable(table, setting.name, options[setting.name], with_query=True)
    return options


def _secret_commands(vendor: Vendor, table: Table) -> dict[str, tuple[str, ...]]:
    known = {secret.name for secret in vendor.secrets}
    commands: dict[str, tuple[str, ...]] = {}
    for name in table.names():
        if name not in known:
            raise table.error(name, f"is no secret of {vendor.name}; it has: {', '.join(sorted(known))}")
        commands[name] = table.words(name)
        if not any(commands[name][:1]):
            raise table.error(name, 'must name a command, e.g. ["pass", "show", "plant"]')
    return commands


def as_variable(text: str) -> str:
    """The text as a part of an environment variable's name: upper case, all but A-Z and 0-9 becomes `_`."""
    return re.sub(r"[^A-Z0-9]", "_", text.upper())


def refuse_twins(connections: Table) -> None:
    """Two names that one environment variable would serve: a secret would reach the wrong vendor."""
    seen: dict[str, str] = {}
    for name in connections.names():
        twin = seen.setdefault(as_variable(name), name)
        if twin != name:
            variable = f"JOBDECK_SECRET_{as_variable(name)}_…"
            raise connections.error(name, f"is too like {twin}: both would take their secrets from {variable}")
