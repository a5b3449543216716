"""A store whose disk work is done at once, so that a test with a moved clock knows when it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import ParamSpec, TypeVar

from tui.engine.storage.store import Store

_T = TypeVar("_T")
_P = ParamSpec("_P")


class Inline(Executor):
    """Runs work where it is handed in; counts it."""

    def __init__(self) -> None:
        self.done = 0

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        self.done += 1
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  # an executor hands every error on
            future.set_exception(error)
        return future


_open: list[Store] = []


def inline_store(path: Path) -> Store:
    """It is closed at the end of the test at the latest."""
    store = Store(path, Inline())
    _open.append(store)
    return store


def close_stores() -> None:
    while _open:
        asyncio.run(_open.pop().close())
