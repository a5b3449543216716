"""config.toml to objects (CONTRACT section 3).

Stands above the vendors, since each vendor names its own settings. Every error says file, line and what to write
instead. A key that nobody knows is an error when it looks like a typing mistake of a known one, and is left alone
otherwise, since a newer jobdeck may know it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tui import vendors
from tui._toml_table import Table
from tui.address import host_of
from tui.config_rules import Callbacks, Retention, callbacks_of, retention_of
from tui.errors import ConfigError, UsageError
from tui.filter import SAVED_NAME, Saved
from tui.filter import parse as parse_filter
from tui.model import Connection, Safe
from tui.quiet_hours import QuietHours, read_hours
from tui.template import wrong_field
from tui.text import safe_line
from tui.theme_names import THEMES
from tui.vendors.contract import Vendor

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""What a connection may be called."""
_LONGEST_LABEL = 100
_SECRET_NAME = re.compile(r"(?i)(.*[_-])?(password|passwd|passphrase|secret|token|api_?key|secret_?key)")
_SHORTEST_INTERVAL = 0.2
_LONGEST_TIMEOUT = 3600.0
_DAY = 86_400.0
_MOST_REQUESTS = 60_000
LAYOUT_FIELDS = ("connection", "vendor", "title", "id", "date", "output")
COLUMNS = ("job", "connection", "state", "progress", "age", "seen", "output")
"""The columns of the job table."""
AFTER_FIELDS = ("path", "job", "connection", "title", "output")
NOTIFY_FIELDS = ("title", "state", "job", "connection", "vendor_status")


@dataclass(frozen=True, slots=True)
class Polling:
    """How often vendors are asked; seconds."""

    min_interval: float = 2.0
    max_interval: float = 60.0


@dataclass(frozen=True, slots=True)
class Downloads:
    """Where files go, how many move at once, and what is done with them by itself."""

    folder: Path = field(default_factory=lambda: Path("~/Downloads/jobdeck").expanduser())
    layout: str = "{output}"
    """Folders below `folder`, with LAYOUT_FIELDS; its end, `{output}`, is the file's own name."""
    at_once: int = 3
    connections: int = 4
    auto: bool | str = False
    """Whether results are fetched by themselves; a text is the filter that their jobs have to fit."""
    after: tuple[str, ...] = ()
    """A command for each file that was fetched, with AFTER_FIELDS."""


@dataclass(frozen=True, slots=True)
class Notify:
    """How the board tells that a job ended."""

    bell: bool = True
    desktop: str = "auto"
    command: tuple[str, ...] = ()
    """A command for each end, or for many at once, with NOTIFY_FIELDS."""
    when: str = "all"
    """Whose end is told: `all`, or only that of jobs with an `alert`."""
    quiet: QuietHours = field(default_factory=QuietHours)
    """When there is no bell, no desktop notice and no command."""


@dataclass(frozen=True, slots=True)
class Ui:
    """How the board looks."""

    theme: str = "jobdeck"
    """One of THEMES."""
    glyphs: str = "auto"
    columns: tuple[str, ...] = ()
    """The columns of the job table from left to right, of COLUMNS; all where none is named."""
    window_title: bool = True
    """Whether the terminal's window gets the board's totals as its title."""
    mouse: bool = True
    """Whether the board takes the mouse; else the terminal selects text with it."""


@dataclass(frozen=True, slots=True)
class Config:
    """The whole of config.toml."""

    polling: Polling = field(default_factory=Polling)
    downloads: Downloads = field(default_factory=Downloads)
    notify: Notify = field(default_factory=Notify)
    ui: Ui = field(default_factory=Ui)
    retention: Retention = field(default_factory=Retention)
    callbacks: Callbacks = field(default_factory=Callbacks)
    keys: Mapping[str, str] = field(default_factory=dict)
    filters: Saved = field(default_factory=dict)
    """The saved filters by their names."""
    connections: Mapping[str, Connection] = field(default_factory=dict)

    def connection(self, name: str) -> Connection:
        """The connection of that name. Raises ConfigError with the names there are."""
        try:
            return self.connections[name]
        except KeyError:
            known = ", ".join(self.connections) or "none yet"
            raise ConfigError(f"there is no connection named {name}", hint=f"connections: {known}") from None


def load(path: Path) -> Config:
    """Read config.toml; a missing file is an empty one. Raises ConfigError."""
    return parse(read_text(path), path)


def wrong_key(path: Path, name: str, message: str) -> ConfigError:
    """The error for one line of `[keys]`, whose actions only the board knows; `path` was read well before."""
    text = read_text(path)
    return Table(tomllib.loads(text), text, path, ()).table("keys").error(name, message)


def read_text(path: Path) -> str:
    """The text of a config.toml, byte by byte; empty when there is no such file. Raises ConfigError."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text", hint="save it as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", hint="check its permissions") from error


def parse(text: str, path: Path) -> Config:
    """Read the text of a config.toml; `path` is for the messages. Raises ConfigError."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also what Python says of a number of thousands of digits
        raise _unreadable(text, path, error) from error
    root = Table(document, text, path, ())
    polling = _polling(root.table("polling"))
    filters = _filters(root.table("filters"))
    downloads = _downloads(root.table("downloads"), filters)
    _refuse_twins(root.table("connections"))
    config = Config(
        polling=polling,
        downloads=downloads,
        notify=_notify(root.table("notify")),
        ui=_ui(root.table("ui")),
        retention=retention_of(root.table("retention")),
        callbacks=callbacks_of(root.table("callbacks")),
        keys={name: root.table("keys").text(name) for name in root.table("keys").names()},
        filters=filters,
        connections={
            name: _connection(name, root.table("connections").table(name), polling, downloads, filters)
            for name in root.table("connections").names()
        },
    )
    root.refuse_typos(extra=("keys",))
    return config


def _unreadable(text: str, path: Path, error: Exception) -> ConfigError:
    said = re.fullmatch(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)", str(error))
    what = said["what"] if said else "this cannot be read as TOML"
    line = (said["line"] if said else None) or max(len(text.splitlines()), 1)
    return ConfigError(f"{path}:{line}: {what}", hint="mend that line; config.toml.example shows every key")


def as_variable(text: str) -> str:
    """The text as a part of an environment variable's name: upper case, all but A-Z and 0-9 becomes `_`."""
    return re.sub(r"[^A-Z0-9]", "_", text.upper())


def _refuse_twins(connections: Table) -> None:
    """Two names that one environment variable would serve: a secret would reach the wrong vendor."""
    seen: dict[str, str] = {}
    for name in connections.names():
        twin = seen.setdefault(as_variable(name), name)
        if twin != name:
            variable = f"JOBDECK_SECRET_{as_variable(name)}_…"
            raise connections.error(name, f"is too like {twin}: both would take their secrets from {variable}")


def _polling(table: Table) -> Polling:
    polling = Polling(
        min_interval=table.number("min_interval", 2.0, least=_SHORTEST_INTERVAL, most=_DAY),
        max_interval=table.number("max_interval", 60.0, least=_SHORTEST_INTERVAL, most=_DAY),
    )
    table.refuse_typos()
    if polling.max_interval < polling.min_interval:
        raise table.error("max_interval", "must not be smaller than min_interval")
    return polling


def _filters(table: Table) -> Saved:
    """The saved filters; one may name others."""
    filters = {name: table.text(name) for name in table.names()}
    for name, text in filters.items():
        if not SAVED_NAME.fullmatch(name):
            raise table.error(name, 'is no name for a filter: it may hold letters, digits, "-" and "_"')
        _refuse_wrong_filter(table, name, text, {one: other for one, other in filters.items() if one != name})
    return filters


def _refuse_wrong_filter(table: Table, key: str, text: str, saved: Saved, must: str = "must be a filter") -> None:
    try:
        parse_filter(text, saved)
    except UsageError as error:
        hint = f"; {error.hint}" if error.hint else ""
        raise table.error(key, f"{must}: {error.message}{hint}") from None


def _downloads(table: Table, filters: Saved) -> Downloads:
    downloads = Downloads(
        folder=table.path("folder") or Downloads().folder,
        layout=_layout(table),
        at_once=table.whole("at_once", 3, least=1, most=64),
        connections=table.whole("connections", 4, least=1, most=16),
        auto=_auto(table, filters, default=False),
        after=_command(table, "after", AFTER_FIELDS, 'e.g. ["cp", "{path}", "/mnt/results"]'),
    )
    table.refuse_typos()
    return downloads


def _layout(table: Table) -> str:
    layout = table.text("layout", Downloads().layout)
    if wrong := wrong_field(layout, LAYOUT_FIELDS):
        raise table.error("layout", wrong)
    *folders, name = layout.split("/")
    if name != "{output}" or not all(folders) or any("{output}" in one for one in folders):
        raise table.error(
            "layout", 'must end with {output}, the file\'s own name, e.g. "{connection}/{title}/{output}"'
        )
    return layout


def _auto(table: Table, filters: Saved, *, default: bool | str) -> bool | str:
    auto = table.flag_or_text("auto", default=default)
    if isinstance(auto, str):
        _refuse_wrong_filter(table, "auto", auto, filters, "must be true, false or a filter")
    return auto


def _command(table: Table, key: str, fields: tuple[str, ...], example: str) -> tuple[str, ...]:
    """A command whose words may hold these fields."""
    words = table.words(key)
    if words and not words[0]:
        raise table.error(key, f"must name a command, {example}")
    for word in words:
        if wrong := wrong_field(word, fields):
            raise table.error(key, wrong)
    return words


def _notify(table: Table) -> Notify:
    notify = Notify(
        bell=table.flag("bell", default=True),
        desktop=table.choice("desktop", "auto", ("auto", "off")),
        command=_command(table, "command", NOTIFY_FIELDS, 'e.g. ["notify-send", "{title}", "{state}"]'),
        when=table.choice("when", "all", ("all", "alert")),
        quiet=_quiet(table),
    )
    table.refuse_typos()
    return notify


def _quiet(table: Table) -> QuietHours:
    text = table.text("quiet", "off")
    hours = QuietHours() if text == "off" else read_hours(text)
    if hours is None:
        raise table.error("quiet", 'must be two times of the day, e.g. "22:00-07:00", or "off"')
    return hours


def _ui(table: Table) -> Ui:
    ui = Ui(
        theme=table.choice("theme", "jobdeck", THEMES),
        glyphs=table.choice("glyphs", "auto", ("auto", "unicode", "ascii")),
        columns=_columns(table),
        window_title=table.flag("window_title", default=True),
        mouse=table.flag("mouse", default=True),
    )
    table.refuse_typos()
    return ui


def _columns(table: Table) -> tuple[str, ...]:
    columns = table.words("columns")
    if unknown := [name for name in columns if name not in COLUMNS]:
        raise table.error("columns", f'has no "{unknown[0]}"; there are: {", ".join(COLUMNS)}')
    return columns


def _label(table: Table) -> Safe | None:
    text = table.optional_text("label")
    return None if text is None else safe_line(text, _LONGEST_LABEL)


def _connection(name: str, table: Table, polling: Polling, downloads: Downloads, filters: Saved) -> Connection:
    if not NAME.fullmatch(name):
        raise table.error("", f'the name "{name}" may hold letters, digits, "-", "_" and "." only')
    vendor = vendors.load(table.choice("vendor", None, vendors.names()))
    _refuse_secrets(name, vendor, table)
    min_interval = table.number("min_interval", polling.min_interval, least=_SHORTEST_INTERVAL, most=_DAY)
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
        auto=_auto(table, filters, default=downloads.auto),
        secret_commands=_secret_commands(vendor, table.table("secret_command")),
    )
    table.refuse_typos()
    return connection


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
    return url


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


def _refuse_unusable(table: Table, name: str, url: str) -> None:
    """Raise ConfigError, without the URL, for what no request can be sent to."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"[\s\x00-\x1f]", url):
        raise table.error(name, "must be a full address, e.g. https://host.example")
    if parts.username is not None or parts.password is not None or "?" in url or "#" in url:
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
