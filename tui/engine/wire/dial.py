"""How a line to a host is found: its addresses, looked up beside the event loop, and the first of them that answers.

asyncio looks names up in a few shared threads that cannot be called back: while a name service hangs, they would hold
up every other host, all work that goes to a thread, and the program's end.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import chain, zip_longest

from tui.engine.wire.daemon import in_daemon, let_be

_HAPPY_EYEBALLS = 0.25
"""Seconds until a host's next address is tried beside the first (RFC 8305)."""

_Place = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, _Place]
"""As `socket.getaddrinfo` gives it."""
LookUp = Callable[[str, int, int, int], Sequence[Address]]
"""The addresses of a host and a port, of a family and a kind. Raises OSError, or ValueError for a name."""


class Dialer:
    """Makes plain lines to hosts; of several searches for the same host at once there is one."""

    def __init__(self, look_up: LookUp = socket.getaddrinfo) -> None:
        """`look_up` blocks."""
        self._look_up = look_up
        self._searches: dict[tuple[str, int], asyncio.Task[Sequence[Address]]] = {}

    async def dial(self, host: str, port: int) -> socket.socket:
        """A line to the host, by whichever of its addresses answers first. Raises OSError, or ValueError for a name."""
        return await _first_of(await self._addresses(host, port))

    async def _addresses(self, host: str, port: int) -> Sequence[Address]:
        search = self._searches.get((host, port))
        if search is None:
            search = self._searches[host, port] = asyncio.create_task(self._search(host, port), name=f"look up {host}")
            search.add_done_callback(lambda done: self._end(host, port, done))
        return await asyncio.shield(search)

    async def _search(self, host: str, port: int) -> Sequence[Address]:
        if _is_number(host):
            return self._look_up(host, port, 0, socket.SOCK_STREAM)
        search = partial(self._look_up, host, port, 0, socket.SOCK_STREAM)
        return _by_turns(await in_daemon(search, let_be, left=let_be))

    def _end(self, host: str, port: int, search: asyncio.Task[Sequence[Address]]) -> None:
        self._searches.pop((host, port), None)
        if not search.cancelled():
            search.exception()  # it may be that nobody waits for it any more


def _is_number(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError, ValueError):
            socket.inet_pton(family, host)
            return True
    return False


def _by_turns(found: Sequence[Address]) -> Sequence[Address]:
    """Both families by turns, the preferred one first: where one of them leads nowhere, little time is lost."""
    ours = [one for one in found if one[0] is found[0][0]]
    others = [one for one in found if one[0] is not found[0][0]]
    return [one for one in chain.from_iterable(zip_longest(ours, others)) if one is not None]


async def _first_of(addresses: Sequence[Address]) -> socket.socket:
    trouble = OSError("the host has no address")
    if len(addresses) == 1:  # as most often: no task for it
        return await _connected(addresses[0])
    rest, tries = list(addresses), set[asyncio.Task[socket.socket]]()
    try:
        while rest or tries:
            if rest:
                tries.add(asyncio.create_task(_connected(rest.pop(0))))
            patience = _HAPPY_EYEBALLS if rest else None
            done, _ = await asyncio.wait(tries, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                tries.discard(one)
                error = one.exception()
                if error is None:
                    return one.result()
                trouble = error if isinstance(error, OSError) else trouble
    finally:
        for one in tries:
            one.cancel()
            one.add_done_callback(_close_late)
    raise trouble


async def _connected(address: Address) -> socket.socket:
    family, kind, protocol, _, place = address
    line = socket.socket(family, kind, protocol)
    try:
        line.setblocking(False)
        await asyncio.get_running_loop().sock_connect(line, place)
    except BaseException:
        line.close()
        raise
    return line


def _close_late(one: asyncio.Task[socket.socket]) -> None:
    if not one.cancelled() and one.exception() is None:
        one.result().close()
