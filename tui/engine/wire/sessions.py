"""Who holds the sessions: one per connection, made when it is first needed, made anew when its secrets change."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from tui.clock import Clock
from tui.engine.few_files import no_more_files
from tui.engine.secrets.finder import SecretFinder
from tui.engine.wire.clients import Clients, Transport
from tui.engine.wire.express import Express
from tui.engine.wire.knock import Knocked, knock
from tui.engine.wire.light_client import LightClient
from tui.engine.wire.live_session import LiveSession
from tui.engine.wire.quota import Quota, Quotas
from tui.engine.wire.reach import Reach
from tui.engine.wire.thread_transport import ThreadTransport
from tui.engine.wire.trust import trust_of
from tui.errors import ConfigError, JobdeckError
from tui.model import Connection
from tui.open_files import is_out_of_files
from tui.vendors.contract import Vendor


class Sessions:
    """Makes sessions when they are first needed and keeps them."""

    def __init__(
        self,
        clock: Clock,
        finder: SecretFinder,
        vendor_of: Callable[[str], Vendor],
        transport: Transport = lambda _: None,
    ) -> None:
        self._clock = clock
        self._finder = finder
        self._vendor_of = vendor_of
        self._transport = transport
        self.quotas = Quotas(clock)
        self._open: dict[str, LiveSession] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._forgotten: Counter[str] = Counter()

    async def of(self, connection: Connection) -> LiveSession:
        """The connection's session.

        Raises CredentialsError or ConfigError when it cannot be made, AskError when it takes more files than may be
        opened now.
        """
        session = self._open.get(connection.name)
        if session is not None and session.connection is connection:
            return session
        async with self._locks.setdefault(connection.name, asyncio.Lock()):
            session = self._open.get(connection.name)
            if session is not None and session.connection != connection:  # config.toml says something else by now
                await self.drop(connection.name)
                session = None
            if session is None:
                session = self._open[connection.name] = await self._made(connection)
            return session

    async def knock(self, connection: Connection) -> Knocked:
        """One request without a login. Raises AskError; ConfigError when the connection's TLS cannot be set up."""
        async with self._clients(connection).make(trust_of(connection), None) as client:
            return await knock(client, connection, self._clock)

    def quota(self, connection: Connection) -> Quota:
        """What the connection shares with all others of the same account."""
        return self.quotas.of(connection, self._vendor_of(connection.vendor))

    def requests_left(self, connection: Connection) -> int:
        """How many requests the connection's account may send at once now."""
        quota = self.quota(connection)
        return quota.gate.left if quota.seconds_paused <= 0 else 0

    async def drop(self, name: str) -> None:
        """A connection is no more, or another one: nothing of it is kept."""
        await self.forget(name)
        self.quotas.forget(name)

    async def forget(self, name: str) -> None:
        """Close a connection's session, so that the next use logs in anew."""
        self._forgotten[name] += 1
        if session := self._open.pop(name, None):
            await session.close()

    async def close(self) -> None:
        """Close everything."""
        for name in tuple(self._open):
            await self.forget(name)

    async def _made(self, connection: Connection) -> LiveSession:
        """A new session, made anew when it was to be forgotten meanwhile: its secrets may be others by now."""
        while True:
            times = self._forgotten[connection.name]
            try:
                with _files_in_our_words():
                    session = await self._make(connection)
            except JobdeckError:
                if self._forgotten[connection.name] == times:
                    raise
                continue
            if self._forgotten[connection.name] == times:
                return session
            await session.close()

    async def _make(self, connection: Connection) -> LiveSession:
        vendor = self._vendor_of(connection.vendor)
        secrets = await self._finder.find_all(connection, vendor.secrets)
        login = vendor.login(connection, secrets, self._clock)
        trust = trust_of(replace(connection, insecure=False))
        own_trust = trust_of(connection) if connection.insecure else trust
        clients = self._clients(connection)
        client = clients.make(own_trust, login)
        files = clients.make(own_trust, login, for_files=True)
        # Other hosts of the same private authority, but none without one.
        reach = Reach(connection)
        bare = clients.make(trust, None, for_files=True, connect=reach.connect)
        express = None
        if isinstance(bare, LightClient) and isinstance(bare.way, ThreadTransport) and not connection.tls_server_name:
            express = Express(bare, bare.way, reach)
        quota = self.quota(connection)
        return LiveSession(
            connection, self._clock, quota, client=client, files=files, bare=bare, reach=reach, express=express
        )

    def _clients(self, connection: Connection) -> Clients:
        return Clients(connection, self._clock, self.quota(connection).gate, self._transport)


@contextmanager
def _files_in_our_words() -> Iterator[None]:
    """A session takes modules, certificates and what holds its secrets."""
    try:
        yield
    except (OSError, ImportError, ConfigError) as error:
        if is_out_of_files(error):
            raise no_more_files() from error
        raise
