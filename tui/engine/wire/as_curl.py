"""A job's status request as a curl command to be copied: the request that the vendor's room would send, unsent."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import urlencode

from tui.address import below
from tui.clock import Clock
from tui.model import Connection, Reference
from tui.redact import mask_live, redact
from tui.text import safe_line
from tui.vendors.contract import Vendor

_LONGEST = 8_000


class _NotSent(Exception):  # noqa: N818  # carries a request out of the vendor's room; nothing went wrong
    """The first request that a vendor wanted to send."""

    def __init__(self, words: list[str]) -> None:
        super().__init__("this request was written down, not sent")
        self.words = words


class _Paper:
    """Satisfies `contract.Session`: writes the first request down instead of sending it."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    @property
    def connection(self) -> Connection:
        """See `contract.Session`."""
        return self._connection

    @property
    def clock(self) -> Clock:
        """See `contract.Session`."""
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
        limit: int = 0,  # noqa: ARG002  # the contract's; nothing is read
        changes: bool | None = None,  # noqa: ARG002  # the contract's; nothing is sent
    ) -> NoReturn:
        """Write it down. Raises _NotSent always."""
        if json_body is not None:
            content = json.dumps(json_body).encode()
            headers = {"Content-Type": "application/json", **(headers or {})}
        if "://" not in url:
            url = below(self._connection.base_url, url)
        url = redact(url)
        if query:
            url = f"{url}{'&' if '?' in url else '?'}{redact(urlencode(query))}"
        words = ["curl", *self._line(), "-H", f"<the login of {self._connection.name}>"]
        words += ["-X", method] if method != "GET" else []
        for name, value in (headers or {}).items():
            words += ["-H", redact(f"{name}: {value}")]
        if content is not None:
            words += ["--data-binary", redact(content.decode("utf-8", "replace"))]
        raise _NotSent([*words, url])

    async def fetch(self, url: str, *, limit: int = 0) -> NoReturn:  # noqa: ARG002  # the contract's; nothing is read
        """Write it down. Raises _NotSent always."""
        raise _NotSent(["curl", *self._line(), redact(url)])

    def _line(self) -> list[str]:
        """How the line to the vendor is made, as the connection says."""
        words = ["-x", self._connection.proxy] if self._connection.proxy else []
        if self._connection.insecure:
            return [*words, "-k"]
        return [*words, "--cacert", str(self._connection.ca_file)] if self._connection.ca_file else words


async def status_command(vendor: Vendor, connection: Connection, ref: Reference, clock: Clock) -> str:
    """The command that asks how a job stands; what is secret is masked, the login is a placeholder.

    Raises JobdeckError where the reference cannot be asked about.
    """
    try:
        await vendor.ask(_Paper(connection, clock), ref)
    except _NotSent as written:
        return " ".join(shlex.quote(safe_line(mask_live(word), _LONGEST)) for word in written.words)
    raise AssertionError(f"{vendor.name} tells a status without a request")
