"""Reading the detail: looking for words and errors in its text, following it, selecting lines of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual import on

from tui.widgets.detail_page import DetailPage
from tui.widgets.detail_tabs import Tab
from tui.widgets.longtext import LongText
from tui.widgets.reading_line import ReadingLine


class Detail(DetailPage):
    """The detail of one job, and what can be done with the text in sight."""

    DEFAULT_CSS = """
    Detail { height: 1fr; }
    Detail > TextView { height: 1fr; }
    """

    def act(self, name: str) -> None:
        """Carry out an action about the text."""
        READING[name](self)
        self._say()

    def why_not(self, name: str) -> str | None:
        """Why an action about the text cannot be done; None when it can."""
        sheet = self._text.sheet
        job_is_over = self.job is None or self.job.state.is_over
        rules = (
            ("search_text", self.job is None, "there is no job"),
            ("next_match", not self.reader.is_searching, "nothing is looked for"),
            ("previous_match", not self.reader.is_searching, "nothing is looked for"),
            ("next_error", not isinstance(sheet, LongText), "open the report first"),
            ("previous_error", not isinstance(sheet, LongText), "open the report first"),
            ("wrap", not isinstance(sheet, LongText), "only the report and the raw reply have long lines"),
            ("follow", self.tab is not Tab.REPORT or not isinstance(sheet, LongText), "open the report first"),
            ("follow", job_is_over, "the job is over: its report grows no more"),
        )
        return next((reason for asked, holds, reason in rules if asked == name and holds), None)

    @property
    def long_text(self) -> str | None:
        """The report or the raw reply that is in sight, whole."""
        sheet = self._text.sheet
        return sheet.source if isinstance(sheet, LongText) else None

    def ask_what_to_find(self) -> None:
        """Let the user type what to look for."""
        self.reader.begin()
        self._line.ask()

    @on(ReadingLine.Typed)
    def _typed(self, event: ReadingLine.Typed) -> None:
        event.stop()
        self.reader.look_for(event.text)

    @on(ReadingLine.Left)
    def _left(self, event: ReadingLine.Left) -> None:
        event.stop()
        self._text.focus()
        self._say()

    @on(ReadingLine.Stepped)
    def _stepped(self, event: ReadingLine.Stepped) -> None:
        event.stop()
        self.reader.step(forward=event.forward)

    def drop_selection(self) -> bool:
        """Select no lines any more; returns whether any were."""
        was_on = self.selection.drop()
        if was_on:
            self._say()
        return was_on


READING: Mapping[str, Callable[[Detail], None]] = {
    "search_text": Detail.ask_what_to_find,
    "next_match": lambda detail: detail.reader.step(forward=True),
    "previous_match": lambda detail: detail.reader.step(forward=False),
    "next_error": lambda detail: detail.reader.step_to_error(forward=True),
    "previous_error": lambda detail: detail.reader.step_to_error(forward=False),
    "follow": lambda detail: detail.reader.toggle_follow(),
    "wrap": lambda detail: detail.reader.toggle_wrap(),
    "select_lines": lambda detail: detail.selection.toggle(),
    "select_up": lambda detail: detail.selection.stretch("up"),
    "select_down": lambda detail: detail.selection.stretch("down"),
}
"""The actions about the text in sight, by their names; `save_text` and `look_at_outputs` are the board's."""
