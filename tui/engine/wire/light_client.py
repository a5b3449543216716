"""httpx's client with a short way through `send`: the login and the hooks, then the transport.

Redirects, histories, elapsed times and a search for cookies in answers that set none are left out: together they cost
as much as the exchange itself (facts: performance, section A). So do asks and files travel.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http.cookiejar import CookieJar
from typing import Any

import httpx

from tui.engine.wire.unpacking import ACCEPTED

RequestHook = Callable[[httpx.Request], Awaitable[None]]
ResponseHook = Callable[[httpx.Response], Awaitable[None]]


class LightClient(httpx.AsyncClient):
    """Follows no redirect; `build_request` for all but a plain GET, `stream` and `aclose` are httpx's own."""

    def __init__(
        self,
        *,
        login: httpx.Auth | None,
        timeout: httpx.Timeout,
        transport: httpx.AsyncBaseTransport,
        on_request: Sequence[RequestHook],
        on_response: Sequence[ResponseHook],
        cookies: CookieJar | None = None,
    ) -> None:
        super().__init__(timeout=timeout, transport=transport, headers=ACCEPTED, cookies=cookies, trust_env=False)
        self._usual = tuple(self.headers.raw)
        self._merged: tuple[Mapping[str, str], list[tuple[bytes, bytes]], bool] = ({}, [], False)
        """Headers that came along last, as they were sent with the usual ones: the next ones are mostly the same."""
        self.timeouts = timeout.as_dict()
        self._login = login
        self.way = transport
        self._on_request = tuple(on_request)
        self._on_response = tuple(on_response)

    def get_request(self, url: httpx.URL, headers: Mapping[str, str] | None = None) -> httpx.Request:
        """What `build_request` makes of a GET of an absolute address, at half the price."""
        if url.is_relative_url or self.params or self.cookies:
            return self.build_request("GET", url, headers=headers)
        sent = [(b"Host", url.netloc), *self._usual]
        if headers:
            ours, has_host = self._usual_and(headers)
            sent = ours if has_host else [sent[0], *ours]
        extensions = {"timeout": dict(self.timeouts)}
        request = httpx.Request("GET", url, headers=sent, stream=httpx.ByteStream(b""), extensions=extensions)
        request.read()
        return request

    def _usual_and(self, headers: Mapping[str, str]) -> tuple[list[tuple[bytes, bytes]], bool]:
        """The usual headers and these, and whether one of them is Host."""
        known, sent, has_host = self._merged
        if headers != known:
            ours = httpx.Headers(self.headers)
            ours.update(headers)
            sent, has_host = ours.raw, "host" in ours
            self._merged = (dict(headers), sent, has_host)
        return sent, has_host

    async def send(self, request: httpx.Request, *, stream: bool = False, **_: Any) -> httpx.Response:
        """See `httpx.AsyncClient.send`; the login is always the client's own."""
        response = await self._signed_in(request) if self._login else await self._exchange(request)
        if not stream:
            try:
                await response.aread()
            finally:
                await response.aclose()
        return response

    async def _signed_in(self, request: httpx.Request) -> httpx.Response:
        assert self._login is not None  # noqa: S101  # asked by the caller
        flow = self._login.async_auth_flow(request)
        try:
            sent = await anext(flow)
            while True:
                response = await self._exchange(sent)
                try:
                    try:
                        sent = await flow.asend(response)
                    except StopAsyncIteration:
                        return response
                except BaseException:
                    await response.aclose()
                    raise
                await response.aclose()  # the login has read what it likes; the rest may be without end
        finally:
            await flow.aclose()

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        for note in self._on_request:
            await note(request)
        try:
            response = await self.way.handle_async_request(request)
        except httpx.RequestError as error:
            error.request = request
            raise
        response.request = request
        if "set-cookie" in response.headers:
            self.cookies.extract_cookies(response)
        try:
            for say in self._on_response:
                await say(response)
        except BaseException:
            await response.aclose()
            raise
        return response
