"""The logins of connections: their secrets kept, tested and forgotten, refused ones tried once more."""

from __future__ import annotations

from collections.abc import Callable

from tui import vendors
from tui.config import Config
from tui.engine.asks import Asks
from tui.engine.connections.check import Check
from tui.engine.facts.connections import Step, StepState
from tui.engine.secrets.keeping import SecretKeeper
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.wire.sessions import Sessions
from tui.model import Safe, Secret
from tui.text import safe_line


class Logins:
    """`config` gives the one in force. Coroutines raise JobdeckErrors."""

    def __init__(
        self,
        config: Callable[[], Config],
        sessions: Sessions,
        keyring: GuardedKeyring,
        keeper: SecretKeeper,
        asks: Asks,
    ) -> None:
        self._config = config
        self._sessions = sessions
        self._keyring = keyring
        self._keeper = keeper
        self._asks = asks

    async def check(self, name: str, told: Callable[[Step], None]) -> tuple[Step, ...]:
        """Test a connection step by step. A refused one is tried once more, and asked on when it answers."""
        connection = self._config().connection(name)
        is_refused = self._asks.is_refused(name)
        if is_refused:
            await self._sessions.forget(name)
        steps = await Check(connection, vendors.load(connection.vendor), self._sessions, told).run()
        if is_refused and not any(step.state is StepState.BROKEN for step in steps):
            await self._asks.revive(name)
        return steps

    async def keep_secret(self, name: str, field: str, secret: Secret, *, only_this_run: bool) -> Safe:
        """Keep a secret and use it from now on; a refused connection is tried once more. Says where it went."""
        connection = self._config().connection(name)
        (told,) = await self._keeper.keep(connection, [(field, secret)], only_this_run=only_this_run)
        await self._asks.revive(name)
        return safe_line(told)

    async def log_out(self, name: str) -> None:
        """Forget a connection's tokens and session; the next ask logs in anew."""
        self._config().connection(name)
        await self._sessions.forget(name)

    async def unlock_keyring(self, password: Secret) -> None:
        """Unlock the keyring, and try the connections once more that were refused. Raises CredentialsError."""
        await self._keyring.unlock(password)
        for name in self._config().connections:
            if self._asks.is_refused(name):
                await self._asks.revive(name)

    async def keyring_state(self) -> Safe | None:
        """Why the keyring cannot be used, in one line; None when it can."""
        trouble = await self._keyring.state()
        return None if trouble is None else safe_line(trouble)
