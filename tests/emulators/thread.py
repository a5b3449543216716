"""The emulated world in a thread of its own, for tests whose own loop is busy or absent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Self, TypeVar

from tui.emulators.description import WorldDescription
from tui.emulators.server import EmulatedVendors

Answer = TypeVar("Answer")


class EmulatorThread:
    """Runs a world from `start` to `stop`, or as a context manager.

    Everything that touches the world while it runs goes through `call`.
    """

    def __init__(self, world: EmulatedVendors | None = None) -> None:
        self._world = world or EmulatedVendors()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._ready: Future[WorldDescription] = Future()
        self._thread = Thread(target=self._main, name="emulators", daemon=True)

    @property
    def description(self) -> WorldDescription:
        """How to reach the vendors; there once `start` has returned."""
        return self._ready.result()

    def start(self) -> WorldDescription:
        """Return when all servers listen. Raises what kept them from it."""
        self._thread.start()
        return self._ready.result()

    def stop(self) -> None:
        """Return when all servers are closed. A second stop does nothing."""
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def call(self, function: Callable[[EmulatedVendors], Answer]) -> Answer:
        """Run the function in the world's loop and return its answer, or raise its error."""

        async def run() -> Answer:
            return function(self._world)

        if self._loop is None:
            raise RuntimeError("the emulated world has not been started")
        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _main(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)
        finally:
            if not self._ready.done():
                self._ready.set_exception(RuntimeError("the emulated world did not start"))

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with self._world as world:
            self._ready.set_result(world.describe())
            await self._stop.wait()
