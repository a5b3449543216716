"""The menu of what can be copied: a key for each, and for what cannot be had now the reason beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList

from tui.screens.dialog import Dialog, words
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import fit
from tui.widgets.plain import plain

_WIDEST = 70


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the menu: its key, what it copies, and why it cannot be had now."""

    key: str
    title: str
    why_not: str | None = None


class CopyMenu(Dialog[str]):
    """Answers with the key of what was chosen."""

    AUTO_FOCUS = "#choices"

    DEFAULT_CSS = """
    CopyMenu OptionList { border: none; background: $surface; height: auto; max-height: 14; padding: 0; }
    CopyMenu OptionList:focus { border: none; background-tint: transparent 0%; }
    CopyMenu #says { margin-top: 1; height: 1; }
    """

    def __init__(self, title: str, choices: Sequence[Choice], glyphs: Glyphs) -> None:
        super().__init__(fit(title, _WIDEST, glyphs.ellipsis).rstrip(), glyphs)
        self._choices = choices
        for choice in choices:
            self._bindings.bind(choice.key, f"choose('{choice.key}')", show=False)

    def inside(self) -> list[Widget]:
        """The lines and what they say."""
        listed = OptionList(*(self._line(choice) for choice in self._choices), id="choices", markup=False)
        return [listed, words("Enter or its key copies; Escape does not.", id="says", classes="hint")]

    def _line(self, choice: Choice) -> Content:
        if choice.why_not is None:
            return plain(fit(f"{choice.key}  {choice.title}", _WIDEST, self.glyphs.ellipsis).rstrip())
        told = f"{choice.key}  {choice.title} (not now: {choice.why_not.partition(';')[0]})"
        return plain(fit(told, _WIDEST, self.glyphs.ellipsis).rstrip()).stylize("dim")

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._choose(self._choices[event.option_index])

    def action_choose(self, key: str) -> None:
        """A choice by its key."""
        self._choose(next(choice for choice in self._choices if choice.key == key))

    def _choose(self, choice: Choice) -> None:
        if choice.why_not is None:
            self.dismiss(choice.key)
        else:
            says = self.query_one("#says")
            says.set_class(True, "wrong")
            says.update(plain(choice.why_not))  # type: ignore[attr-defined]  # it is a Static
