"""The least that every vendor does, and what it is given for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tui.clock import Clock
from tui.errors import CredentialsError
from tui.model import Connection, Output, Reference, Secret, SecretField, Setting, Snapshot
from tui.vendors.contract.files import Link
from tui.vendors.contract.session import Session

if TYPE_CHECKING:  # what only reads config.toml loads no HTTP client
    import httpx


@dataclass(frozen=True, slots=True)
class Pasted:
    """What the user gave to name a job: the text itself, and what a `curl` command or a JSON text holds.

    `at` is when, wall clock; `url` is the address in it, `body` a JSON body in it. Credentials are cut off
    before this is made. `any_shape` is whether the user named the connection too: then an id need not look like one.
    """

    text: str
    at: datetime
    url: str | None = None
    body: str | None = None
    any_shape: bool = False


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of one connection that were found, by field; `trouble` is why the keyring could not be asked.

    `ways_in` tells for those that were not found what their user can do.
    """

    connection: str
    found: Mapping[str, Secret]
    trouble: str | None = None
    ways_in: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> Secret | None:
        """The secret, or None."""
        return self.found.get(name)

    def need(self, name: str) -> Secret:
        """The secret; raises CredentialsError with what its user can do."""
        secret = self.found.get(name)
        if not secret:
            why = f" ({self.trouble})" if self.trouble else ""
            raise CredentialsError(
                f"{self.connection}: the {name} is missing{why}",
                hint=self.ways_in.get(name, f"run: jobdeck secret set {self.connection} {name}"),
            )
        return secret


class Vendor(Protocol):
    """The least that every vendor does."""

    @property
    def name(self) -> str:
        """The word in config.toml, e.g. `octoplant`."""
        ...

    @property
    def label(self) -> str:
        """The product's name for people."""
        ...

    @property
    def settings(self) -> tuple[Setting, ...]:
        """Its own keys in config.toml, beside the common ones; `base_url` too (its default, if it has one)."""
        ...

    @property
    def secrets(self) -> tuple[SecretField, ...]:
        """The secrets it may need."""
        ...

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        """The login of one connection. Raises CredentialsError when a secret it needs is missing."""
        ...

    def read_ref(self, pasted: Pasted, connection: Connection) -> Reference | None:
        """What the text names at this vendor, or None if it is not of this vendor's forms (CONTRACT section 2).

        Pure: asks nobody. Raises UsageError when it is clearly meant for this vendor but wrong.
        """
        ...

    async def ask(self, session: Session, ref: Reference) -> Snapshot:
        """What the vendor says of the job now. Raises AskError; GONE when the vendor does not know it."""
        ...

    async def resolve(self, session: Session, ref: Reference, output: Output) -> tuple[Link, ...]:
        """Where the bytes of a `file` output are now; several are to be tried in this order. Raises AskError."""
        ...

    async def probe(self, session: Session) -> str:
        """Do the cheapest call that proves something; return what was proved and what could not be."""
        ...


@runtime_checkable
class ChoosesSecrets(Protocol):
    """A vendor of whose secrets a connection needs these or those, as it is set up and as they were found."""

    def needed(self, connection: Connection, found: Collection[str]) -> tuple[str, ...]:
        """The secrets that a login cannot do without; `found` are those that are there. Pure: asks nobody."""
        ...


@runtime_checkable
class LinksElsewhere(Protocol):
    """A vendor whose own replies name hosts other than its `base_url`'s."""

    def is_own_link(self, url: str) -> bool:
        """Whether the address looks like one that it gives out, whatever its host. Pure: asks nobody."""
        ...
