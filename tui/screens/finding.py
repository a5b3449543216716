"""The board's actions that find jobs: sorting, grouping, columns, jumps, saved filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tui.model import Job
from tui.screens import dialogs
from tui.screens.captions import Captioned
from tui.widgets.actions import BY_NAME
from tui.widgets.columns import Column
from tui.widgets.order import Order


class Finding:
    """What each of these actions does, by its name."""

    def __init__(self, screen: Captioned) -> None:
        self._screen = screen
        self.actions: Mapping[str, Callable[[], None]] = {
            "filter": screen.filter_line.open,
            "sort": lambda: screen.table.use_order(screen.table.order.next),
            "order": self._choose_order,
            "group": self._group,
            "fold": screen.table.toggle_fold,
            "fold_all": screen.table.toggle_all_folds,
            "columns": self._choose_columns,
            "save_filter": self._save_filter,
            "next_failed": lambda: self._jump("failed", lambda job: job.state.is_failure),
            "next_finished": lambda: self._jump("finished", lambda job: job.state.is_over),
            "next_changed": lambda: self._jump("unseen", lambda job: screen.table.roster.is_unseen(job.key)),
        }

    def _group(self) -> None:
        table = self._screen.table
        table.use_order(replace(table.order, group=table.order.group.next))

    def _choose_order(self) -> None:
        screen = self._screen

        def chosen(order: Order | None) -> None:
            if order is not None:
                screen.table.use_order(order)
                screen.say()

        screen.app.push_screen(dialogs.OrderDialog(screen.table.order, screen.glyphs), chosen)

    def _choose_columns(self) -> None:
        screen = self._screen

        def chosen(columns: tuple[Column, ...] | None) -> None:
            if columns is not None:
                screen.table.use_columns(columns)

        screen.app.push_screen(dialogs.ColumnsDialog(screen.table.columns, screen.glyphs), chosen)

    def _jump(self, word: str, wanted: Callable[[Job], bool]) -> None:
        if not self._screen.table.go_to_next(wanted):
            self._screen.wishes.say(f"no {word} job in sight", wrong=True)

    def why_not(self, name: str) -> str | None:
        """Why an action of these cannot be done; None when it can."""
        if name in ("fold", "fold_all") and not self._screen.table.roster.groups:
            return f"nothing is grouped; {self._screen.keys.shown(BY_NAME['group'])} groups"
        if name == "save_filter" and not self._screen.table.filter:
            return "there is no filter to keep"
        return None

    def _save_filter(self) -> None:
        screen = self._screen
        text = screen.table.filter.text

        def saved(told: str | None) -> None:
            if told is not None:
                screen.wishes.say(told)

        screen.app.push_screen(dialogs.SaveFilterDialog(screen.door, text, screen.glyphs), saved)
