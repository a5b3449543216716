"""The whole of config.toml, from its text."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tui.config.callbacks import callbacks_of
from tui.config.connection import connection_of, refuse_twins
from tui.config.filters import filters_of
from tui.config.retention import retention_of
from tui.config.settings import Config
from tui.config.tables import downloads_of, notify_of, polling_of, ui_of
from tui.config.toml_table import Table
from tui.errors import ConfigError


def load(path: Path) -> Config:
    """Read config.toml; a missing file is an empty one. Raises ConfigError."""
    return parse(read_text(path), path)


def wrong_key(path: Path, name: str, message: str) -> ConfigError:
    """The error for one line of `[keys]`, whose actions only the board knows; `path` was read well before."""
    text = read_text(path)
    return Table(tomllib.loads(text), text, path, ()).table("keys").error(name, message)


def read_text(path: Path) -> str:
    """The text of a config.toml as it is, less the mark that some editors put in front; empty for no such file.

    Raises ConfigError.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
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
    polling = polling_of(root.table("polling"))
    filters = filters_of(root.table("filters"))
    downloads = downloads_of(root.table("downloads"), filters)
    refuse_twins(root.table("connections"))
    config = Config(
        downloads=downloads,
        notify=notify_of(root.table("notify")),
        ui=ui_of(root.table("ui")),
        retention=retention_of(root.table("retention")),
        callbacks=callbacks_of(root.table("callbacks")),
        keys={name: root.table("keys").text(name) for name in root.table("keys").names()},
        filters=filters,
        connections={
            name: connection_of(name, root.table("connections").table(name), polling, downloads, filters)
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
