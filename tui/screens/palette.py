"""The command palette: the board's actions by title or key, saved filters, connections.

Textual reads markup in what stands there, and vendors' words stand in reasons: all of it is escaped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.geometry import Size
from textual.markup import escape

from tui.text import safe_line
from tui.widgets.actions import SPECS, Keys, Place, Spec
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import wrap_words
from tui.widgets.plain import plain

_KEY = 7
"""Cells of the key in front of a title."""
_WIDEST, _AROUND = 76, 6
"""Cells of the palette where there is room for them, and of those what stands around a line's text."""
_KEY_SCORE = 10_000.0
"""More than any title scores: who types a key means it."""


@runtime_checkable
class RunsActions(Protocol):
    """A screen that carries out actions by their names, and whose table can be filtered."""

    keys: Keys
    places: frozenset[Place]
    glyphs: Glyphs

    @property
    def size(self) -> Size:
        """Cells of the screen."""
        ...

    async def action_run(self, name: str) -> None:
        """Carry out the action."""
        ...

    def reason(self, spec: Spec) -> str | None:
        """Why the action cannot run now."""
        ...

    @property
    def filters(self) -> Mapping[str, str]:
        """Filters that are worth naming, by what they are called."""
        ...

    def use_filter(self, text: str) -> None:
        """Filter the table."""
        ...


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the palette, and below it why not now; `keys` are found too, when exactly one of them is typed.

    The title has `room` cells.
    """

    title: str
    run: Callable[[], Awaitable[None]]
    room: int
    ellipsis: str
    keys: tuple[str, ...] = ()
    key: str = ""
    why_not: tuple[str, ...] = ()

    def shown(self, title: Content) -> Content:
        """The line: its key in front of the title, which is cut to its room."""
        key = plain(f"{self.key:<{_KEY - 1}} ")
        if title.cell_length > self.room:
            title = title.truncate(self.room - 1) + plain(self.ellipsis)
        return (key + title).stylize("dim") if self.why_not else key.stylize("bold $primary") + title

    @property
    def help(self) -> str | None:
        """What stands below the line."""
        return escape("\n".join(f"{'':{_KEY}}{row}" for row in self.why_not)) or None


class Palette(CommandPalette):
    """Textual's palette, its words in ASCII."""

    def __init__(self) -> None:
        super().__init__(placeholder="Search for commands")

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close; a second Enter finds it closed, where Textual crashes."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


class ActionsProvider(Provider):
    """Finds actions by their titles and keys; those that cannot run now say why."""

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for entry in self._entries():
            yield DiscoveryHit(entry.shown(plain(entry.title)), entry.run, text=entry.title, help=entry.help)

    async def search(self, query: str) -> Hits:
        """What is called so, or has this key."""
        matcher = self.matcher(query)
        for entry in self._entries():
            is_key = query.strip() in entry.keys
            score = _KEY_SCORE if is_key else matcher.match(entry.title)
            if score > 0:
                title = plain(entry.title) if is_key else matcher.highlight(escape(entry.title))
                yield Hit(score, entry.shown(title), entry.run, text=entry.title, help=entry.help)

    def _entries(self) -> list[_Entry]:
        screen = self.screen
        if not isinstance(screen, RunsActions):
            return []
        actions = [_of_action(screen, spec) for spec in SPECS if spec.in_palette and spec.place in screen.places]
        return actions + [_of_filter(screen, title, text) for title, text in screen.filters.items()]


def _of_action(screen: RunsActions, spec: Spec) -> _Entry:
    async def run() -> None:
        await screen.action_run(spec.name)

    keys, reason = screen.keys.all_shown(spec).split(), screen.reason(spec)
    room = _room(screen)
    why_not = tuple(wrap_words(f"not now: {reason}", room)) if reason else ()
    return _Entry(spec.title, run, room, screen.glyphs.ellipsis, _typed(keys), screen.keys.shown(spec), why_not)


def _of_filter(screen: RunsActions, title: str, text: str) -> _Entry:
    async def run() -> None:
        screen.use_filter(text)

    return _Entry(safe_line(title), run, _room(screen), screen.glyphs.ellipsis)


def _room(screen: RunsActions) -> int:
    """Cells of a title."""
    return max(min(_WIDEST, screen.size.width * 96 // 100) - _AROUND - _KEY, 8)


def _typed(keys: Sequence[str]) -> tuple[str, ...]:
    """How these keys may be typed: `F7` as `f7` too, but `C` is not `c`."""
    return (*keys, *(key.lower() for key in keys if len(key) > 1))
