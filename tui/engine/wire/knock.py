"""One request without a login: whether the server is there, whether its certificate is good, what its time is."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from tui.clock import Clock
from tui.engine.wire.errors import in_our_words
from tui.model import Connection
from tui.vendors.contract import Reply, said_at


@dataclass(frozen=True, slots=True)
class Knocked:
    """What the server's answer told, whatever its status. `at` is our clock, `said_at` the server's."""

    at: datetime
    said_at: datetime | None = None
    certificate_ends: datetime | None = None


async def knock(client: httpx.AsyncClient, connection: Connection, clock: Clock) -> Knocked:
    """Ask for the connection's address and read the head of the answer. Raises AskError."""
    with in_our_words(connection.timeout):
        async with client.stream("GET", connection.base_url) as response:
            reply = Reply(response.status_code, response.headers, b"", clock.now())
            return Knocked(reply.received_at, said_at(reply), _certificate_ends(response))


def _certificate_ends(response: httpx.Response) -> datetime | None:
    stream = response.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream is not None else None
    told = (tls.getpeercert() or {}).get("notAfter") if tls is not None else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(told), UTC) if isinstance(told, str) else None
