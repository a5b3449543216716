"""Each request with its answer and its time, for `--verbose` and `--log-file`: said only where somebody listens.

The log's formatter masks queries, logins and live secrets; headers and bodies are never said.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tui.clock import Clock

if TYPE_CHECKING:  # the log is opened before an HTTP client is loaded
    import httpx

REQUESTS = "jobdeck.requests"
"""The logger; a handler that wants requests sets it to INFO."""

_log = logging.getLogger(REQUESTS)
_log.setLevel(logging.WARNING)
_BEGAN = "jobdeck.began"


def are_requests_said() -> bool:
    """Whether somebody listens."""
    return _log.isEnabledFor(logging.INFO)


def on_request(clock: Clock) -> Callable[[httpx.Request], Awaitable[None]]:
    """The hook that notes when a request began, the login's own too."""

    async def note(request: httpx.Request) -> None:
        if _log.isEnabledFor(logging.INFO):
            request.extensions = {**request.extensions, _BEGAN: clock.monotonic()}

    return note


def on_response(clock: Clock) -> Callable[[httpx.Response], Awaitable[None]]:
    """The hook that says how long the answer took, up to its first byte of body."""

    async def say(response: httpx.Response) -> None:
        if not _log.isEnabledFor(logging.INFO):
            return
        request = response.request
        began = request.extensions.get(_BEGAN, clock.monotonic())
        seconds = clock.monotonic() - began
        # The address last: the log's formatter takes what follows "…/token:" for a token.
        _log.info("%d in %.3f s  %s %s", response.status_code, seconds, request.method, request.url)

    return say


def say_failure(request: httpx.Request, error: httpx.HTTPError) -> None:
    """Say that no answer came, and why."""
    _log.info("no answer (%s)  %s %s", type(error).__name__, request.method, request.url)
