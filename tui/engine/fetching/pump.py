"""From the socket to the disk, in a thread where the transport allows it."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from tui.engine.unbroken import in_thread
from tui.engine.wire.daemon import in_daemon
from tui.engine.wire.errors import in_our_words
from tui.engine.wire.thread_transport import BODY, Body

Sink = Callable[[memoryview], None]
"""Takes some bytes; runs in a thread, and the view is used again afterwards."""
_LEAST, _MOST = 16 * 1024, 256 * 1024
_SECONDS = 0.1
"""Seconds that one read should take, so that the bytes of a slow line are written soon too."""


async def pump(
    response: httpx.Response,
    sink: Sink,
    timeout: float,  # noqa: ASYNC109  # only told
    *,
    is_proven: bool = False,
) -> None:
    """Give everything that the answer brings to the sink. Raises AskError, and the sink's errors.

    `is_proven`: a later check shows whether all bytes came. Then a TLS connection that is closed without notice after
    a body of unknown length counts as its end.
    """
    body = response.extensions.get(BODY)
    with in_our_words(timeout):
        if isinstance(body, Body) and not body.is_begun:  # a login may have looked at its beginning
            body.is_proven = is_proven
            await in_daemon(lambda: _pour(body, sink), body.abort)
            return
        async for chunk in response.aiter_raw():  # as it comes: gathering would hide the progress on a slow line
            await in_thread(sink, memoryview(chunk))


def _pour(body: Body, sink: Sink) -> None:
    buffer = memoryview(bytearray(_MOST))
    size = _LEAST
    while True:
        began = time.monotonic()
        count = body.readinto(buffer[:size])
        if not count:
            return
        took = time.monotonic() - began
        sink(buffer[:count])
        size = min(size * 2, _MOST) if took < _SECONDS / 2 else max(size // 2, _LEAST) if took > _SECONDS else size
