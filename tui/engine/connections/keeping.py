"""Credentials that were cut off a pasted text, offered to the keyring: found, fitted to a connection, and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tui import vendors
from tui.engine.facts.jobs import CutOff, TrackWish
from tui.engine.secrets.credentials import credentials_in, is_of_another, kept_as
from tui.engine.secrets.finder import SecretFinder, keyring_account
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.wire.sessions import Sessions
from tui.errors import CredentialsError, JobdeckError, UsageError
from tui.model import Connection, Secret


@dataclass(frozen=True, slots=True)
class _Fitted:
    """What was found in a text: the connection it goes with, and what could be kept for it, by field."""

    connection: Connection | None
    secrets: Mapping[str, Secret]
    why_not: str = ""


class Keeper:
    """Keeps what was pasted, and only on the user's word. `connection_of` raises JobdeckErrors where none fits."""

    def __init__(
        self,
        connection_of: Callable[[TrackWish], Connection],
        finder: SecretFinder,
        keyring: GuardedKeyring,
        sessions: Sessions,
    ) -> None:
        self._connection_of = connection_of
        self._finder = finder
        self._keyring = keyring
        self._sessions = sessions

    def cut_off(self, wish: TrackWish) -> CutOff | None:
        """What of the text is cut off as credentials, without their values; None when there are none. Asks nobody."""
        fitted = self._fit(wish)
        if fitted is None:
            return None
        name = fitted.connection.name if fitted.connection else None
        return CutOff(name, tuple(fitted.secrets), fitted.why_not)

    async def keep(self, wish: TrackWish) -> str:
        """Keep them in the keyring and use them from now on; where there is no keyring, for this run. Says which.

        Raises UsageError when there is nothing that fits a connection.
        """
        fitted = self._fit(wish)
        if fitted is None or fitted.connection is None or not fitted.secrets:
            raise UsageError("there are no credentials to keep", hint=fitted.why_not if fitted else "")
        name = fitted.connection.name
        accounts = {keyring_account(name, field): secret for field, secret in fitted.secrets.items()}
        for field, secret in fitted.secrets.items():
            self._finder.keep(name, field, secret)
        await self._sessions.forget(name)  # the next one signs in with them
        told = ", ".join(accounts)
        try:
            for account, secret in accounts.items():
                await self._keyring.put(account, secret)
        except CredentialsError as error:
            return f"{told} kept for this run only: {error.message}"
        return f"{told} kept in the keyring"

    def _fit(self, wish: TrackWish) -> _Fitted | None:
        found = credentials_in(wish.text)
        if not found:
            return None
        try:
            connection = self._connection_of(wish)
        except JobdeckError as error:
            return _Fitted(None, {}, error.message if wish.connection else "name the connection to keep them")
        if is_of_another(found, connection.options):
            return _Fitted(connection, {}, f"they are not of {connection.name}'s user")
        fields = [secret.name for secret in vendors.load(connection.vendor).secrets]
        secrets = kept_as(found, fields)
        why_not = "" if secrets else f"{connection.name} keeps no such secret"
        return _Fitted(connection, secrets, why_not)
