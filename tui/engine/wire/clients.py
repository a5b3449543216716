"""The clients of one connection: httpx's, with its login, limits, TLS and proxy.

One client per connection, since httpx's pool costs O(n²) with many origins, and kept alive for longer than asking
intervals (facts: performance, section A). httpx follows no redirect: it would carry vendor headers away.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.request import getproxies

import httpx

from tui.address import same_origin
from tui.clock import Clock
from tui.engine.wire.blocking_line import Connect, connect_anywhere
from tui.engine.wire.errors import CONNECT_SECONDS
from tui.engine.wire.gate import Gate
from tui.engine.wire.light_client import LightClient, RequestHook
from tui.engine.wire.loop_transport import LoopTransport
from tui.engine.wire.paying import pay_at
from tui.engine.wire.request_log import on_request, on_response
from tui.engine.wire.thread_transport import ThreadTransport
from tui.engine.wire.unpacking import ACCEPTED, refuse_bombs
from tui.errors import ConfigError
from tui.model import Connection

_KEEP_ALIVE = 150.0
_MOST_CONNECTIONS = 8

# httpx writes whole URLs, queries included, at INFO.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

Transport = Callable[[Connection], httpx.AsyncBaseTransport | None]
"""How a test puts its own transport below a connection's client."""


class Clients:
    """Makes the clients of one connection. What its vendor counts waits at `gate` first."""

    def __init__(self, connection: Connection, clock: Clock, gate: Gate, transport: Transport) -> None:
        self._connection = connection
        self._clock = clock
        self._gate = gate
        self._transport = transport

    def make(
        self,
        trust: ssl.SSLContext,
        login: httpx.Auth | None,
        *,
        for_files: bool = False,
        connect: Connect = connect_anywhere,
    ) -> httpx.AsyncClient:
        """A client. One for files leaves bodies as they come and keeps no cookies.

        Raises ConfigError when the proxy cannot be used.
        """
        transport = self._transport(self._connection)
        limits = httpx.Limits(max_connections=_MOST_CONNECTIONS, keepalive_expiry=_KEEP_ALIVE)
        if transport is None and not has_proxy(self._connection):  # a proxy is httpx's business
            transport = ThreadTransport(trust, connect) if for_files else LoopTransport(trust, limits)
        timeout = httpx.Timeout(self._connection.timeout, connect=CONNECT_SECONDS)
        # Files that need no login lie elsewhere: the vendor counts no request for them.
        before = self._on_request(is_vendor=login is not None or not for_files)
        after = [on_response(self._clock)] if for_files else [on_response(self._clock), refuse_bombs]
        cookies = CookieJar(DefaultCookiePolicy(allowed_domains=())) if for_files else None
        if transport is not None:
            return LightClient(
                login=login, timeout=timeout, transport=transport, on_request=before, on_response=after, cookies=cookies
            )
        with self._proxy_in_our_words():
            return httpx.AsyncClient(
                auth=login,
                verify=trust,
                timeout=timeout,
                limits=limits,
                proxy=self._connection.proxy,
                headers=ACCEPTED,
                cookies=cookies,
                event_hooks={"request": before, "response": after},
            )

    @contextmanager
    def _proxy_in_our_words(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, ImportError, httpx.InvalidURL) as error:  # its text may hold the proxy's password
            raise ConfigError(
                f"{self._connection.name}: the proxy cannot be used",
                hint="look at HTTPS_PROXY, HTTP_PROXY and ALL_PROXY",
            ) from error

    def _on_request(self, *, is_vendor: bool) -> list[RequestHook]:
        hooks = [pay_at(self._gate, self._clock)] if is_vendor else []
        if self._connection.tls_server_name:
            hooks.append(_server_name(self._connection))
        return [*hooks, on_request(self._clock)]


def has_proxy(connection: Connection) -> bool:
    """Whether its requests may go through a proxy, its own or the machine's."""
    return connection.proxy is not None or not {"http", "https", "all"}.isdisjoint(getproxies())


def _server_name(connection: Connection) -> RequestHook:
    """Has the certificate checked for `tls_server_name`, on the login's own requests too."""

    async def put(request: httpx.Request) -> None:
        if same_origin(str(request.url), connection.base_url):
            request.extensions = {**request.extensions, "sni_hostname": connection.tls_server_name}

    return put
