"""Ending the board: on the user's word, asked about only while files are moving."""

from __future__ import annotations

from tui.screens import dialogs
from tui.screens.captions import Captioned


class Leaving:
    """`is_under_way` is true from the key that ends the board on: keys typed after it do nothing."""

    def __init__(self, screen: Captioned) -> None:
        self.screen = screen
        self.is_under_way = False
        self._asks = False

    def for_demo(self) -> None:
        """End the board; its caller then opens the demo in this terminal."""
        self.screen.wants_demo = True
        self._leave()

    async def quit(self) -> None:
        """End the board, after a yes while files are moving; asked once, however often the key is pressed."""
        if self._asks:
            return
        moving = self.screen.desk.moving
        if moving:
            self._asks = True
            try:
                if not await self._sure([one.output for one in moving]):
                    return
            finally:
                self._asks = False
        self._leave()

    async def _sure(self, names: list[str]) -> bool | None:
        screen = self.screen
        then = "the demo forgets them" if screen.options.demo_folder else "they go on at the next start"
        question = f"Files are still coming; {then}. Quit?"
        dialog = dialogs.Confirm(question, names, yes="Quit", no="Stay", glyphs=screen.glyphs)
        return await screen.app.push_screen_wait(dialog)

    def _leave(self) -> None:
        self.is_under_way = True
        self.screen.app.exit(0)
