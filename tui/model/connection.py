"""One login at one vendor, and how it is doing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Self

from tui.text import Safe


def is_plain(url: str) -> bool:
    """Whether what is sent to this address goes in clear text; it may be written in capitals."""
    return url[:7].lower() == "http://"


@dataclass(frozen=True, slots=True)
class Connection:
    """One login at one vendor, as config.toml has it. Times are seconds."""

    name: str
    vendor: str
    base_url: str
    options: Mapping[str, str] = field(default_factory=dict)
    label: Safe | None = None
    ca_file: Path | None = None
    tls_server_name: str | None = None
    insecure: bool = False
    proxy: str | None = None
    timeout: float = 20.0
    min_interval: float = 2.0
    max_interval: float = 60.0
    max_requests_per_minute: int | None = None
    auto: bool | str = False
    """Whether results are fetched by themselves; a text is the filter that their jobs have to fit."""
    secret_commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    trust: str = "bundled"
    """Whose authorities a certificate may come from: `bundled` with jobdeck, or the `system`'s."""
    allowed_hosts: tuple[str, ...] = ()
    """Hosts that the vendor's replies may lead to although their addresses are not public."""

    def option(self, name: str) -> str:
        """The value of one of the vendor's own settings; empty when it has none."""
        return self.options.get(name, "")


class Condition(StrEnum):
    """How a connection is doing."""

    IDLE = "idle"
    OK = "ok"
    SLOW = "slow"
    THROTTLED = "throttled"
    REFUSED = "refused"
    DOWN = "down"
    PAUSED = "paused"
    """Nothing is asked, by the user's word."""


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    """What the board knows of one connection; `latency` is how many seconds the last answer took, or was waited for."""

    name: str
    vendor: str
    label: Safe
    condition: Condition = Condition.IDLE
    message: Safe | None = None
    since: datetime | None = None
    last_good_at: datetime | None = None
    latency: float | None = None
    next_try_at: datetime | None = None
    insecure: bool = False
    plain_http: bool = False

    @classmethod
    def at_first(cls, connection: Connection, vendor_label: Safe) -> Self:
        """What config.toml tells, before the first ask."""
        return cls(
            name=connection.name,
            vendor=connection.vendor,
            label=connection.label or vendor_label,
            insecure=connection.insecure,
            plain_http=is_plain(connection.base_url),
        )
