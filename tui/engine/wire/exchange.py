"""One exchange on a client: a request sent, and its answer read whole up to a limit."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx

from tui.clock import Clock
from tui.engine.wire.light_client import LightClient
from tui.engine.wire.loop_transport import WHOLE
from tui.engine.wire.request_log import say_failure
from tui.errors import AskError
from tui.model import ProblemKind

_LONGEST_ANSWER = 300.0
"""Seconds after which an answer that still drips in is given up: `timeout` sees only a line that is silent."""


def request_of(
    client: httpx.AsyncClient,
    method: str,
    address: httpx.URL,
    headers: Mapping[str, str] | None = None,
    content: bytes = b"",
) -> httpx.Request:
    """A request to an absolute address, its query included."""
    build = client.plain_request if isinstance(client, LightClient) else client.build_request
    return build(method, address, headers=headers, content=content)


class sent:  # noqa: N801  # used as a `with` statement, reads as a phrase
    """The answer with its body unread, closed afterwards. Raises httpx's errors and the login's AskError."""

    def __init__(self, client: httpx.AsyncClient, request: httpx.Request) -> None:
        self._client = client
        self._request = request

    async def __aenter__(self) -> httpx.Response:
        if self._client.is_closed:
            raise AskError(ProblemKind.UNREACHABLE, "the login was renewed meanwhile", hint="ask again", not_sent=True)
        try:
            self._response = await self._client.send(self._request, stream=True)
        except AskError as error:  # the login's: without it nothing is done
            error.not_sent = True
            raise
        except httpx.HTTPError as error:
            say_failure(self._request, error)
            raise
        return self._response

    async def __aexit__(self, *_: object) -> None:
        await self._response.aclose()


async def read_body(response: httpx.Response, limit: int, clock: Clock, began: float | None = None) -> bytes:
    """The body, at most `limit` bytes. Raises AskError for more.

    `began` is the monotonic time at which the request went out; without it the body may take as long as it likes.
    """
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
        if began is not None and clock.monotonic() > began + _LONGEST_ANSWER:
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
