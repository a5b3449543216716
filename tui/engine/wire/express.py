"""GETs of plain addresses without httpx's models, for files that are over as soon as they have begun.

To parse an address, to write a request and to read an answer for httpx takes longer than a small file's bytes do. Only
addresses that httpx would send unchanged go this way; `Reach` judges each origin once.
"""

from __future__ import annotations

import re
from functools import lru_cache

import httpx

from tui.engine.wire.light_client import LightClient
from tui.engine.wire.origin import Origin, origin_of
from tui.engine.wire.plain_exchange import Words
from tui.engine.wire.reach import Reach
from tui.engine.wire.request_log import are_requests_said
from tui.engine.wire.thread_transport import ThreadTransport
from tui.engine.wire.trip import Taker

_PLAIN = re.compile(
    r"(https?://[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::[0-9]{1,5})?)"
    r"((?!.*/\.)/(?:[A-Za-z0-9_~$&+,;=:@/?.!*()-]|%[0-9A-Fa-f]{2}){0,8000})"
)
FILE_HEADERS = {"Accept-Encoding": "identity"}
"""What goes with every ask for a file: packed bytes would be those of another one."""
_FIRST_LINE = len(b"GET / HTTP/1.1\r\n")
_MOST_ORIGINS = 64


def plain_address(url: str) -> tuple[str, str] | None:
    """The origin and the rest of an address that reads the same to everybody; None for others."""
    plain = _PLAIN.fullmatch(url)
    return None if plain is None else (plain[1], plain[2])


class Express:
    """One connection's way to addresses that need no login."""

    def __init__(self, client: LightClient, transport: ThreadTransport, reach: Reach) -> None:
        """`client` says which headers go with every request."""
        self._client = client
        self._transport = transport
        self._reach = reach
        self._origin = lru_cache(_MOST_ORIGINS)(self._judged)

    async def get(self, url: str, taker: Taker) -> httpx.Response | None:
        """The answer, which the taker may have taken; None for an address that has to go the usual way.

        Raises httpx's errors, AskError for an address out of reach, and the taker's errors.
        """
        plain = plain_address(url)
        if plain is None or are_requests_said():
            return None
        origin, rest = self._origin(plain[0])
        if rest is None:
            return None
        words = b"GET %b HTTP/1.1\r\n%b" % (plain[1].encode("ascii"), rest)
        return await self._transport.express(origin, words, self._client.timeouts, taker)

    def _judged(self, origin: str) -> tuple[Origin, bytes | None]:
        """The origin, and how a request to it goes on after its first line."""
        address = self._reach.refuse(f"{origin}/")
        words = Words().of(self._client.plain_request("GET", address, FILE_HEADERS))
        return origin_of(address), None if words is None else words[_FIRST_LINE:]
