"""Saves the user's place on the board and restores it; what belongs to a job is restored when the job appears."""

from __future__ import annotations

from tui.filter import EVERYTHING, Filter, FilterError, parse
from tui.model import JobKey
from tui.screens.captions import Captioned
from tui.screens.looks import Looks
from tui.screens.panes import View
from tui.screens.place import Place, PlaceFile
from tui.text import safe_line
from tui.widgets.columns import chosen_columns
from tui.widgets.detail_tabs import Tab
from tui.widgets.lineup import is_heading
from tui.widgets.order import GroupBy, Order, SortBy
from tui.widgets.textview import TextView


class Remembering:
    """Saves and restores the place. Names that no enum knows any more are ignored."""

    def __init__(self, screen: Captioned) -> None:
        self._screen = screen
        self._file = PlaceFile(screen.options.view_file)

    def recall(self) -> Looks:
        """Bring the board where it was left; returns what knows of changes since then."""
        screen, place = self._screen, self._file.read()
        table, roster = screen.table, screen.table.roster
        table.use_columns(chosen_columns(place.columns or screen.options.columns))
        table.use_order(_order_of(place))
        roster.recall_marks(map(JobKey, place.marks))
        roster.unseen.update(map(JobKey, place.unseen))
        table.recall(_key(place.cursor), _key(place.top))
        table.use_filter(self._filter_of(place))
        roster.folds.recall(place.folded)
        if place.tab in Tab.__members__:
            screen.detail.open(Tab[place.tab])
        screen.filter_line.recall(safe_line(place.typed), [safe_line(text) for text in place.history])
        if place.is_typing:
            screen.call_after_refresh(screen.filter_line.open)
        elif place.view in View.__members__:
            screen.call_after_refresh(self._open_view, View[place.view])
        return Looks(roster.note_change, place.looked_until)

    def _filter_of(self, place: Place) -> Filter:
        try:
            return parse(safe_line(place.filter), self._screen.door.saved_filters())
        except FilterError:  # a saved filter that it names is there no more
            return EVERYTHING

    def _open_view(self, view: View) -> None:
        screen = self._screen
        if view is View.TABLE or not screen.has_class("-small"):
            return
        screen.show_view(view)
        (screen.pane if view is View.DOWNLOADS else screen.query_one("#detail-text", TextView)).focus()

    def keep(self, *, is_end: bool = False) -> None:
        """Save the place if it has changed; with no jobs on the board there is nothing to save."""
        if self._screen.table.total:
            self._file.write(self._now(), self._screen.options.clock.now(), is_end=is_end)
        if is_end:
            self._file.close()

    def _now(self) -> Place:
        screen = self._screen
        table, line, order = screen.table, screen.filter_line, screen.table.order
        top = next((key for key in table.keys_in_view() if not is_heading(key)), None)
        columns = tuple(column.value.casefold() for column in table.columns)
        configured = chosen_columns(screen.options.columns)
        return Place(
            cursor=table.wanted_cursor,
            top=top if table.scroll_offset.y else None,
            marks=tuple(table.marks),
            unseen=tuple(
                sorted(key for key in table.roster.unseen if key in table.roster.rows and table.roster.is_unseen(key))
            ),
            sort=order.by.name,
            reverse=order.reverse,
            group=order.group.name,
            folded=table.roster.folds.kept(),
            columns=() if tuple(table.columns) == configured else columns,
            tab=screen.detail.tab.name,
            view=screen.view.name,
            filter=table.filter.text,
            typed=line.text,
            is_typing=line.is_open,
            history=tuple(line.history),
        )


def _key(text: str | None) -> JobKey | None:
    return None if text is None else JobKey(text)


def _order_of(place: Place) -> Order:
    by = SortBy[place.sort] if place.sort in SortBy.__members__ else SortBy.ACTIVITY
    group = GroupBy[place.group] if place.group in GroupBy.__members__ else GroupBy.NOTHING
    return Order(by, place.reverse, group)
