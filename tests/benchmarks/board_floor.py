"""The least that Textual can do: one label and a footer; `board.py` compares the board with it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer, Label


class Floor(App[None]):
    """A label and a footer."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        yield Label("title-0000")
        yield Footer()


if __name__ == "__main__":
    Floor().run()
