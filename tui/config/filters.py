"""The table `[filters]`, and the filter that says whose results are fetched by themselves."""

from __future__ import annotations

from tui.config.toml_table import Table
from tui.errors import UsageError
from tui.filter import SAVED_NAME, Saved
from tui.filter import parse as parse_filter


def filters_of(table: Table) -> Saved:
    """The saved filters; one may name others."""
    filters = {name: table.text(name) for name in table.names()}
    for name, text in filters.items():
        if not SAVED_NAME.fullmatch(name):
            raise table.error(name, 'is no name for a filter: it may hold letters, digits, "-" and "_"')
        _refuse_wrong_filter(table, name, text, {one: other for one, other in filters.items() if one != name})
    return filters


def auto_of(table: Table, filters: Saved, *, default: bool | str) -> bool | str:
    """Whether results are fetched by themselves; a text is the filter that their jobs have to fit."""
    auto = table.flag_or_text("auto", default=default)
    if isinstance(auto, str):
        _refuse_wrong_filter(table, "auto", auto, filters, "must be true, false or a filter")
    return auto


def _refuse_wrong_filter(table: Table, key: str, text: str, saved: Saved, must: str = "must be a filter") -> None:
    try:
        parse_filter(text, saved)
    except UsageError as error:
        hint = f"; {error.hint}" if error.hint else ""
        raise table.error(key, f"{must}: {error.message}{hint}") from None
