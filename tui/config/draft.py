"""A connection that is typed as texts, in a form or on the command line, to the values that config.toml holds."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tui import config
from tui.config.edit import Value, with_connection
from tui.config.toml_table import EXAMPLE_HINT
from tui.errors import ConfigError, UsageError
from tui.model import Setting

COMMON = (
    Setting("label", "What the board calls it"),
    Setting("ca_file", "PEM file with the server's certificate, or its authority's"),
    Setting("tls_server_name", "The name in the server's certificate, where it is not the address's"),
    Setting("trust", "Whose certificate authorities count", default="bundled", choices=("bundled", "system")),
    Setting("insecure", "true takes any certificate", default="false", choices=("false", "true")),
    Setting("proxy", "Address of a proxy; without it HTTPS_PROXY and NO_PROXY hold"),
    Setting("allowed_hosts", "Private hosts that the vendor's replies may lead to, with blanks between"),
    Setting("timeout", "Seconds without a byte", default="20"),
    Setting("min_interval", "Shortest seconds between two questions about a job"),
    Setting("max_requests_per_minute", "Requests a minute; without it the vendor's own limit"),
    Setting("auto", "Fetch outputs as soon as a job succeeds: true, false or a filter"),
)
"""What every connection may have beside its vendor's own settings; `secret_command.FIELD` too."""

COMMAND = "secret_command"
_NUMBERS = ("timeout", "min_interval")
_PLACE = re.compile(r"draft:\d+( \[[^\]]*\])?: ")
_NAME_RULE = 'the name may hold letters, digits, "-", "_" and "." only'
_GOOD = "https://host.example"
"""Fits every required setting, so that what else is wrong can be told too."""


def refuse_wrong(name: str, vendor: str, settings: Iterable[tuple[str, str]]) -> None:
    """Raise UsageError, in config.toml's own words, for a connection that could not be written there."""
    for _, error in mistakes(name, vendor, settings):
        raise error


def mistakes(name: str, vendor: str, settings: Iterable[tuple[str, str]]) -> Iterator[tuple[str, UsageError]]:
    """All that is wrong with a connection: the setting, or `name`, and the error with what to write instead."""
    if not config.NAME.fullmatch(name):
        yield "name", UsageError(_NAME_RULE)
    table: dict[str, Value] = {"vendor": vendor}
    for key, text in settings:
        try:
            changes = changes_of(table, [(key, text)])
        except UsageError as error:
            yield key, error
            continue
        table |= {one: value for one, value in changes.items() if value is not None}
    yield from _refusals(name if config.NAME.fullmatch(name) else "draft", table)


def _refusals(name: str, table: dict[str, Value]) -> Iterator[tuple[str, UsageError]]:
    """What config.toml's rules say, one after the other: each wrong setting is mended to find the next."""
    for _ in range(len(table) + 10):
        try:
            config.parse(with_connection("", name, table), Path("draft"))
        except ConfigError as error:
            message = _PLACE.sub("", error.message)
            key = message.split(maxsplit=1)[0]
            hint = "" if error.hint == EXAMPLE_HINT else error.hint
            yield key, UsageError(message, hint=hint)
            if table.get(key) == _GOOD or key == "vendor":
                return  # it stays wrong
            if key in table:
                del table[key]
            else:
                table[key] = _GOOD
        else:
            return


def changes_of(table: Mapping[str, object], settings: Iterable[tuple[str, str]]) -> dict[str, Value | None]:
    """What the settings make of a connection's table: values by key, None for what is taken out.

    Raises UsageError for a text that is no value of its setting.
    """
    changes: dict[str, Value | None] = {}
    kept = table.get(COMMAND, {})
    commands = dict(kept) if isinstance(kept, dict) else {}
    for key, text in settings:
        if key == "vendor":
            raise UsageError("the vendor of a connection cannot be changed", hint="add another connection for it")
        if key.startswith(f"{COMMAND}."):
            commands.pop(field := key.removeprefix(f"{COMMAND}."), None)
            if text.strip():
                commands[field] = _words(key, text)
            changes[COMMAND] = commands or None
        elif table.get(key) is None or as_text(table[key]) != text:
            changes[key] = _value(key, text) if text.strip() else None
    return changes


def settings_of(table: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """A connection's table as texts, without its vendor; what cannot be typed in one line is left out."""
    settings: list[tuple[str, str]] = []
    for key, value in table.items():
        if key == COMMAND and isinstance(value, dict):
            settings += [(f"{COMMAND}.{field}", as_text(words)) for field, words in value.items()]
        elif key != "vendor" and not isinstance(value, dict):
            settings.append((key, as_text(value)))
    return tuple(settings)


def as_text(value: object) -> str:
    """A value as it is typed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return shlex.join(str(word) for word in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _value(key: str, text: str) -> Value:
    if key in _NUMBERS or key == "max_requests_per_minute":
        return _number(key, text)
    if key == "allowed_hosts":
        return _words(key, text)
    if key in ("insecure", "auto") and text.strip() in ("true", "false"):
        return text.strip() == "true"
    if key == "insecure":
        raise UsageError("insecure must be true or false")
    return text


def _number(key: str, text: str) -> int | float:
    number: int | float
    try:
        number = int(text) if key not in _NUMBERS or text.strip().isdecimal() else float(text)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        what = "a number of seconds, e.g. 20" if key in _NUMBERS else "a whole number, e.g. 240"
        raise UsageError(f"{key} must be {what}")
    return number


def _words(key: str, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise UsageError(f"{key}: a quotation mark is not closed") from None
