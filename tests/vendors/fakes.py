"""A `contract.Session` without a network: requests go to a function of the test, through httpx itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import httpx

from tests.clock import FakeClock
from tui.clock import Clock
from tui.errors import AskError
from tui.model import Connection, ProblemKind, Secret
from tui.vendors.contract import Reply, Secrets, Vendor

Handler = Callable[[httpx.Request], httpx.Response]


class FakeSession:
    """Satisfies `contract.Session`: `send` signs in with the vendor's own login, `fetch` sends no header of ours.

    `handler` answers every request, those of the login included; all requests are kept in `sent`, those of
    `fetch` in `fetched` too. It answers with `httpx.Response`, or raises an `httpx.TransportError`.
    """

    def __init__(
        self, vendor: Vendor, connection: Connection, secrets: Secrets, handler: Handler, clock: Clock | None = None
    ) -> None:
        self._connection = connection
        self._clock: Clock = clock or FakeClock()
        self._handler = handler
        self.sent: list[httpx.Request] = []
        self.fetched: list[httpx.Request] = []
        transport = httpx.MockTransport(self._answer)
        login = vendor.login(connection, secrets, self._clock)
        self._client = httpx.AsyncClient(transport=transport, auth=login, trust_env=False)
        self._bare = httpx.AsyncClient(transport=transport, trust_env=False)

    @property
    def connection(self) -> Connection:
        return self._connection

    @property
    def clock(self) -> Clock:
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
        changes: bool | None = None,  # the contract's; nothing here sends twice
    ) -> Reply:
        request = self._client.build_request(
            method, self._absolute(url), params=query, json=json_body, content=content, headers=headers
        )
        return await self._exchange(self._client, request, limit)

    async def fetch(self, url: str, *, limit: int = 64_000_000) -> Reply:
        request = self._bare.build_request("GET", url)
        self.fetched.append(request)
        return await self._exchange(self._bare, request, limit)

    def _absolute(self, url: str) -> httpx.URL:
        base = httpx.URL(self._connection.base_url)
        if "://" not in url:
            return httpx.URL(self._connection.base_url.rstrip("/") + "/" + url.lstrip("/"))
        wanted = httpx.URL(url)
        if (wanted.scheme, wanted.host, wanted.port) != (base.scheme, base.host, base.port):
            raise AskError(ProblemKind.BAD_REPLY, "an address of another origin is refused")
        return wanted

    async def _exchange(self, client: httpx.AsyncClient, request: httpx.Request, limit: int) -> Reply:
        try:
            response = await client.send(request)
        except httpx.TransportError as error:
            raise AskError(ProblemKind.UNREACHABLE, "the vendor cannot be reached") from error
        if len(response.content) > limit:
            raise AskError(ProblemKind.BAD_REPLY, "the answer is too long")
        return Reply(response.status_code, response.headers, response.content, self._clock.now())

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return self._handler(request)


def secrets_of(connection: str, **found: str) -> Secrets:
    """Secrets by field, e.g. `secrets_of("plant", password="hunter2")`."""
    return Secrets(connection, {name: Secret(value) for name, value in found.items()})


def reply(
    body: object = None,
    status: int = 200,
    *,
    headers: Mapping[str, str] | None = None,
    clock: Clock | None = None,
) -> Reply:
    """A `Reply` for a pure reader: bytes and text as they are, all else as JSON."""
    if isinstance(body, str):
        content = body.encode()
    elif isinstance(body, bytes):
        content = body
    else:
        content = json.dumps(body).encode()
    return Reply(status, httpx.Headers(headers), content, (clock or FakeClock()).now())
