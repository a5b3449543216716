"""Whom to speak to on a connection: its vendor, and the session with it."""

from __future__ import annotations

from collections.abc import Callable

from tui import vendors
from tui.config import Config
from tui.engine.wire.live_session import LiveSession
from tui.engine.wire.sessions import Sessions
from tui.model import Job
from tui.vendors.contract import Vendor


class Contacts:
    """By the config in force, which `config` gives."""

    def __init__(self, config: Callable[[], Config], sessions: Sessions) -> None:
        self._config = config
        self._sessions = sessions

    async def of(self, connection: str) -> tuple[Vendor, LiveSession]:
        """The vendor of a connection, and a session with it. Raises ConfigError or CredentialsError."""
        known = self._config().connection(connection)
        return vendors.load(known.vendor), await self._sessions.of(known)

    def vendor_of(self, job: Job) -> Vendor | None:
        """The vendor of a job; None when its connection is not in config.toml."""
        return vendors.load(job.vendor) if job.connection in self._config().connections else None
