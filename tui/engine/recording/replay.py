"""`--replay`: the door to a recording. It asks nobody, and what it tells is as it was at the recorded moment."""

# ruff: noqa: ARG002  # what is told depends on the recording alone

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TypeVar

from tui.engine.facts.archives import Inventory
from tui.engine.facts.connections import ConnectionDraft, ConnectionFacts, ConnectionForm, Mistake
from tui.engine.facts.jobs import Action, Changes, CutOff, Offers, TrackWish
from tui.engine.recording.player import Player
from tui.engine.recording.refusing import WHY_NOT, RefusingDoor
from tui.filter import Filter
from tui.model import Event, Job, JobKey, Safe

_T = TypeVar("_T")


class ReplayDoor(RefusingDoor):
    """Satisfies `door.Door`. Nothing wakes the board from here: it looks by itself, as time passes in the player."""

    def __init__(self, player: Player) -> None:
        self._player = player

    def on_changes(self, wake: Callable[[], None]) -> None:
        """See `Door`: there is something from the start."""
        wake()

    def drain(self) -> Changes:
        """See `Door`."""
        return self._player.take()

    def why_not(self, action: Action, job: Job) -> Safe | None:
        """See `Door`."""
        return Safe("the recording holds no reports") if action is Action.REPORT else WHY_NOT

    def history(self, key: JobKey) -> Future[tuple[Event, ...]]:
        """See `Door`."""
        return _granted(self._player.history(key))

    def find_archived(self, wanted: Filter | None) -> Future[int]:
        """See `Door`: a recording holds the board alone."""
        return _granted(0)

    def inventory(self, key: JobKey) -> Future[tuple[Inventory, ...]]:
        """See `Door`."""
        return _granted(())

    def connections(self) -> Future[tuple[ConnectionFacts, ...]]:
        """See `Door`."""
        return _granted(())

    def keyring_state(self) -> Future[Safe | None]:
        """See `Door`."""
        return _granted(None)

    def saved_filters(self) -> Mapping[str, str]:
        """See `Door`."""
        return self._player.recording.head.filters

    def cut_off(self, wish: TrackWish) -> CutOff | None:
        """See `Door`."""
        return None

    def why_not_asked(self, key: JobKey) -> Safe | None:
        """See `Door`."""
        return None

    def why_silent(self, connection: str) -> Safe | None:
        """See `Door`."""
        return None

    def offers(self) -> tuple[Offers, ...]:
        """See `Door`."""
        return ()

    def connection_forms(self) -> tuple[ConnectionForm, ...]:
        """See `Door`."""
        return ()

    def mistakes_in(self, draft: ConnectionDraft, replaces: str | None = None) -> tuple[Mistake, ...]:
        """See `Door`."""
        return ()

    def drafts_for(self, text: str) -> tuple[ConnectionDraft, ...]:
        """See `Door`."""
        return ()

    def allow_changes(self, *, on: bool) -> None:
        """See `Door`."""

    def focus(self, key: JobKey | None) -> None:
        """See `Door`."""

    def close(self, timeout: float = 2.0) -> None:
        """See `Door`."""


def _granted(what: _T) -> Future[_T]:
    future: Future[_T] = Future()
    future.set_result(what)
    return future
