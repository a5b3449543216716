"""What `board.py` measures: the board on an engine that is only a thread with changes."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.board.fakes import CONNECTIONS, FakeDoor
from tui.app import Board, BoardOptions
from tui.cli import garbage
from tui.engine.border import inert
from tui.engine.facts.jobs import Changes
from tui.engine.outbox import Outbox
from tui.model import Condition, Job, JobState, Reference, Safe, Snapshot

_PROBE = 0.005
"""Seconds between two looks at the clock, in the screen's loop and in the engine's thread."""
_RATE = 10.0
"""How often a second the engine's thread wakes for its changes."""

_ENDS = 20
"""Each so manieth change is a job that ends, or begins anew: then lines move."""


def job(number: int, part: float) -> Job:
    """A job that runs; the lowest numbers stand on top."""
    health = CONNECTIONS[number % len(CONNECTIONS)]
    now = datetime.now(UTC)
    begun = now - timedelta(days=2, seconds=60 * number)
    return Job(
        connection=health.name,
        vendor=health.vendor,
        ref=Reference(f"id-{number:05d}"),
        tracked_at=begun,
        given_title=Safe(f"title-{number:04d}"),
        snapshot=inert(Snapshot(JobState.RUNNING, "running", submitted_at=begun, progress=part)),
        checked_at=now - timedelta(seconds=35),
        fresh_until=now + timedelta(days=1),
    )


class LiveDoor(FakeDoor):
    """Jobs of which so many change each second, one after the other, spread over all of them."""

    def __init__(self, count: int, changes: float) -> None:
        super().__init__()
        self.outbox = Outbox()
        self.late = 0.0
        """The longest that the thread was kept from its work, in seconds."""
        self._changes = changes
        self._jobs = [job(number, 0.1) for number in range(count)]
        self._turn = 0
        calm = tuple(
            replace(one, condition=Condition.OK, message=None, since=None, next_try_at=None) for one in CONNECTIONS
        )
        self.outbox.put(jobs=tuple(self._jobs), connections=calm)

    def on_changes(self, wake: Callable[[], None]) -> None:
        self.outbox.on_changes(wake)

    def drain(self) -> Changes:
        return self.outbox.drain()

    def live(self) -> None:
        """Change jobs for ever."""
        due, owed = time.monotonic(), 0.0
        step = 1 / min(_RATE, self._changes or 1.0)
        while True:
            due += step
            time.sleep(max(due - time.monotonic(), 0))
            self.late = max(self.late, time.monotonic() - due)
            owed += self._changes * step
            self.outbox.put(jobs=tuple(self._next() for _ in range(int(owed))))
            owed -= int(owed)

    def _next(self) -> Job:
        # 7 and the counts are coprime: on the screen and off it in turn, as jobs are.
        self._turn += 7
        at = self._turn % len(self._jobs)
        old = self._jobs[at]
        said: Snapshot = old.snapshot
        if self._turn % (7 * _ENDS) == 0:
            ends = not old.state.is_over
            state, finished = (JobState.SUCCEEDED, datetime.now(UTC)) if ends else (JobState.RUNNING, None)
            said = replace(said, state=state, vendor_status=state.value, finished_at=finished)
        else:
            part = 0.1 + ((said.progress or 0) - 0.1 + 0.01) % 0.89
            said = replace(said, progress=part)
        self._jobs[at] = replace(old, snapshot=inert(said))
        return self._jobs[at]


class Probed(Board):
    """The board, with a note of how long its loop was ever held up, and by how much work of its own: each second."""

    note: Path | None
    live: LiveDoor

    def on_ready(self) -> None:
        if self.note:
            self._probe_task = asyncio.create_task(self._probe(self.note))

    async def _probe(self, note: Path) -> None:
        worst, busiest, told = 0.0, 0.0, time.monotonic()
        while True:
            before, work = time.monotonic(), time.thread_time()
            await asyncio.sleep(_PROBE)
            now = time.monotonic()
            worst = max(worst, now - before - _PROBE)
            busiest = max(busiest, time.thread_time() - work)
            if now - told >= 1.0:
                note.write_text(f"{worst} {busiest} {self.live.late}")  # noqa: ASYNC240  # it notes its own delay
                worst, busiest, self.live.late, told = 0.0, 0.0, 0.0, now


def main() -> None:
    """`board_apps JOBS CHANGES [NOTE]`."""
    count, changes, *note = sys.argv[1:]
    door = LiveDoor(int(count), float(changes))
    garbage.hold()
    app = Probed(door, options=BoardOptions(on_painted=garbage.begin, on_quiet=garbage.sweep))
    app.note, app.live = Path(note[0]) if note else None, door
    threading.Thread(target=door.live, name="engine", daemon=True).start()
    app.run()


if __name__ == "__main__":
    main()
