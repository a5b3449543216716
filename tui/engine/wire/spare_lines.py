"""What is closed when this program may open no more files: connections that only wait for their next request.

Each connection of config.toml has clients of its own: with few files those that asked first would keep them all, and
the others would never have a turn.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar
from weakref import WeakKeyDictionary, WeakSet

import httpx

from tui.open_files import are_files_used_up, causes, is_out_of_files

_T = TypeVar("_T")


class Keeper(Protocol):
    """Who keeps connections for later."""

    def let_go(self) -> None:
        """Close those that wait for their next request."""


_keepers: WeakKeyDictionary[asyncio.AbstractEventLoop, WeakSet[Keeper]] = WeakKeyDictionary()


async def with_files(keeper: Keeper, connect: Callable[[], Awaitable[_T]]) -> _T:
    """What `connect` gives; when it fails for want of files, once more without all that is kept on this event loop.

    `keeper` is the one that may keep what was connected. Only a ConnectError counts: nothing was sent before it.
    """
    keepers = _keepers.setdefault(asyncio.get_running_loop(), WeakSet())
    keepers.add(keeper)
    try:
        return await connect()
    except httpx.ConnectError as error:
        if not wants_files(error):
            raise
    for one in tuple(keepers):
        one.let_go()
    await asyncio.sleep(0)  # the event loop closes sockets in its next turn
    return await connect()


def wants_files(error: BaseException) -> bool:
    """Whether it came of this: a search for a host's address only says that it failed."""
    return is_out_of_files(error) or (
        any(isinstance(one, socket.gaierror) for one in causes(error)) and are_files_used_up()
    )
