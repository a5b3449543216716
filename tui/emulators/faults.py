"""What can go wrong on purpose: faults that a test puts before an emulated site while it runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum, auto

from aiohttp import web

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Please sign in</h1></body></html>"


class FaultKind(Enum):
    """The ways to go wrong."""

    HANG = auto()
    """Take the request and never answer, until the fault is cleared."""
    DIE = auto()
    """Close the connection without an answer."""
    HTML = auto()
    """Answer with a login page, status 200."""
    STATUS = auto()
    """Answer with a bare status."""
    SLOW = auto()
    """Send the body at so many bytes a second."""
    CUT = auto()
    """Close the connection after so many bytes of the body."""
    BARE = auto()
    """Answer with an empty JSON object, status 200."""
    SWAP = auto()
    """Break each file off half-way, once, and have another one of the same size in its place from then on."""


_BODY_FAULTS = (FaultKind.SLOW, FaultKind.CUT, FaultKind.SWAP)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. It meets requests whose path holds `path`, `times` of them (None: until it is cleared).

    A `path` with `$` behind it is what the path must end with; a `method` is the only one that is met.

    `amount` is bytes a second for SLOW and bytes for CUT; `status` and `retry_after` belong to STATUS.
    """

    kind: FaultKind
    path: str = ""
    times: int | None = None
    status: int = 503
    retry_after: str | None = None
    text: str = ""
    amount: int = 0
    method: str = ""

    def meets(self, method: str, path: str) -> bool:
        """Whether such a request for that path has this fault."""
        if self.method not in ("", method):
            return False
        return path.endswith(self.path[:-1]) if self.path.endswith("$") else self.path in path


def hang(*, times: int | None = None) -> Fault:
    """Never answer."""
    return Fault(FaultKind.HANG, times=times)


def die(path: str = "", *, times: int | None = None) -> Fault:
    """Close the connection."""
    return Fault(FaultKind.DIE, path, times)


def html(path: str = "", *, times: int | None = None) -> Fault:
    """A login page with status 200."""
    return Fault(FaultKind.HTML, path, times)


def status(
    code: int, path: str = "", *, times: int | None = None, retry_after: str | None = None, text: str = ""
) -> Fault:
    """A bare status; `retry_after` is seconds or an HTTP date, as the header will hold it."""
    return Fault(FaultKind.STATUS, path, times, status=code, retry_after=retry_after, text=text)


def slow(bytes_per_second: int, *, times: int | None = None) -> Fault:
    """A body that trickles."""
    return Fault(FaultKind.SLOW, times=times, amount=bytes_per_second)


def cut(after: int, path: str = "", *, times: int | None = None, method: str = "") -> Fault:
    """A body that ends early; what was asked for is done all the same."""
    return Fault(FaultKind.CUT, path, times, amount=after, method=method)


def bare(path: str) -> Fault:
    """An answer without any of its keys."""
    return Fault(FaultKind.BARE, path)


def swap(path: str) -> Fault:
    """Another file under the same address, from the middle of the first download on."""
    return Fault(FaultKind.SWAP, path)


class Faults:
    """The faults of one site, met in the order in which they were added."""

    def __init__(self) -> None:
        self._left: list[tuple[Fault, int | None]] = []
        self._release = asyncio.Event()
        self.waiting = 0
        """How many requests hang now."""

    def add(self, fault: Fault) -> None:
        """Put a fault before the site."""
        self._left.append((fault, fault.times))

    def remove(self, fault: Fault) -> None:
        """Take one fault away, however often it has met a request."""
        self._left = [(one, left) for one, left in self._left if one != fault]

    def clear(self) -> None:
        """Take all faults away; requests that hang are dropped."""
        self._left.clear()
        self._release.set()
        self._release = asyncio.Event()

    def take_body(self, request: web.Request) -> Fault | None:
        """The fault that the body of the answer to this request shall have."""
        return self._take(request, body=True)

    async def instead(self, request: web.Request) -> web.StreamResponse | None:
        """The answer that a fault gives instead of the site's own."""
        fault = self._take(request, body=False)
        if fault is None:
            return None
        if fault.kind is FaultKind.HTML:
            return web.Response(text=LOGIN_PAGE, content_type="text/html")
        if fault.kind is FaultKind.BARE:
            return web.json_response({})
        if fault.kind is FaultKind.STATUS:
            headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            return web.Response(status=fault.status, text=fault.text, headers=headers)
        if fault.kind is FaultKind.HANG:
            await self._hang()
        return hang_up(request)

    async def _hang(self) -> None:
        self.waiting += 1
        try:
            await self._release.wait()
        finally:
            self.waiting -= 1

    def _take(self, request: web.Request, *, body: bool) -> Fault | None:
        for index, (fault, left) in enumerate(self._left):
            if (fault.kind in _BODY_FAULTS) is body and fault.meets(request.method, request.path):
                if left == 1:
                    del self._left[index]
                elif left is not None:
                    self._left[index] = (fault, left - 1)
                return fault
        return None


def hang_up(request: web.Request, *, flush: bool = False) -> web.Response:
    """Close the connection under the request; the response is for the server's books only.

    With `flush` what was written so far still goes out.
    """
    if request.transport is not None:
        if flush:
            request.transport.close()
        else:
            request.transport.abort()
    return web.Response()
