"""The one way of a secret into the keyring and out of it: for form, pasted text and command (CONTRACT section 4).

What became of it is told in the same words everywhere: where it is now, what comes before it, and what to do where
there is no keyring.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from tui import vendors
from tui.engine.secrets.finder import ENVIRONMENT, SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.secrets.ways import keyring_account, variable, way_in
from tui.errors import CredentialsError, UsageError
from tui.model import Connection, Secret
from tui.vendors.contract import Vendor

LONGEST_TOLD = 2_000
"""Characters of what is told of all secrets of a connection."""


class SecretKeeper:
    """Keeps secrets of connections. `changed` hears the connection's name; who has no session needs none."""

    def __init__(
        self,
        finder: SecretFinder,
        keyring: GuardedKeyring,
        changed: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._finder = finder
        self._keyring = keyring
        self._changed = changed

    async def keep(
        self, connection: Connection, secrets: Iterable[tuple[str, Secret]], *, only_this_run: bool = False
    ) -> tuple[str, ...]:
        """Keep secrets, by field, in the keyring; where it takes none, or on the user's word, for this run only.

        They are used from now on. Says of each where it went. Raises UsageError for what is no secret of the vendor's.
        """
        there = tuple(secrets)
        refuse_wrong_secrets(vendors.load(connection.vendor), there)
        told = [await self._keep(connection, field, secret, only_this_run=only_this_run) for field, secret in there]
        if self._changed:
            await self._changed(connection.name)
        return tuple(told)

    async def store(self, connection: Connection, field: str, secret: Secret) -> str:
        """Keep one secret in the keyring or nowhere; says where it is, and what comes first.

        Raises UsageError as `keep` does, and CredentialsError, which says what to do instead.
        """
        refuse_wrong_secrets(vendors.load(connection.vendor), [(field, secret)])
        account, first = keyring_account(connection.name, field), self._first(connection, field)
        try:
            await self._keyring.put(account, secret)
        except CredentialsError as error:
            hint = f"it is not needed: {first}" if first else way_in(connection.name, field, error.message)
            raise CredentialsError(error.message, hint=hint) from error
        return f"{account} is kept in the {self._keyring.source}{_but(first)}"

    async def remove(self, connection: Connection, field: str) -> str:
        """Take one secret out of the keyring; says so, and what gives it all the same.

        Raises UsageError for what is no secret of the vendor's, and CredentialsError, also where it is not there.
        """
        refuse_unknown_secret(vendors.load(connection.vendor), field)
        account = keyring_account(connection.name, field)
        await self._keyring.remove(account)
        return f"{account} is removed from the keyring{_but(self._first(connection, field))}"

    async def take_out(self, connection: Connection) -> tuple[str, ...]:
        """Take all secrets of a connection out of the keyring; says which ones could not be."""
        left = []
        for field in secret_fields(vendors.load(connection.vendor)):
            account = keyring_account(connection.name, field)
            try:
                if await self._keyring.get(account):
                    await self._keyring.remove(account)
            except CredentialsError as error:
                left.append(f"{account} is still in the keyring: {error.message}")
        if self._keyring.may_hold_secrets:
            left.append(f"what the keyring holds of {connection.name} stays there: {self._keyring.trouble}")
        return tuple(left)

    async def copy(self, connection: Connection, new: str) -> tuple[str, ...]:
        """Copy what the keyring gives to another name, read back; says what has to be done by hand."""
        told = []
        for field in vendors.load(connection.vendor).secrets:
            old = keyring_account(connection.name, field.name)
            if secret := await self._keyring.get(old):
                await self._keyring.put(keyring_account(new, field.name), secret)
            if self._finder.comes_first(connection, field.name) == ENVIRONMENT:
                wanted = variable(new, field.name)
                told.append(f"{variable(connection.name, field.name)} has to be called {wanted} from now on")
        return tuple(told)

    async def _keep(self, connection: Connection, field: str, secret: Secret, *, only_this_run: bool) -> str:
        account, first = keyring_account(connection.name, field), self._first(connection, field)
        self._finder.hold(connection.name, field, secret)
        if only_this_run:
            return f"{account} is kept for this run only{_but(first)}"
        try:
            told = await self.store(connection, field, secret)
        except CredentialsError as error:
            later = _but(first) or f"; for later runs: {error.hint}"
            return f"{account} is kept for this run only: {error.message}{later}"
        self._finder.forget(connection.name, field)
        return told

    def _first(self, connection: Connection, field: str) -> str:
        """What comes before the keyring and before this run's memory, if anything does."""
        source = self._finder.comes_first(connection, field)
        if source is None:
            return ""
        return f"{variable(connection.name, field) if source == ENVIRONMENT else f'its {source}'} comes first"


def refuse_wrong_secrets(vendor: Vendor, secrets: Iterable[tuple[str, Secret]]) -> None:
    """Raise UsageError for an empty secret, and for one that the vendor does not know."""
    for field, secret in secrets:
        refuse_unknown_secret(vendor, field)
        if not secret:
            raise UsageError("an empty secret is not stored")


def refuse_unknown_secret(vendor: Vendor, field: str) -> None:
    """Raise UsageError for the name of a secret that the vendor does not know."""
    known = secret_fields(vendor)
    if field not in known:
        raise UsageError(f"{vendor.name} has no secret named {field}", hint=f"it has: {', '.join(known)}")


def secret_fields(vendor: Vendor) -> tuple[str, ...]:
    """The names of a vendor's secrets."""
    return tuple(field.name for field in vendor.secrets)


def _but(first: str) -> str:
    return f", but {first}" if first else ""
