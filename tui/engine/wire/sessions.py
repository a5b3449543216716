"""One httpx client per connection, with its login, limits and TLS, and a bare one for pre-signed URLs.

One client per connection, since httpx's pool costs O(n²) with many origins, and kept alive for longer than asking
intervals (facts: performance, section A). httpx follows no redirect: it would carry vendor headers away.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import re
import ssl
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx

from tui.address import below, next_address, same_origin
from tui.clock import Clock
from tui.engine.secrets.finder import SecretFinder
from tui.engine.wire.blocking_line import Connect, connect_anywhere
from tui.engine.wire.errors import CONNECT_SECONDS, in_our_words
from tui.engine.wire.express import FILE_HEADERS, Express
from tui.engine.wire.knock import Knocked, knock
from tui.engine.wire.light_client import LightClient, RequestHook
from tui.engine.wire.loop_transport import WHOLE, LoopTransport
from tui.engine.wire.paying import let_through_at, mark_paid, pay_at
from tui.engine.wire.quota import MOST_THROTTLED, Quota, Quotas
from tui.engine.wire.reach import Reach
from tui.engine.wire.request_log import on_request, on_response, say_failure
from tui.engine.wire.thread_transport import TAKER, Taker, ThreadTransport
from tui.engine.wire.trust import trust_of
from tui.engine.wire.unpacking import ACCEPTED, refuse_bombs
from tui.errors import AskError, ConfigError, JobdeckError
from tui.model import Connection, ProblemKind
from tui.vendors.contract import Reply, Vendor, retry_after

_KEEP_ALIVE = 150.0
_MOST_CONNECTIONS = 8
_MOST_PARSED = 2048
"""So many addresses are kept parsed: the same ones are asked again and again."""
_MOST_REDIRECTS = 5
_LONGEST_ANSWER = 300.0
"""Seconds after which an answer that still drips in is given up: `timeout` sees only a line that is silent."""

# httpx writes whole URLs, queries included, at INFO.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

_TURN: ContextVar[Quota | None] = ContextVar("turn", default=None)
"""At whose gate this task has waited already for its next request."""

Transport = Callable[[Connection], httpx.AsyncBaseTransport | None]
"""How a test puts its own transport below a connection's client."""


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
        self._has_proxy = _has_proxy(connection)
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
    ) -> Reply:
        """See `contract.Session.send`."""
        if json_body is not None:
            content = json.dumps(json_body, ensure_ascii=False, separators=(",", ":")).encode()
            headers = {"Content-Type": "application/json", **(headers or {})}
        if _TURN.get() is not self._quota:
            await self._quota.gate.take()
        _TURN.set(None)
        with in_our_words(self._connection.timeout):
            address = self._address_of(url)
            if method == "GET" and not (query or content):
                request = _get(self._client, address, headers)
            else:
                request = self._client.build_request(method, address, params=query, content=content, headers=headers)
            mark_paid(request)
        with in_our_words(self._connection.timeout, request):
            began = self._clock.monotonic()
            async with _sent(self._client, request) as response:
                began = let_through_at(request) or began  # its login may have waited for turns: no vendor's slowness
                body = await self._read(response, limit, began + _LONGEST_ANSWER)
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
            body = await self._read(response, limit, math.inf)
        return Reply(response.status_code, response.headers, body, self._clock.now())

    @asynccontextmanager
    async def stream_bare(self, url: str, headers: Mapping[str, str] | None = None) -> AsyncGenerator[httpx.Response]:
        """The response of a pre-signed URL with its body unread: no login, no header of ours. Raises AskError."""
        with in_our_words(self._connection.timeout):
            address = await self._refuse_out_of_reach(url)
            async with _sent(self._bare, _get(self._bare, address, headers)) as response:
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
                answer = self._answer_to(url, headers, taker, signed_in=signed_in) if begun is None else _closed(begun)
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
        request = _get(client, address, headers)
        if taker is not None:
            request.extensions[TAKER] = taker
        async with _sent(client, request) as response:
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

    async def _read(self, response: httpx.Response, limit: int, deadline: float) -> bytes:
        whole = response.extensions.get(WHOLE)
        if isinstance(whole, bytes) and len(whole) <= limit and "content-encoding" not in response.headers:
            return whole
        if _said_length(response) > limit:  # known before a byte of it has come
            raise _too_large(limit)
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > limit:
                raise _too_large(limit)
            if self._clock.monotonic() > deadline:
                raise AskError(
                    ProblemKind.UNREACHABLE,
                    f"the answer had no end after {_LONGEST_ANSWER:g} s",
                    hint="the vendor or the line is too slow: wait a little",
                )
        return bytes(body)


def _said_length(response: httpx.Response) -> int:
    """How long the body is going to be, by its header; 0 where that does not tell."""
    said = response.headers.get("content-length", "")
    return int(said) if re.fullmatch(r"[0-9]{1,18}", said) else 0


def _too_large(limit: int) -> AskError:
    return AskError(
        ProblemKind.BAD_REPLY,
        f"the vendor's answer is larger than {limit / 1_000_000:g} MB",
        hint="look at base_url: is it the vendor that answers?",
    )


def _get(client: httpx.AsyncClient, address: httpx.URL, headers: Mapping[str, str] | None) -> httpx.Request:
    if isinstance(client, LightClient):
        return client.get_request(address, headers)
    return client.build_request("GET", address, headers=headers)


@asynccontextmanager
async def _closed(response: httpx.Response) -> AsyncGenerator[httpx.Response]:
    try:
        yield response
    finally:
        await response.aclose()


@asynccontextmanager
async def _sent(client: httpx.AsyncClient, request: httpx.Request) -> AsyncGenerator[httpx.Response]:
    if client.is_closed:
        raise AskError(ProblemKind.UNREACHABLE, "the login was renewed meanwhile", hint="ask again", not_sent=True)
    try:
        response = await client.send(request, stream=True)
    except AskError as error:  # the login's: without it nothing is done
        error.not_sent = True
        raise
    except httpx.HTTPError as error:
        say_failure(request, error)
        raise
    try:
        yield response
    finally:
        await response.aclose()


def _server_name(connection: Connection) -> RequestHook:
    """Has the certificate checked for `tls_server_name`, on the login's own requests too."""

    async def put(request: httpx.Request) -> None:
        if same_origin(str(request.url), connection.base_url):
            request.extensions = {**request.extensions, "sni_hostname": connection.tls_server_name}

    return put


def _has_proxy(connection: Connection) -> bool:
    return connection.proxy is not None or not {"http", "https", "all"}.isdisjoint(getproxies())


class Sessions:
    """Makes sessions when they are first needed and keeps them."""

    def __init__(
        self,
        clock: Clock,
        finder: SecretFinder,
        vendor_of: Callable[[str], Vendor],
        transport: Transport = lambda _: None,
    ) -> None:
        self._clock = clock
        self._finder = finder
        self._vendor_of = vendor_of
        self._transport = transport
        self._quotas = Quotas(clock)
        self._open: dict[str, LiveSession] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._forgotten: Counter[str] = Counter()

    async def of(self, connection: Connection) -> LiveSession:
        """The connection's session. Raises CredentialsError or ConfigError when it cannot be made."""
        session = self._open.get(connection.name)
        if session is not None and session.connection is connection:
            return session
        async with self._locks.setdefault(connection.name, asyncio.Lock()):
            session = self._open.get(connection.name)
            if session is not None and session.connection != connection:  # config.toml says something else by now
                await self.drop(connection.name)
                session = None
            if session is None:
                session = self._open[connection.name] = await self._made(connection)
            return session

    async def knock(self, connection: Connection) -> Knocked:
        """One request without a login. Raises AskError; ConfigError when the connection's TLS cannot be set up."""
        async with self._client(connection, trust_of(connection), None) as client:
            return await knock(client, connection, self._clock)

    def quota(self, connection: Connection) -> Quota:
        """What the connection shares with all others of the same account."""
        return self._quotas.of(connection, self._vendor_of(connection.vendor))

    def requests_left(self, connection: Connection) -> int:
        """How many requests the connection's account may send at once now."""
        quota = self.quota(connection)
        return quota.gate.left if quota.seconds_paused <= 0 else 0

    async def drop(self, name: str) -> None:
        """A connection is no more, or another one: nothing of it is kept."""
        await self.forget(name)
        self._quotas.forget(name)

    async def forget(self, name: str) -> None:
        """Close a connection's session, so that the next use logs in anew."""
        self._forgotten[name] += 1
        if session := self._open.pop(name, None):
            await session.close()

    async def close(self) -> None:
        """Close everything."""
        for name in tuple(self._open):
            await self.forget(name)

    async def _made(self, connection: Connection) -> LiveSession:
        """A new session, made anew when it was to be forgotten meanwhile: its secrets may be others by now."""
        while True:
            times = self._forgotten[connection.name]
            try:
                session = await self._make(connection)
            except JobdeckError:
                if self._forgotten[connection.name] == times:
                    raise
                continue
            if self._forgotten[connection.name] == times:
                return session
            await session.close()

    async def _make(self, connection: Connection) -> LiveSession:
        vendor = self._vendor_of(connection.vendor)
        secrets = await self._finder.find_all(connection, vendor.secrets)
        login = vendor.login(connection, secrets, self._clock)
        trust = trust_of(replace(connection, insecure=False))
        own_trust = trust_of(connection) if connection.insecure else trust
        client = self._client(connection, own_trust, login)
        files = self._client(connection, own_trust, login, for_files=True)
        # Other hosts of the same private authority, but none without one.
        reach = Reach(connection)
        bare = self._client(connection, trust, None, for_files=True, connect=reach.connect)
        quota = self.quota(connection)
        express = None
        if isinstance(bare, LightClient) and isinstance(bare.way, ThreadTransport) and not connection.tls_server_name:
            express = Express(bare, bare.way, reach)
        return LiveSession(
            connection, self._clock, quota, client=client, files=files, bare=bare, reach=reach, express=express
        )

    def _on_request(self, connection: Connection, *, is_vendor: bool) -> list[RequestHook]:
        hooks = [pay_at(self.quota(connection).gate, self._clock)] if is_vendor else []
        if connection.tls_server_name:
            hooks.append(_server_name(connection))
        return [*hooks, on_request(self._clock)]

    def _client(
        self,
        connection: Connection,
        trust: ssl.SSLContext,
        login: httpx.Auth | None,
        *,
        for_files: bool = False,
        connect: Connect = connect_anywhere,
    ) -> httpx.AsyncClient:
        transport = self._transport(connection)
        limits = httpx.Limits(max_connections=_MOST_CONNECTIONS, keepalive_expiry=_KEEP_ALIVE)
        if transport is None and not _has_proxy(connection):  # a proxy is httpx's business
            transport = ThreadTransport(trust, connect) if for_files else LoopTransport(trust, limits)
        timeout = httpx.Timeout(connection.timeout, connect=CONNECT_SECONDS)
        # Files that need no login lie elsewhere: the vendor counts no request for them.
        before = self._on_request(connection, is_vendor=login is not None or not for_files)
        after = [on_response(self._clock)]
        if not for_files:
            after.append(refuse_bombs)
        cookies = CookieJar(DefaultCookiePolicy(allowed_domains=())) if for_files else None
        if transport is not None:
            return LightClient(
                login=login,
                timeout=timeout,
                transport=transport,
                on_request=before,
                on_response=after,
                cookies=cookies,
            )
        try:
            return httpx.AsyncClient(
                auth=login,
                verify=trust,
                timeout=timeout,
                limits=limits,
                proxy=connection.proxy,
                headers=ACCEPTED,
                cookies=cookies,
                event_hooks={"request": before, "response": after},
            )
        except (ValueError, ImportError, httpx.InvalidURL) as error:  # its text may hold the proxy's password
            raise ConfigError(
                f"{connection.name}: the proxy cannot be used", hint="look at HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"
            ) from error
