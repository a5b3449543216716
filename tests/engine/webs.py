"""Sessions on transports that the test writes: a function from a request to a response, or to an error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from typing import cast

import httpx

from tests.clock import FakeClock
from tui.clock import Clock
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.wire.sessions import Sessions
from tui.model import Connection, SecretField, Setting
from tui.vendors.contract import Secrets, Vendor

Answer = Callable[[httpx.Request], httpx.Response]

CONNECTION = Connection("plant", "plain", "https://vendor.example/base")


class HeaderLogin(httpx.Auth):
    """Puts its secrets on every request, as vendors' logins do."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]
        request.headers.update(self._headers)
        yield request


class PlainVendor:
    """Only what a session needs of a vendor: a login with the found secret in two headers."""

    name = "plain"
    label = "Plain"
    settings: tuple[Setting, ...] = ()
    secrets = (SecretField("password", "the password", required=False),)

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        secret = secrets.get("password")
        value = secret.reveal() if secret else "none"
        return HeaderLogin({"Authorization": f"Bearer {value}", "X-Vendor-Key": value})


class Web:
    """A transport for both clients of a session; keeps what was sent."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.sent: list[httpx.Request] = []

    def transport(self, _: Connection) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(self._handle)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return self.answer(request)


def as_vendor(part: object) -> Vendor:
    """What has the part of a vendor that a session needs, called a vendor."""
    return cast("Vendor", part)


def sessions(
    answer: Answer,
    clock: FakeClock | None = None,
    *,
    vendor: object | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[Sessions, Web]:
    clock, web, chosen = clock or FakeClock(), Web(answer), as_vendor(vendor or PlainVendor())
    found = {"JOBDECK_SECRET_PLANT_PASSWORD": "canary-hunter2", **(environ or {})}
    finder = SecretFinder(found, GuardedKeyring(trouble="none here"), clock)
    return Sessions(clock, finder, lambda _: chosen, web.transport), web


def connection(**changes: object) -> Connection:
    return replace(CONNECTION, **changes)  # type: ignore[arg-type]


class Chunks(httpx.AsyncByteStream):
    """A body in pieces; `between` runs before each piece, an exception among the pieces is raised."""

    def __init__(self, pieces: Iterable[bytes | Exception], between: Callable[[], object] = lambda: None) -> None:
        self._pieces = pieces
        self._between = between
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            await asyncio.sleep(0)
            self._between()
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def aclose(self) -> None:
        self.closed = True
