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
    """Follows no redirect; `build_request`, `stream` and `aclose` are httpx's own."""

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
        self._built_for: tuple[object, ...] = ()
        """What the last request's headers were made from; below, the headers. Mostly the next one needs the same."""
        self._built = httpx.Headers()
        self.timeouts = timeout.as_dict()
        self._login = login
        self.way = transport
        self._on_request = tuple(on_request)
        self._on_response = tuple(on_response)

    def plain_request(
        self, method: str, url: httpx.URL, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> httpx.Request:
        """What `build_request` makes of an absolute address, at a third of the price."""
        if url.is_relative_url or self.cookies:
            return self.build_request(method, url, headers=headers, content=content)
        built_for = (method, url.netloc, len(content), headers)
        if built_for != self._built_for:
            self._built_for = (*built_for[:3], headers and dict(headers))
            self._built = self.build_request(method, url, headers=headers, content=content).headers
        extensions = {"timeout": dict(self.timeouts)}
        stream = httpx.ByteStream(content)
        request = httpx.Request(method, url, headers=self._built, stream=stream, extensions=extensions)
        request.read()
        return request

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
