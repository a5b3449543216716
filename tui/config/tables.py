"""The tables of config.toml that are about the board itself: `[polling]`, `[downloads]`, `[notify]` and `[ui]`."""

from __future__ import annotations

from tui.config.filters import auto_of
from tui.config.quiet_hours import QuietHours, read_hours
from tui.config.settings import (
    AFTER_FIELDS,
    COLUMNS,
    LAYOUT_FIELDS,
    NOTIFY_FIELDS,
    Downloads,
    Notify,
    Polling,
    Ui,
)
from tui.config.theme_names import THEMES
from tui.config.toml_table import Table
from tui.filter import Saved
from tui.template import wrong_field

_SHORTEST_INTERVAL = 0.2
_DAY = 86_400.0


def polling_of(table: Table) -> Polling:
    """The table `[polling]`."""
    polling = Polling(
        min_interval=interval_of(table, "min_interval", 2.0),
        max_interval=interval_of(table, "max_interval", 60.0),
    )
    table.refuse_typos()
    if polling.max_interval < polling.min_interval:
        raise table.error("max_interval", "must not be smaller than min_interval")
    return polling


def interval_of(table: Table, name: str, default: float) -> float:
    """How long to wait between two asks, seconds."""
    return table.number(name, default, least=_SHORTEST_INTERVAL, most=_DAY)


def downloads_of(table: Table, filters: Saved) -> Downloads:
    """The table `[downloads]`."""
    downloads = Downloads(
        folder=table.path("folder") or Downloads().folder,
        layout=_layout(table),
        at_once=table.whole("at_once", 3, least=1, most=64),
        connections=table.whole("connections", 4, least=1, most=16),
        auto=auto_of(table, filters, default=False),
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


def _command(table: Table, key: str, fields: tuple[str, ...], example: str) -> tuple[str, ...]:
    """A command whose words may hold these fields."""
    words = table.words(key)
    if words and not words[0]:
        raise table.error(key, f"must name a command, {example}")
    for word in words:
        if wrong := wrong_field(word, fields):
            raise table.error(key, wrong)
    return words


def notify_of(table: Table) -> Notify:
    """The table `[notify]`."""
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


def ui_of(table: Table) -> Ui:
    """The table `[ui]`."""
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
