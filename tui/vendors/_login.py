"""The login that most vendors share: one token per connection, one renewal at a time, one replay."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

import httpx

from tui.clock import Clock
from tui.errors import AskError
from tui.model import ProblemKind, Secret
from tui.redact import remember
from tui.vendors.contract import Reply

EARLY = 60.0
"""Renew so many seconds before the end, or after four fifths of a short life."""
LONGEST_ANSWER = 65_536
"""Bytes of a token service's answer, as they are sent: an honest one has a few thousand."""
LONGEST_WAIT = 60.0
"""Seconds after which a token service's answer that still drips in is given up."""
TRIES = 3
"""How often one renewal may ask, where the token service says "ask again"."""


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and what is left of its life in seconds; None means until it is refused."""

    value: Secret
    lifetime: float | None = None


class TokenLogin(httpx.Auth, ABC):
    """Ask for a token, put it on each request, renew it early and once when it was refused.

    Single-flight: all requests of a connection share one renewal. A refused *secret* is remembered and never
    sent again by this object (accounts are locked after a few wrong logins); a new session starts anew.
    """

    requires_request_body = True

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._renew_at: float | None = None
        self._refused: AskError | None = None

    @abstractmethod
    def token_request(self, old: Token | None) -> httpx.Request:
        """The request that gets a token; `old` is a living one that is to be renewed early."""

    @abstractmethod
    def read_token(self, reply: Reply) -> Token | None:
        """The token in the answer, or None for "ask again". Raises AskError; AUTH means a refused secret."""

    def sign(self, request: httpx.Request, token: Token) -> None:
        """Put the token on the request."""
        request.headers["Authorization"] = f"Bearer {token.value.reveal()}"

    async def is_dead(self, response: httpx.Response) -> bool:
        """Whether the answer says that the token is not valid any more."""
        return response.status_code == 401

    def may_repeat(self, request: httpx.Request) -> bool:  # noqa: ARG002  # for subclasses
        """Whether the request may be sent again with a new token; else the dead one is only forgotten."""
        return True

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """httpx's hook: yields the requests to send and gets their responses."""
        await request.aread()
        dead: Token | None = None
        for _ in range(2):
            async with self._lock:
                for _ in range(TRIES):
                    if not self._must_renew(dead):
                        break
                    living = None if self._token is dead else self._token
                    asking = self.token_request(living)
                    # It was not made by the client, so it knows no time limit.
                    asking.extensions = {"timeout": request.extensions.get("timeout", {}), **asking.extensions}
                    response = yield asking
                    if isinstance(response.stream, httpx.AsyncByteStream):
                        response.stream = _Short(response.stream, self.clock)
                    await response.aread()
                    self._keep(response)
                token = self._token
            if token is None:
                raise AskError(
                    ProblemKind.UNREACHABLE,
                    "the token service gave no token",
                    hint="wait a little; another program may log in with the same keys at this moment",
                )
            self.sign(request, token)
            response = yield request
            if not await self.is_dead(response):
                return
            dead = token
            if not self.may_repeat(request):
                self._token = None if self._token is dead else self._token
                return

    def _must_renew(self, dead: Token | None) -> bool:
        if self._refused:
            raise self._refused
        if self._token is None or self._token is dead:
            return True
        return self._renew_at is not None and self.clock.monotonic() >= self._renew_at

    def _keep(self, response: httpx.Response) -> None:
        reply = Reply(response.status_code, response.headers, response.content, self.clock.now())
        try:
            token = self.read_token(reply)
        except AskError as error:
            if error.kind is ProblemKind.AUTH:
                self._refused = error
            raise
        if token is None:
            return
        remember(token.value, lasting=False)
        self._token = token
        self._renew_at = None
        if token.lifetime is not None:
            self._renew_at = self.clock.monotonic() + max(token.lifetime - EARLY, token.lifetime * 0.8)


class _Short(httpx.AsyncByteStream):
    """A body that has to come to an end soon: all of the connection's jobs wait for it. Raises AskError."""

    def __init__(self, stream: httpx.AsyncByteStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    async def __aiter__(self) -> AsyncIterator[bytes]:
        length, deadline = 0, self._clock.monotonic() + LONGEST_WAIT
        async for chunk in self._stream:
            length += len(chunk)
            if self._clock.monotonic() > deadline:
                raise AskError(
                    ProblemKind.UNREACHABLE,
                    f"the token service's answer had no end after {LONGEST_WAIT:g} s",
                    hint="the vendor or the line is too slow: wait a little",
                )
            if length > LONGEST_ANSWER:
                raise AskError(
                    ProblemKind.BAD_REPLY,
                    f"the token service's answer is longer than {LONGEST_ANSWER} bytes",
                    hint="look at base_url: is it the vendor that answers?",
                )
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
