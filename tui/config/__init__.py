"""config.toml to objects (CONTRACT section 3).

Stands above the vendors, since each vendor names its own settings. Every error says file, line and what to write
instead. A key that nobody knows is an error when it looks like a typing mistake of a known one, and is left alone
otherwise, since a newer jobdeck may know it.
"""

from __future__ import annotations

from tui.config.connection import NAME, as_variable
from tui.config.reading import load, parse, read_text, wrong_key
from tui.config.settings import (
    AFTER_FIELDS,
    COLUMNS,
    LAYOUT_FIELDS,
    NOTIFY_FIELDS,
    Callbacks,
    Config,
    Downloads,
    Notify,
    Polling,
    Retention,
    Ui,
)

__all__ = [
    "AFTER_FIELDS",
    "COLUMNS",
    "LAYOUT_FIELDS",
    "NAME",
    "NOTIFY_FIELDS",
    "Callbacks",
    "Config",
    "Downloads",
    "Notify",
    "Polling",
    "Retention",
    "Ui",
    "as_variable",
    "load",
    "parse",
    "read_text",
    "wrong_key",
]
