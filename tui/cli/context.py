"""What every command needs: the paths, the config and an engine that is opened and closed around the work."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from argparse import Namespace
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tui.cli.ending import end, end_now, heard, on_signals
from tui.clock import SystemClock
from tui.engine.board import Board
from tui.engine.pasting.pick import fitting, pick
from tui.engine.storage.store import Store
from tui.errors import UsageError
from tui.filter import Filter
from tui.model import Job, JobKey
from tui.paths import Paths, find_paths

if TYPE_CHECKING:  # what only reads the board does not load an HTTP client
    from tui.config import Config
    from tui.engine.engine import Engine
    from tui.engine.surroundings import Surroundings

_T = TypeVar("_T")
_PAGE = 500


def paths_of(options: Namespace) -> Paths:
    """The files that the options and the environment name."""
    return find_paths(options.config, options.state, options.log_file)


def whole_path(text: str) -> Path:
    """A folder that the user named. Raises UsageError, also where the working folder is gone."""
    try:
        return Path(text).expanduser().absolute()
    except (OSError, RuntimeError) as error:
        raise UsageError(f"{text} names no place here", hint="write the whole path") from error


def surroundings(options: Namespace) -> Surroundings:
    """The real world, as the engine sees it. Called once: the environment's secrets are taken out of it."""
    from tui.engine.secrets.finder import take_secrets  # noqa: PLC0415
    from tui.engine.surroundings import Surroundings  # noqa: PLC0415

    return Surroundings(
        environ=take_secrets(os.environ), read_only=options.read_only, config_file=paths_of(options).config
    )


@asynccontextmanager
async def opened(options: Namespace, settings: Config | None = None) -> AsyncGenerator[Engine]:
    """An engine with the board read from the disk; nobody is asked until the caller says so."""
    from tui import config  # noqa: PLC0415
    from tui.cli.log import start_log  # noqa: PLC0415
    from tui.engine.engine import Engine  # noqa: PLC0415

    paths = paths_of(options)
    settings = settings or config.load(paths.config)
    paths.make_state()
    start_log(paths.log, with_requests=paths.log_file is not None, to_stderr=options.verbose)
    engine = Engine(settings, paths.database, surroundings(options))
    try:
        await engine.open()
        yield engine
    finally:
        await engine.close()


def settings_of(options: Namespace) -> Config | None:
    """What config.toml says; None where there is none, which costs nothing.

    Commands that use none of it read it too, so that a mistake is told at once. Raises ConfigError.
    """
    path = paths_of(options).config
    try:
        path.stat()
    except FileNotFoundError:
        return None
    except OSError:  # `load` says why
        pass
    from tui import config  # noqa: PLC0415  # with all vendors: not needed without a file

    return config.load(path)


async def stored(options: Namespace) -> tuple[Job, ...]:
    """The jobs as they are on the disk; asks nobody. Raises StateError."""
    paths = paths_of(options)
    paths.make_state()
    store = Store(paths.database)
    try:
        board = Board(store, SystemClock())
        await board.load()
        return tuple(board.jobs.values())
    finally:
        await store.close()


async def archived(options: Namespace, wanted: Filter) -> tuple[Job, ...]:
    """The archived jobs that the filter fits, all of them. Raises StateError."""
    from tui.config import Retention  # noqa: PLC0415  # only where somebody asks for the archive
    from tui.engine.retention import Archivist  # noqa: PLC0415

    clock, store = SystemClock(), Store(paths_of(options).database)
    try:
        return await Archivist(Board(store, clock), store, clock, Retention).find(wanted, sys.maxsize)
    finally:
        await store.close()


async def stored_job(options: Namespace, text: str) -> tuple[Job, str | None]:
    """The job that the text means, on the board, else in the archive; of an archived one its kept report too.

    Asks nobody. Raises UsageError, StateError.
    """
    paths = paths_of(options)
    paths.make_state()
    store = Store(paths.database)
    try:
        archived = await store.archived_job(JobKey(text))
        if archived is None:
            board = Board(store, SystemClock())
            await board.load()
            there = fitting(text, board.jobs.values()) or await _archived_fitting(store, text)
            job = pick(text, there)
        else:
            job = archived
        return job, await store.report(job.key) if job.archived_at else None
    finally:
        await store.close()


async def _archived_fitting(store: Store, text: str) -> list[Job]:
    found: list[Job] = []
    before: int | None = None
    while True:
        page = await store.archived(before, _PAGE)
        found += fitting(text, page.jobs)
        if page.before is None:
            return found
        before = page.before


def complete(work: Coroutine[object, object, _T]) -> _T:
    """Run a command's coroutine to its end.

    A signal cancels it, so that everything is closed, and then ends the program with its code; the next one ends it
    at once.
    """
    came: list[int] = []
    with on_signals(end):  # theirs again when the loop has taken its own handlers away
        try:
            return asyncio.run(_cancelled_by_signals(work, came))
        except asyncio.CancelledError:
            if not came:
                raise
        raise SystemExit(128 + came[0])


async def _cancelled_by_signals(work: Coroutine[object, object, _T], came: list[int]) -> _T:
    """Handlers of the loop: an exception out of Python's own may come in the middle of any task's step."""
    loop, task, numbers = asyncio.get_running_loop(), asyncio.current_task(), heard()

    def cancel(number: int) -> None:
        came.append(number)
        for one in numbers:
            loop.remove_signal_handler(one)
            signal.signal(one, end_now)
        if task is not None:
            task.cancel()

    for number in numbers:
        loop.add_signal_handler(number, cancel, number)
    return await work


def now() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)
