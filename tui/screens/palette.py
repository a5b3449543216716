"""The command palette: the board's actions by title or key, saved filters, connections.

Textual reads markup in what stands there, and vendors' words stand in reasons: all of it is escaped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.markup import escape

from tui.text import safe_line
from tui.widgets.actions import SPECS, Keys, Place, Spec

_KEY_SCORE = 2.0
"""More than any title scores: who types a key means it."""


@runtime_checkable
class RunsActions(Protocol):
    """A screen that carries out actions by their names, and whose table can be filtered."""

    keys: Keys
    places: frozenset[Place]

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
    """One line of the palette; `keys` are found too, when exactly one of them is typed."""

    title: str
    help: str
    run: Callable[[], Awaitable[None]]
    keys: tuple[str, ...] = ()


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
            yield DiscoveryHit(escape(entry.title), entry.run, text=entry.title, help=escape(entry.help))

    async def search(self, query: str) -> Hits:
        """What is called so, or has this key."""
        matcher = self.matcher(query)
        for entry in self._entries():
            is_key = query.strip() in entry.keys
            score = _KEY_SCORE if is_key else matcher.match(entry.title)
            if score > 0:
                shown = escape(entry.title) if is_key else matcher.highlight(entry.title)
                yield Hit(score, shown, entry.run, text=entry.title, help=escape(entry.help))

    def _entries(self) -> list[_Entry]:
        screen = self.screen
        if not isinstance(screen, RunsActions):
            return []
        actions = [_of_action(screen, spec) for spec in SPECS if spec.in_palette and spec.place in screen.places]
        return actions + [_of_filter(screen, title, text) for title, text in screen.filters.items()]


def _of_action(screen: RunsActions, spec: Spec) -> _Entry:
    async def run() -> None:
        await screen.action_run(spec.name)

    reason, keys = screen.reason(spec), screen.keys.all_shown(spec)
    return _Entry(spec.title, f"not now: {reason}" if reason else f"key: {keys}", run, _typed(keys.split()))


def _of_filter(screen: RunsActions, title: str, text: str) -> _Entry:
    async def run() -> None:
        screen.use_filter(text)

    return _Entry(safe_line(title), f"filter: {safe_line(text)}", run)


def _typed(keys: Sequence[str]) -> tuple[str, ...]:
    """How these keys may be typed: `F7` as `f7` too, but `C` is not `c`."""
    return (*keys, *(key.lower() for key in keys if len(key) > 1))
