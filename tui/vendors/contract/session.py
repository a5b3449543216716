"""The way to a vendor: a session, and the replies that come back through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from tui.clock import Clock
from tui.errors import AskError
from tui.model import Connection, ProblemKind
from tui.moments import http_date
from tui.untrusted_json import read_json

if TYPE_CHECKING:  # what only reads config.toml loads no HTTP client
    import httpx


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a vendor, read whole. `received_at` is our wall clock, UTC."""

    status: int
    headers: httpx.Headers
    body: bytes
    received_at: datetime

    @property
    def text(self) -> str:
        """The body as UTF-8; what is not UTF-8 becomes U+FFFD."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> object:
        """The body as JSON. Raises AskError(BAD_REPLY) for anything else, HTML pages included."""
        try:
            return read_json(self.body)
        except ValueError as error:
            kind = self.headers.get("content-type", "no content type").split(";")[0]
            raise AskError(
                ProblemKind.BAD_REPLY,
                f"the vendor answered {self.status} with {kind} that is not JSON",
                hint="a proxy or login page may stand between; look at base_url",
            ) from error


class Session(Protocol):
    """The connection's own client, as a vendor sees it (made by `engine.wire.sessions`)."""

    @property
    def connection(self) -> Connection:
        """The connection that this session belongs to."""
        ...

    @property
    def clock(self) -> Clock:
        """Time, as given to the engine."""
        ...

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
        """Send one request with the connection's login and read the whole answer, at most `limit` bytes.

        `url` is a path below `base_url`, or an absolute URL of the same origin; anything else is refused, since it
        would carry the login away. A query that stands in `url` is sent as it is when `query` is None. Redirects
        are not followed. `changes` says whether it changes something at the vendor, where the method does not tell: a
        GET that does is sent once, as any other method is, and a POST that only asks may be sent again as a GET may.
        Raises AskError(UNREACHABLE, TLS or BAD_REPLY) when no readable answer came; every HTTP status is returned.
        """
        ...

    async def fetch(self, url: str, *, limit: int = 64_000_000) -> Reply:
        """GET a pre-signed URL through the bare client: no login, no header of ours. Errors as in `send`."""
        ...


def retry_after(reply: Reply) -> float | None:
    """The Retry-After header in seconds, from seconds or an HTTP date (RFC 9110, 10.2.3); None without one.

    A date is read against the reply's own Date, so that a wrong local clock does not matter.
    """
    value = reply.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), 86_400.0)
    if (when := http_date(value)) is None:
        return None
    now = said_at(reply) or reply.received_at
    return min(max((when - now).total_seconds(), 0.0), 86_400.0)


def said_at(reply: Reply) -> datetime | None:
    """The vendor's own clock, from the Date header; None without a readable one."""
    return http_date(reply.headers.get("date", ""))
