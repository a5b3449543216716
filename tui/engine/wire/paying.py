"""Every request that is written on a wire costs its account one turn at the gate: logins and second tries, too."""

from __future__ import annotations

import httpx

from tui.clock import Clock
from tui.engine.wire.gate import Gate
from tui.engine.wire.light_client import RequestHook

_PAID = "jobdeck_paid"
_AGAIN = "jobdeck_again"
_BEGAN = "jobdeck_let_through"


def mark_paid(request: httpx.Request) -> None:
    """Whoever made the request has waited for its turn already; that holds once."""
    request.extensions[_PAID] = True


def pay_at(gate: Gate, clock: Clock) -> RequestHook:
    """The hook that has each request of a client wait for its turn, those that its login sends and repeats included."""

    async def pay(request: httpx.Request) -> None:
        if not request.extensions.pop(_PAID, False):
            await gate.take()
        request.extensions |= {_AGAIN: again, _BEGAN: clock.monotonic()}

    async def again(request: httpx.Request) -> None:
        await gate.take()
        request.extensions[_BEGAN] = clock.monotonic()

    return pay


async def pay_again(request: httpx.Request) -> None:
    """Wait for one more turn: a transport is about to write the request once more."""
    if again := request.extensions.get(_AGAIN):
        await again(request)


def let_through_at(request: httpx.Request) -> float | None:
    """When the request had its last turn, by the clock's own seconds; None where it needed none."""
    at = request.extensions.get(_BEGAN)
    return at if isinstance(at, float) else None
