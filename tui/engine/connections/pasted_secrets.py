"""Credentials that were cut off a pasted text, offered to the keyring: found, fitted to a connection, and kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tui import vendors
from tui.engine.facts.jobs import CutOff, TrackWish
from tui.engine.pasting.credentials import credentials_in, is_of_another, kept_as
from tui.engine.secrets.keeping import LONGEST_TOLD, SecretKeeper, secret_fields
from tui.errors import JobdeckError, UsageError
from tui.model import Connection, Safe, Secret
from tui.text import safe_line


@dataclass(frozen=True, slots=True)
class _Fitted:
    """What was found in a text: the connection it goes with, and what could be kept for it, by field."""

    connection: Connection | None
    secrets: Mapping[str, Secret]
    why_not: str = ""


class PastedSecrets:
    """Keeps what was pasted, and only on the user's word. `connection_of` raises JobdeckErrors where none fits.

    `revive` has a refused connection tried once more.
    """

    def __init__(
        self,
        connection_of: Callable[[TrackWish], Connection],
        keeper: SecretKeeper,
        revive: Callable[[str], Awaitable[None]],
    ) -> None:
        self._connection_of = connection_of
        self._keeper = keeper
        self._revive = revive

    def cut_off(self, wish: TrackWish) -> CutOff | None:
        """What of the text is cut off as credentials, without their values; None when there are none. Asks nobody."""
        fitted = self._fit(wish)
        if fitted is None:
            return None
        name = fitted.connection.name if fitted.connection else None
        return CutOff(name, tuple(fitted.secrets), safe_line(fitted.why_not))

    async def keep(self, wish: TrackWish) -> Safe:
        """Keep them and use them from now on; says where each went, as `SecretKeeper.keep` does.

        Raises UsageError when there is nothing that fits a connection.
        """
        fitted = self._fit(wish)
        if fitted is None or fitted.connection is None or not fitted.secrets:
            raise UsageError("there are no credentials to keep", hint=fitted.why_not if fitted else "")
        told = await self._keeper.keep(fitted.connection, fitted.secrets.items())
        await self._revive(fitted.connection.name)
        return safe_line("; ".join(told), LONGEST_TOLD)

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
        secrets = kept_as(found, secret_fields(vendors.load(connection.vendor)))
        why_not = "" if secrets else f"{connection.name} keeps no such secret"
        return _Fitted(connection, secrets, why_not)
