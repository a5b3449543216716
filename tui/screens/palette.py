"""The board's actions in Textual's command palette."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui.widgets.actions import SPECS, Keys, Spec


@runtime_checkable
class RunsActions(Protocol):
    """A screen that carries out actions by their names."""

    keys: Keys

    async def action_run(self, name: str) -> None:
        """Carry out the action."""
        ...

    def reason(self, spec: Spec) -> str | None:
        """Why the action cannot run now."""
        ...


class ActionsProvider(Provider):
    """Finds actions by their titles; those that cannot run now say why."""

    async def discover(self) -> Hits:
        """All actions, before anything is typed."""
        for spec, help_text in self._told():
            yield DiscoveryHit(spec.title, self._runner(spec), help=help_text)

    async def search(self, query: str) -> Hits:
        """The actions whose title fits."""
        matcher = self.matcher(query)
        for spec, help_text in self._told():
            score = matcher.match(spec.title)
            if score > 0:
                yield Hit(score, matcher.highlight(spec.title), self._runner(spec), help=help_text)

    def _told(self) -> list[tuple[Spec, str]]:
        screen = self.screen
        if not isinstance(screen, RunsActions):
            return []
        told: list[tuple[Spec, str]] = []
        for spec in SPECS:
            if spec.in_palette:
                reason = screen.reason(spec)
                told.append((spec, f"not now: {reason}" if reason else f"key: {screen.keys.all_shown(spec)}"))
        return told

    def _runner(self, spec: Spec) -> _Run:
        return _Run(self, spec.name)


class _Run:
    """Carries out one action on the screen that the palette was opened from."""

    def __init__(self, provider: ActionsProvider, name: str) -> None:
        self._screen = provider.screen
        self._name = name

    async def __call__(self) -> None:
        if isinstance(self._screen, RunsActions):
            await self._screen.action_run(self._name)
