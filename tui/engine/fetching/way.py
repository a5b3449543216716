"""The way to one file's bytes: a link through a session, asked for the whole, a span, or one of its parts."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from tui.engine.fetching.parts import PartMap
from tui.engine.fetching.replies import LinkRefusedError, refuse_failure
from tui.engine.fetching.spans import Span
from tui.engine.wire.live_session import LiveSession
from tui.engine.wire.trip import Taker
from tui.errors import AskError
from tui.link_life import is_dying
from tui.model import ProblemKind
from tui.vendors.contract import ExplainsFiles, Link, Reply, Vendor

NO_END = 2**63
"""The end of a span that goes on as far as there is something."""
MOST_OF_AN_ERROR = 65_536
"""So many bytes of an error text are read."""


class DyingLinkError(AskError):
    """The link will not last for one more piece: a new one is due, and nothing is wrong."""

    def __init__(self) -> None:
        super().__init__(ProblemKind.UNREACHABLE, "the link has run out", hint="ask for a new one")


@dataclass(frozen=True, slots=True)
class Way:
    """One link, from the moment at which the vendor gave it."""

    session: LiveSession
    vendor: Vendor
    link: Link
    made_at: datetime
    parts: PartMap | None = field(default=None)

    @property
    def is_signed_in(self) -> bool:
        """Whether the login goes along."""
        return self.link.signed_in and self.parts is None

    def refuse_dying(self, at: int) -> None:
        """Raises DyingLinkError when the address of the byte at `at` had better be renewed."""
        if is_dying(self._url(at), self.made_at, self.session.clock.now()):
            raise DyingLinkError

    @asynccontextmanager
    async def ask(
        self,
        asked: Span | None = None,
        *,
        validator: str | None = None,
        at: int = 0,
        taker: Taker | None = None,
        begun: httpx.Response | None = None,
    ) -> AsyncGenerator[httpx.Response]:
        """A 200 or 206 with its body unread, unless the taker took it; `at` is where in the file the asked part begins.

        `begun` is an answer that is here already.

        Raises AskError, in the vendor's own words where it has some, LinkRefusedError, or ChangedError when the span
        or the object under this validator is not there.
        """
        headers = {}
        if asked is not None:
            headers["Range"] = f"bytes={asked.first}-" + ("" if asked.end == NO_END else str(asked.end - 1))
            if validator:
                headers["If-Range"] = validator
        stream = self.session.stream_file(
            self._url(at), signed_in=self.is_signed_in, headers=headers, taker=taker, begun=begun
        )
        async with stream as response:
            if response.status_code in (401, 403):
                raise LinkRefusedError(response.status_code, await self._said(response))
            has_words = not response.is_success and response.status_code not in (412, 416)
            if has_words and (said := await self._said(response)):
                raise said
            refuse_failure(response, self.session.clock.now())
            yield response

    def _url(self, at: int) -> str:
        return self.parts.at(at).url if self.parts else self.link.url

    async def _said(self, response: httpx.Response) -> AskError | None:
        if not isinstance(self.vendor, ExplainsFiles):
            return None
        start = await _start_of(response)
        return self.vendor.file_error(Reply(response.status_code, response.headers, start, self.session.clock.now()))


async def _start_of(response: httpx.Response) -> bytes:
    """The beginning of an answer that is no file: an error text is short."""
    start = b""
    async for chunk in response.aiter_bytes():
        start += chunk
        if len(start) > MOST_OF_AN_ERROR:
            break
    return start[:MOST_OF_AN_ERROR]
