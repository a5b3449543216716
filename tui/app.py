"""The board as a Textual program: theme, colours, glyphs, and what is left when it crashes."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, RenderableType
from rich.segment import Segments
from rich.text import Text
from textual import events, on
from textual.app import App
from textual.command import CommandPalette
from textual.filter import LineFilter
from textual.messages import TerminalSupportsSynchronizedOutput
from textual.notifications import Notify, SeverityLevel
from textual.screen import Screen
from textual.widgets import Input

from tui.engine.door import Door
from tui.redact import redact
from tui.screens.background import Background
from tui.screens.board import BoardScreen
from tui.screens.driver import SteadyDriver
from tui.screens.options import BoardOptions
from tui.screens.palette import ActionsProvider, Palette
from tui.screens.terminal_wish import TerminalWish
from tui.text import safe_block, safe_line
from tui.widgets.actions import BY_NAME
from tui.widgets.ascii_signs import AsciiSigns
from tui.widgets.frames import KNOWN_UPDATES
from tui.widgets.paint import use_scroll_bars
from tui.widgets.theme import LIGHT, NAME, OWN, NoColours

__all__ = ["Board", "BoardOptions"]

_log = logging.getLogger(__name__)

_NO_COLOURS, _ASCII_SIGNS = NoColours(), AsciiSigns()
"""Made once: Textual keeps what a filter made of a line by the filter."""
_QUIET = 10.0
"""Seconds without a key or a move of the mouse after which nobody is there."""
_NEXT_THEME = {NAME: LIGHT, LIGHT: "ansi-dark"}
"""Where the theme key goes; from any other theme it goes to ours."""


class Board(App[int]):
    """The dashboard. The caller ends with `sys.exit(app.return_code or 0)`."""

    TITLE = "jobdeck"
    COMMANDS: ClassVar[set[Any]] = {ActionsProvider}
    ENABLE_COMMAND_PALETTE = True
    SUSPENDED_SCREEN_CLASS = "-covered"
    INLINE_PADDING = 0

    BINDINGS: ClassVar[list[Any]] = []

    CSS = """
    Toast { border-left: solid $primary; padding: 0 1; margin: 0; background: $panel; width: auto; max-width: 80%; }
    ToastRack.-up, Dialog ToastRack { dock: top; align: right top; margin: 0; }
    Dialog Toast { max-width: 100%; }
    .-covered Toast { display: none; }
    ToastRack { scrollbar-size-vertical: 0; }
    Toast.-warning { border-left: solid $warning; }
    Toast.-error { border-left: solid $error; }
    * { scrollbar-size-vertical: 1; }
    *:ansi { scrollbar-background: ansi_default; scrollbar-background-hover: ansi_default; }
    *:ansi { scrollbar-background-active: ansi_default; scrollbar-corner-color: ansi_default; }
    CommandPalette { background: transparent; }
    CommandPalette > Vertical { margin-top: 2; width: 76; max-width: 96%; background: $surface; }
    CommandPalette SearchIcon { display: none; }
    CommandPalette #--input, CommandPalette #--input.--list-visible { border: none; border-left: solid $primary; }
    CommandPalette CommandList { border: none; border-left: solid $primary; }
    CommandPalette LoadingIndicator { display: none; }
    CommandPalette CommandList > .option-list--option { text-style: none; }
    .-ascii Toast, .-ascii CommandPalette CommandList { border-left: ascii $primary; }
    .-ascii CommandPalette #--input, .-ascii CommandPalette #--input.--list-visible { border-left: ascii $primary; }
    OptionList:nocolor > .option-list--option-highlighted { text-style: reverse; }
    Input:nocolor > .input--cursor { text-style: reverse; }
    """

    def __init__(self, door: Door, *, options: BoardOptions) -> None:
        super().__init__(driver_class=SteadyDriver)
        self.options = options
        self._sends_stock = False
        """Whether Textual writes to the terminal itself."""
        self._has_painted = False
        self._is_touched = False
        """Whether somebody pressed a key or moved the mouse lately."""
        self.no_color = self.no_color or options.no_color
        self.animation_level = "none"
        for theme in OWN:
            self.register_theme(theme)
        self._is_light = options.is_light
        self.theme = self._theme_for(options.theme)
        self.set_class(options.ascii, "-ascii")
        self.set_keymap(options.keys.map)
        use_scroll_bars(options.glyphs)
        self.board = _screen_of(door, replace(options, send=options.send or self._send))

    def _theme_for(self, wanted: str) -> str:
        """The theme's name in Textual; with 16 colours the terminal's own palette looks right, ours would not."""
        if wanted == "ansi" or (wanted in (NAME, "auto") and self.console.color_system == "standard"):
            return "ansi-dark"
        if wanted == "auto":
            return LIGHT if self._is_light else NAME
        return wanted if wanted in self.available_themes else NAME

    def _send(self, sequence: str) -> None:
        """Send the terminal what is no part of the screen: a notice, a title."""
        if self._driver is not None:
            self._driver.write(sequence)

    async def on_event(self, event: events.Event) -> None:
        """Textual's; notes that somebody is there."""
        self._is_touched = self._is_touched or isinstance(event, events.InputEvent)
        await super().on_event(event)

    def note_quiet(self) -> None:
        """Tell that nobody was there since the last time."""
        if self.options.on_quiet and not self._is_touched:
            self.options.on_quiet()
        self._is_touched = False

    def get_default_screen(self) -> Screen[None]:
        """The board."""
        return self.board

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Without colours nothing but our own filter may touch the lines: Textual's would send greys."""
        filters = [_NO_COLOURS] if self.no_color else super().get_line_filters()
        return [*filters, _ASCII_SIGNS] if self.options.ascii else filters

    def action_command_palette(self) -> None:
        """Open the palette."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(Palette())

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Hand updates to our driver, which sends what differs; what it does not know goes Textual's way for good.

        A test pins this private method and the two kinds of updates.
        """
        driver = self._driver
        if not isinstance(driver, SteadyDriver) or self._sends_stock or self._batch_count or not self._running:
            super()._display(screen, renderable)
        elif isinstance(renderable, KNOWN_UPDATES):
            colours = COLOR_SYSTEMS.get(self.console.color_system or "", ColorSystem.TRUECOLOR)
            driver.show(renderable, colours, self.screen.outer_size.clamp_offset(self.cursor_position))
            self.post_display_hook()
        elif renderable is not None:
            self._sends_stock = True
            driver.frames.drop()
            super()._display(screen, renderable)
            self.refresh(layout=True)
        if renderable is not None and self._running and not self._batch_count and not self._has_painted:
            self._has_painted = True
            if self.options.on_painted:
                self.options.on_painted()

    @on(TerminalSupportsSynchronizedOutput)
    def _hold_frames(self) -> None:
        if isinstance(self._driver, SteadyDriver):
            self._driver.hold_frames()

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,  # noqa: ARG002  # Textual's name
    ) -> None:
        """Textual's; never as markup, and no terminal obeys the message, whoever worded it."""
        self.board.place_toasts()
        super().notify(safe_block(message), title=title, severity=severity, timeout=timeout, markup=False)

    @on(Notify)
    def _tell_anew(self, event: Notify) -> None:
        """What says the same and is still shown goes, just before Textual shows this; a test pins its private ways."""
        new = event.notification
        for old in list(self._notifications):
            if (old.message, old.title, old.severity) == (new.message, new.title, new.severity):
                self._unnotify(old, refresh=False)
                for screen in self.screen_stack:
                    screen.query(f"#--textual-toast-{old.identity}").remove()

    def on_mount(self) -> None:
        """Ask for what only the terminal knows; from now on see whether somebody is there."""
        if isinstance(self._driver, SteadyDriver):
            self._driver.on_sleep, self._driver.on_wake = self.board.give_title_back, self.board.put_title
            if self.options.theme == "auto" and self.options.asks_background:
                self._driver.ask_background()
        if self.options.on_quiet:
            self.set_interval(_QUIET, self.note_quiet)

    @on(Background)
    def _suit_the_background(self, told: Background) -> None:
        """The user's own choice of a theme, made meanwhile, stays."""
        is_ours = self.theme == self._theme_for("auto")
        self._is_light = told.is_light
        if is_ours:
            self.theme = self._theme_for("auto")

    @on(TerminalWish)
    def _about_the_terminal(self, wish: TerminalWish) -> None:
        driver = self._driver
        if wish.name == "theme":
            self.theme = _NEXT_THEME.get(self.theme, NAME)
        elif not isinstance(driver, SteadyDriver):
            return
        elif wish.name == "redraw":
            driver.redraw()
            if self._sends_stock:
                self.refresh(layout=True)
        elif wish.name == "suspend":
            if not driver.suspend():
                self.notify("There is no shell to go back to; in tmux detach instead.", markup=False)
        elif wish.name == "mouse":
            driver.use_mouse(ours=not driver.has_mouse)
            key = self.options.keys.shown(BY_NAME["mouse"])
            free = f"The mouse is the terminal's: select text with it. {key} takes it back."
            self.notify("The mouse is the board's again." if driver.has_mouse else free, markup=False)

    def on_key(self, event: events.Key) -> None:
        """What was typed ahead of an input that has just opened is for it; from a dialog the screen can be drawn again.

        An input keeps what is typed while it has the focus: what comes here was sent before it had.
        """
        if isinstance(self.focused, Input) and event.is_printable and event.character:
            event.prevent_default()
            self.focused.insert_text_at_cursor(event.character)
            return
        if self.screen is not self.board and event.key in self.options.keys.of(BY_NAME["redraw"]):
            self.post_message(TerminalWish("redraw"))

    @on(CommandPalette.Opened)
    def _still_cursor(self) -> None:
        """A blinking cursor sends bytes for ever."""
        for field in self.screen.query(Input):
            field.cursor_blink = False

    async def action_quit(self) -> None:
        """Textual's own ^q: the same as q, also from a dialog."""
        await self.board.action_run("quit")

    def _fatal_error(self) -> None:
        """Say that and where it crashed: no locals, no secrets; the log has the rest.

        Textual's own prints the locals of every frame. A test pins this private method's name.
        """
        error = sys.exc_info()[1]
        _log.critical("the board crashed", exc_info=error)
        words = safe_line(redact(f"jobdeck crashed: {type(error).__name__}: {error}"))
        next_step = "The jobs are safe: start it again. The log says more; please report it."
        text = Text(f"{words}\n{next_step}\n")
        self._exit_renderables.append(Segments(self.console.render(text, self.console.options)))
        self._close_messages_no_wait()


def _screen_of(door: Door, options: BoardOptions) -> BoardScreen:
    if options.replay is None:
        return BoardScreen(door, options)
    from tui.screens.replay import ReplayScreen  # noqa: PLC0415  # with rooms that only a replay needs

    return ReplayScreen(door, options, options.replay)
