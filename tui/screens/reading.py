"""The actions about the text that the detail shows: looking for words, errors, its end, and what opens a dialog."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from tui.screens import dialogs
from tui.screens.captions import Captioned
from tui.widgets.detail import READING
from tui.widgets.detail_tabs import Tab

_ENDINGS = {Tab.REPORT: "report", Tab.RAW: "raw reply"}


class Reading:
    """What is done with the open tab; `look_at_outputs` looks into the output that is chosen there."""

    def __init__(self, screen: Captioned, look_at_outputs: Callable[[], None]) -> None:
        self._screen = screen
        self._detail = screen.detail
        self.actions: Mapping[str, Callable[[], None]] = {
            **{name: partial(self._detail.act, name) for name in READING},
            "save_text": self._save,
            "look_at_outputs": look_at_outputs,
        }

    def why_not(self, name: str) -> str | None:
        """Why an action cannot be done; None when it can."""
        if name == "save_text":
            return None if self._detail.long_text is not None else "open the report or the raw reply first"
        return self._detail.why_not(name)

    def _save(self) -> None:
        screen, job, text = self._screen, self._detail.job, self._detail.long_text
        if job is None or text is None:
            return
        dialog = dialogs.SaveTextDialog(text, job.title, _ENDINGS[self._detail.tab], screen.glyphs)
        screen.app.push_screen(dialog, self._saved)

    def _saved(self, told: str | None) -> None:
        if told is not None:
            self._screen.wishes.say(told, long=True)
