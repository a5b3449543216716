"""What all dialogs share: a box on the board, in Unicode or ASCII, without colours too."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui.widgets.glyphs import ASCII, Glyphs
from tui.widgets.plain import plain

T = TypeVar("T")


class Dialog(ModalScreen[T], Generic[T]):
    """A box with a title; a subclass says what is in it. Escape closes it without an answer."""

    BINDINGS = [("escape", "close", "Close")]  # noqa: RUF012  # Textual's own form

    DEFAULT_CSS = """
    Dialog { align: center middle; background: transparent; }
    Dialog > .box {
        width: 76; max-width: 96%; height: auto; max-height: 90%;
        background: $surface; border: round $primary; padding: 0 1;
    }
    Dialog.-ascii > .box { border: ascii $primary; }
    Dialog .title { text-style: bold; margin-bottom: 1; }
    Dialog .hint { color: $text-muted; }
    Dialog .wrong { color: $error; height: auto; }
    Dialog Input { border: none; height: 1; padding: 0 1; background: $panel; }
    Dialog Input:focus { border: none; background: $primary-muted; }
    Dialog Button { min-width: 6; padding: 0 1; margin-right: 2; background: $panel; color: $foreground; }
    Dialog Button:focus { text-style: reverse; background-tint: transparent 0%; }
    Dialog Painted { background: $surface; }
    Dialog:ansi .hint { color: ansi_default; text-style: dim; }
    Dialog:nocolor .hint { text-style: dim; }
    Dialog:nocolor Input { text-style: underline; }
    Dialog:nocolor .input--cursor { text-style: reverse; }
    """

    def __init__(self, title: str, glyphs: Glyphs) -> None:
        super().__init__(classes="-ascii" if glyphs is ASCII else None)
        self.glyphs = glyphs
        self._title = title
        self._is_closed = False
        self._late: tuple[T | None] | None = None
        """The answer that came while another dialog stood on this one."""

    def compose(self) -> ComposeResult:
        """The box."""
        with Vertical(classes="box"):
            yield words(self._title, classes="title")
            yield from self.inside()

    def inside(self) -> list[Widget]:
        """What stands in the box below the title."""
        raise NotImplementedError

    def outlast(self, work: Coroutine[None, None, None]) -> None:
        """Run what changes something: it goes on when the dialog is closed, and is told on the board then."""
        self.app.run_worker(work)

    def end(self, answer: T, told: str) -> None:
        """Close with the answer; say it on the board where the dialog was closed meanwhile."""
        if self.is_attached and not self._is_closed:
            self.dismiss(answer)
        else:
            self.app.notify(told, markup=False)

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close, only once, however many keys come before the screen changes; beneath another dialog, after that one.

        Textual takes whatever dialog is on top off the screen, whichever asked for it, and crashes where there is none.
        """
        if self._is_closed:
            return AwaitComplete()
        if not self.is_active:
            self._late = (result,)
            return AwaitComplete()
        self._is_closed = True
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        """On top again: close, where that was wanted meanwhile."""
        if self._late is not None:
            self.dismiss(*self._late)

    def action_close(self) -> None:
        """Close without an answer."""
        self.dismiss(None)


def words(text: str, *, id: str | None = None, classes: str | None = None) -> Static:  # noqa: A002  # Textual's name
    """A text that is never read as markup."""
    return Static(plain(text), id=id, classes=classes, markup=False)
