"""One httpx client per connection, with its login, limits and TLS, and a bare one for pre-signed URLs.

One client per connection, since httpx's pool costs O(n²) with many origins, and kept alive for longer than asking
intervals (facts: performance, section A). Redirects are never followed: they would carry vendor headers away.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx

from tui.address import same_origin
from tui.clock import Clock
from tui.engine.gate import Gate
from tui.engine.secrets import SecretFinder
from tui.errors import AskError, ConfigError
from tui.model import Connection, ProblemKind
from tui.redact import redact
from tui.vendors.contract import Limited, Reply, Vendor

_KEEP_ALIVE = 150.0
_MOST_CONNECTIONS = 8
_CONNECT_SECONDS = 5.0
DEFAULT_REQUESTS_PER_MINUTE = 240

# httpx writes whole URLs, queries included, at INFO.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

Transport = Callable[[Connection], httpx.AsyncBaseTransport | None]
"""How a test puts its own transport below a connection's client."""


class LiveSession:
    """A connection's client; satisfies `contract.Session`."""

    def __init__(
        self, connection: Connection, clock: Clock, client: httpx.AsyncClient, bare: httpx.AsyncClient, gate: Gate
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._client = client
        self._bare = bare
        self._gate = gate
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
        await self._gate.take()
        began = self._clock.monotonic()
        async with self.stream(method, url, query=query, content=content, headers=headers) as response:
            body = await _read(response, limit)
        self.latency = self._clock.monotonic() - began
        return Reply(response.status_code, response.headers, body, self._clock.now())

    async def fetch(self, url: str, *, limit: int = 64_000_000) -> Reply:
        """See `contract.Session.fetch`."""
        async with self.stream_bare(url) as response:
            body = await _read(response, limit)
        return Reply(response.status_code, response.headers, body, self._clock.now())

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[httpx.Response]:
        """The response with its body unread, through the connection's login. Raises AskError."""
        address = self._absolute(url)
        extensions = {"sni_hostname": self._connection.tls_server_name} if self._connection.tls_server_name else {}
        with _in_our_words(self._connection.timeout):
            request = self._client.build_request(
                method, address, params=query, content=content, headers=headers, extensions=extensions
            )
            response = await self._client.send(request, stream=True)
            try:
                yield response
            finally:
                await response.aclose()

    @asynccontextmanager
    async def stream_bare(self, url: str, headers: Mapping[str, str] | None = None) -> AsyncGenerator[httpx.Response]:
        """The response of a pre-signed URL with its body unread: no login, no header of ours. Raises AskError."""
        with _in_our_words(self._connection.timeout):
            request = self._bare.build_request("GET", url, headers=headers)
            response = await self._bare.send(request, stream=True)
            try:
                yield response
            finally:
                await response.aclose()

    async def close(self) -> None:
        """Close the connection's clients."""
        await self._client.aclose()
        await self._bare.aclose()

    def _absolute(self, url: str) -> str:
        if not urlsplit(url).scheme:
            return f"{self._connection.base_url.rstrip('/')}/{url.lstrip('/')}"
        if not same_origin(url, self._connection.base_url):
            raise AskError(
                ProblemKind.FORBIDDEN,
                f"{urlsplit(url).hostname} is not the host of {self._connection.name}: the login is not sent there",
                hint="use a connection whose base_url has this host",
            )
        return url


async def _read(response: httpx.Response, limit: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > limit:
            raise AskError(ProblemKind.BAD_REPLY, f"the vendor's answer is larger than {limit // 1_000_000} MB")
    return bytes(body)


class _in_our_words:  # noqa: N801  # used as a `with` statement, reads as a phrase
    """Turns httpx's errors into AskErrors; no URL of theirs comes along."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, httpx.HTTPError | httpx.InvalidURL | httpx.StreamError):
            raise _translate(error, self._timeout) from None


def _translate(error: Exception, timeout: float) -> AskError:
    if isinstance(error, httpx.ConnectTimeout):
        return AskError(ProblemKind.UNREACHABLE, f"no connection in {_CONNECT_SECONDS:g} s")
    if isinstance(error, httpx.TimeoutException):
        return AskError(ProblemKind.UNREACHABLE, f"no answer in {timeout:g} s")
    if tls := _tls_cause(error):
        reason = tls.verify_message if isinstance(tls, ssl.SSLCertVerificationError) else (tls.reason or "handshake")
        return AskError(
            ProblemKind.TLS, f"TLS failed: {reason}", hint="name the certificate with ca_file; see the README"
        )
    if isinstance(error, httpx.ConnectError):
        return AskError(ProblemKind.UNREACHABLE, f"cannot connect: {redact(str(error)) or 'no route'}")
    if isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol):
        said = redact(str(error)) or type(error).__name__
        return AskError(ProblemKind.UNREACHABLE, f"the connection broke: {said}")
    return AskError(ProblemKind.BAD_REPLY, f"the exchange failed: {type(error).__name__}")


def _tls_cause(error: BaseException) -> ssl.SSLError | None:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None


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
        self._open: dict[str, LiveSession] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._tls: ssl.SSLContext | None = None

    async def of(self, connection: Connection) -> LiveSession:
        """The connection's session. Raises CredentialsError or ConfigError when it cannot be made."""
        async with self._locks.setdefault(connection.name, asyncio.Lock()):
            session = self._open.get(connection.name)
            if session is None:
                session = self._open[connection.name] = await self._make(connection)
            return session

    async def forget(self, name: str) -> None:
        """Close a connection's session, so that the next use logs in anew."""
        if session := self._open.pop(name, None):
            await session.close()

    async def close(self) -> None:
        """Close everything."""
        for name in tuple(self._open):
            await self.forget(name)

    async def _make(self, connection: Connection) -> LiveSession:
        vendor = self._vendor_of(connection.vendor)
        secrets = await self._finder.find_all(connection, vendor.secrets)
        login = vendor.login(connection, secrets, self._clock)
        limit = connection.max_requests_per_minute or (
            vendor.requests_per_minute if isinstance(vendor, Limited) else DEFAULT_REQUESTS_PER_MINUTE
        )
        client = self._client(connection, self._trust(connection), login)
        bare = self._client(connection, self._shared_trust(), None)
        return LiveSession(connection, self._clock, client, bare, Gate(self._clock, limit))

    def _client(self, connection: Connection, trust: ssl.SSLContext, login: httpx.Auth | None) -> httpx.AsyncClient:
        transport = self._transport(connection)
        return httpx.AsyncClient(
            auth=login,
            verify=trust,
            timeout=httpx.Timeout(connection.timeout, connect=_CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=_MOST_CONNECTIONS, keepalive_expiry=_KEEP_ALIVE),
            proxy=connection.proxy if transport is None else None,
            transport=transport,
        )

    def _shared_trust(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = httpx.create_ssl_context()  # 26 ms: made once
        return self._tls

    def _trust(self, connection: Connection) -> ssl.SSLContext:
        if not (connection.ca_file or connection.insecure):
            return self._shared_trust()
        context = httpx.create_ssl_context(verify=not connection.insecure)
        if connection.ca_file:
            try:
                context.load_verify_locations(connection.ca_file)
            except (OSError, ssl.SSLError) as error:
                raise ConfigError(
                    f"{connection.name}: ca_file {connection.ca_file} cannot be used",
                    hint="it must be a PEM file with the server's certificate or its authority's",
                ) from error
        return context
