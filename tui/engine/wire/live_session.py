"""A connection's session: what is sent to its vendor, and what is fetched from there and from elsewhere."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from contextvars import ContextVar
from functools import lru_cache
from urllib.parse import urlsplit

import httpx

from tui.address import below, next_address, same_origin
from tui.clock import Clock
from tui.engine.wire.changing import mark_changing
from tui.engine.wire.clients import has_proxy
from tui.engine.wire.errors import in_our_words
from tui.engine.wire.exchange import read_body, request_of, sent
from tui.engine.wire.express import FILE_HEADERS, Express
from tui.engine.wire.paying import let_through_at, mark_paid
from tui.engine.wire.quota import MOST_THROTTLED, Quota
from tui.engine.wire.reach import Reach
from tui.engine.wire.thread_transport import TAKER
from tui.engine.wire.trip import Taker
from tui.engine.wire.unpacking import refuse_bombs
from tui.errors import AskError
from tui.model import Connection, ProblemKind
from tui.vendors.contract import Reply, retry_after

_MOST_PARSED = 2048
"""So many addresses are kept parsed: the same ones are asked again and again."""
_MOST_REDIRECTS = 5
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_TURN: ContextVar[Quota | None] = ContextVar("turn", default=None)
"""The quota at whose gate this task has already waited for its next request."""


class LiveSession:
    """A connection's client; satisfies `contract.Session`. Errors never hold a URL or a header's value."""

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        quota: Quota,
        *,
        client: httpx.AsyncClient,
        files: httpx.AsyncClient,
        bare: httpx.AsyncClient,
        reach: Reach,
        express: Express | None = None,
    ) -> None:
        """`client` talks to the vendor, `files` fetches from it; both log in. `bare` goes where `reach` lets it.

        `express` goes there too, where no proxy and no other name for the server stands in its way.
        """
        self._connection = connection
        self._clock = clock
        self._client = client
        self._files = files
        self._bare = bare
        self._quota = quota
        self._reach = reach
        self._express = express
        self._has_proxy = has_proxy(connection)
        self._address_of = lru_cache(_MOST_PARSED)(lambda url: httpx.URL(self._absolute(url)))
        self.latency: float | None = None
        """Seconds that the last answered request took."""

    @property
    def connection(self) -> Connection:
        """The connection that this session belongs to."""
        return self._connection

    @property
    def clock(self) -> Clock:
        """Time, as given to the engine."""
        return self._clock

    async def take_turn(self) -> None:
        """Wait at the gate now for the next request of this task, which then is sent at once when it comes."""
        await self._quota.gate.take()
        _TURN.set(self._quota)

    async def send(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        json_body: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        limit: int = 8_000_000,
        changes: bool | None = None,
    ) -> Reply:
        """See `contract.Session.send`."""
        if json_body is not None:
            content = _as_json(json_body).encode()
            headers = {"Content-Type": "application/json", **(headers or {})}
        if _TURN.get() is not self._quota:
            await self._quota.gate.take()
        _TURN.set(None)
        with in_our_words(self._connection.timeout):
            address = self._address_of(url)
            if query:
                request = self._client.build_request(method, address, params=query, content=content, headers=headers)
            else:
                request = request_of(self._client, method, address, headers, content or b"")
            mark_paid(request)
            if changes is not None:
                mark_changing(request, changes=changes)
        with in_our_words(self._connection.timeout, request):
            began = self._clock.monotonic()
            async with sent(self._client, request) as response:
                began = let_through_at(request) or began  # its login may have waited for turns: no vendor's slowness
                body = await read_body(response, limit, self._clock, began)
        self.latency = self._clock.monotonic() - began
        reply = Reply(response.status_code, response.headers, body, self._clock.now())
        if reply.status == 429 and (wait := retry_after(reply)):  # whoever asked: it holds for all of the account
            told = AskError(ProblemKind.RATE_LIMITED, "the vendor asks for fewer requests (429)", hint="wait a little")
            self._quota.pause(min(wait, MOST_THROTTLED), told)
        return reply

    async def fetch(self, url: str, *, limit: int = 64_000_000) -> Reply:
        """See `contract.Session.fetch`."""
        async with self.stream_bare(url) as response:
            await refuse_bombs(response)
            body = await read_body(response, limit, self._clock)
        return Reply(response.status_code, response.headers, body, self._clock.now())

    @asynccontextmanager
    async def stream_bare(self, url: str) -> AsyncGenerator[httpx.Response]:
        """The response of a pre-signed URL with its body unread: no login, no header of ours. Raises AskError."""
        with in_our_words(self._connection.timeout):
            address = await self._refuse_out_of_reach(url)
            async with sent(self._bare, request_of(self._bare, "GET", address)) as response:
                yield response

    @asynccontextmanager
    async def stream_file(
        self,
        url: str,
        *,
        signed_in: bool,
        headers: Mapping[str, str],
        taker: Taker | None = None,
        begun: httpx.Response | None = None,
    ) -> AsyncGenerator[httpx.Response]:
        """A file's answer with its body unread, unless `taker` took it; raises AskError, and the taker's errors.

        `begun` is what `express` got already and its taker left alone.

        Redirects are followed here, at most five: https never leads to http, and beyond the connection's own origin
        the bare client goes on, so that no login and no header of the vendor's comes along.
        """
        headers = {**FILE_HEADERS, **headers}
        for _ in range(_MOST_REDIRECTS + 1):
            with in_our_words(self._connection.timeout):
                if signed_in:
                    url = self._absolute(url)
                answer: AbstractAsyncContextManager[httpx.Response] = (
                    self._answer_to(url, headers, taker, signed_in=signed_in) if begun is None else aclosing(begun)
                )
                begun = None
                async with answer as response:
                    if not response.has_redirect_location:
                        yield response
                        return
                    url = next_address(url, response.headers["location"])
            signed_in = signed_in and same_origin(url, self._connection.base_url)
        raise AskError(
            ProblemKind.BAD_REPLY, "the file's server sends on and on to other addresses", hint="ask who runs it"
        )

    async def express(self, url: str, taker: Taker) -> httpx.Response | None:
        """The same for a pre-signed URL in the shortest way; None for one that has to go the usual way."""
        if self._express is None:
            return None
        with in_our_words(self._connection.timeout):
            return await self._express.get(url, taker)

    @asynccontextmanager
    async def _answer_to(
        self, url: str, headers: Mapping[str, str], taker: Taker | None, *, signed_in: bool
    ) -> AsyncGenerator[httpx.Response]:
        client = self._files if signed_in else self._bare
        address = httpx.URL(url) if signed_in else await self._refuse_out_of_reach(url)
        request = request_of(client, "GET", address, headers)
        if taker is not None:
            request.extensions[TAKER] = taker
        async with sent(client, request) as response:
            yield response

    async def close(self) -> None:
        """Close the connection's clients."""
        await self._client.aclose()
        await self._files.aclose()
        await self._bare.aclose()

    async def _refuse_out_of_reach(self, url: str) -> httpx.URL:
        address = self._reach.refuse(url)
        if self._has_proxy:
            await self._reach.refuse_behind_proxy(url)
        return address

    def _absolute(self, url: str) -> str:
        if not urlsplit(url).scheme:
            return below(self._connection.base_url, url)
        if not same_origin(url, self._connection.base_url):
            raise AskError(
                ProblemKind.FORBIDDEN,
                f"{urlsplit(url).hostname} is not the host of {self._connection.name}: the login is not sent there",
                hint="use a connection whose base_url has this host",
            )
        self._reach.refuse(url)
        return url
