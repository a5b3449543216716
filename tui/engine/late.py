"""The engine of a board that is painted first: it is made when the first frame is out.

To load all of its rooms takes as long as to load Textual. Until then the board has what is on the disk, and what the
first frame asks is answered from config.toml; whoever wants more waits.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tui import vendors
from tui.config import Config
from tui.engine.abilities import why_not
from tui.engine.calls import CLOSING
from tui.engine.facts.jobs import Action, Offers
from tui.engine.host import EngineThread, in_word
from tui.engine.kept import Kept
from tui.engine.offering import offers_of
from tui.engine.surroundings import Surroundings
from tui.errors import JobdeckError, StateError
from tui.model import ConnectionHealth, Job, JobKey, Safe
from tui.text import safe_line

if TYPE_CHECKING:
    from tui.engine.engine import Engine

_T = TypeVar("_T")


class LateEngine(EngineThread):
    """Satisfies `door.Door`. After `start` there is the board; `begin` makes the engine, and so does the first wish."""

    def __init__(self, config: Config, database: Path, around: Surroundings) -> None:
        """Open the database. Raises StateError."""
        super().__init__()
        self._config = config
        self._database = database
        self._around = around
        self._kept = Kept.open(database, around.clock)
        self._has_begun = False
        self._beginning = threading.Lock()
        self._going: asyncio.Task[None] | None = None

    @property
    def is_made(self) -> bool:
        """Whether there is an engine, or the error that it did not start with."""
        return self._made.done()

    def begin(self) -> None:
        """Make the engine, in its thread, and begin to ask."""
        with self._beginning:
            if not self._has_begun:
                self._has_begun = self._thread.soon(self._make)

    def why_not(self, action: Action, job: Job) -> Safe | None:
        """See `Door`."""
        if self.is_made:
            return super().why_not(action, job)
        vendor = vendors.load(job.vendor) if job.connection in self._config.connections else None
        return in_word(why_not(action, job, vendor, read_only=self._around.read_only))

    def why_not_asked(self, key: JobKey) -> Safe | None:
        """See `Door`."""
        return super().why_not_asked(key) if self.is_made else None

    def why_silent(self, connection: str) -> Safe | None:
        """See `Door`."""
        return super().why_silent(connection) if self.is_made else None

    def saved_filters(self) -> Mapping[str, str]:
        """See `Door`."""
        return super().saved_filters() if self.is_made else self._config.filters

    def offers(self) -> tuple[Offers, ...]:
        """See `Door`."""
        if self.is_made:
            return super().offers()
        return offers_of(self._config, self._around.environ, read_only=self._around.read_only)

    def focus(self, key: JobKey | None) -> None:
        """See `Door`."""
        if not self.is_made:
            self._made.add_done_callback(lambda _: self.focus(key))
        elif self._made.exception() is None:
            super().focus(key)

    @property
    def _engine(self) -> Engine:
        if not self.is_made:
            self.begin()
        return super()._engine

    def _submit(self, work: Coroutine[object, object, _T], *, recallable: bool = False) -> Future[_T]:
        self.begin()  # before the work: in the engine's thread nothing waits for the engine
        return super()._submit(work, recallable=recallable)

    async def _open(self) -> None:
        await self._kept.board.load()
        self._show(self._kept.board)
        known = self._config.connections.values()
        first = tuple(ConnectionHealth.at_first(one, safe_line(vendors.load(one.vendor).label)) for one in known)
        self._outbox.put(connections=first)

    def _make(self) -> None:
        try:
            from tui.engine.engine import Engine  # noqa: PLC0415  # this is what was put off

            engine = Engine(self._config, self._database, self._around, self._kept)
        except BaseException as error:
            self._made.set_exception(error)
            self._outbox.put(told=(f"nothing is asked: the engine did not start ({type(error).__name__})",))
            raise
        self._made.set_result(engine)
        self._going = asyncio.create_task(self._start_work(engine))

    async def _start_work(self, engine: Engine) -> None:
        try:
            await self._kept.board.load_usual()
            await self._set_going(engine)
        except StateError as error:
            self._outbox.put(told=(error.message,))

    async def _let_go(self) -> None:
        if self._going:
            self._going.cancel()
            await asyncio.gather(self._going, return_exceptions=True)
        if self.is_made:
            await super()._let_go()
        else:
            self._made.set_exception(JobdeckError(CLOSING))
            await self._kept.store.close()
