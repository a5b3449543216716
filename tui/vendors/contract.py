"""What a vendor must say about itself, and what it may ask for.

A vendor is pure at its heart: functions from a `Reply` to model objects. Around it stands a thin async part
that sends requests through the `Session` it is given. It never sees the screen, the store or the clock on the
wall; what it *can* do beyond the minimum is said by the small protocols at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tui.clock import Clock
from tui.errors import AskError, CredentialsError
from tui.model import (
    Connection,
    JobState,
    OrderForm,
    Output,
    ProblemKind,
    Reference,
    Secret,
    SecretField,
    Setting,
    Snapshot,
)
from tui.moments import http_date
from tui.untrusted_json import read_json

if TYPE_CHECKING:  # the screen's start and what only reads config.toml load no HTTP client
    import httpx


@dataclass(frozen=True, slots=True)
class Pasted:
    """What the user gave to name a job: the text itself, and what a `curl` command or a JSON text holds.

    `at` is when, wall clock; `url` is the address in it, `body` a JSON body in it. Credentials are cut off
    before this is made.
    """

    text: str
    at: datetime
    url: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a vendor, read whole. `received_at` is our wall clock, UTC."""

    status: int
    headers: httpx.Headers
    body: bytes
    received_at: datetime

    @property
    def text(self) -> str:
        """The body as UTF-8; what is not UTF-8 becomes U+FFFD."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> object:
        """The body as JSON. Raises AskError(BAD_REPLY) for anything else, HTML pages included."""
        try:
            return read_json(self.body)
        except ValueError as error:
            kind = self.headers.get("content-type", "no content type").split(";")[0]
            raise AskError(
                ProblemKind.BAD_REPLY,
                f"the vendor answered {self.status} with {kind} that is not JSON",
                hint="a proxy or login page may stand between; look at base_url",
            ) from error


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a file behind an address of its own; `first` and `last` are inclusive offsets in the file."""

    url: str = field(repr=False)
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Link:
    """Where the bytes of an output are right now. Made right before use, never stored.

    With `signed_in` the request goes through the connection's session (login, TLS settings); otherwise through a
    bare client that sends no header of ours. `parts`, when given, are the whole file in pieces, sorted by offset.
    `url` is hidden from `repr` since it may be a bearer secret.
    """

    url: str = field(repr=False)
    signed_in: bool = False
    size: int | None = None
    sha1: str | None = None
    file_name: str | None = None
    parts: tuple[Part, ...] = ()
    is_zip: bool = False
    """Whether the vendor says that it is a ZIP: its members' CRCs are then the check of last resort."""


@dataclass(frozen=True, slots=True)
class Order:
    """A job that is to be started: the request body as JSON text, and the place it goes to where the body has none.

    `place` is EnOS's channel and JAGGAER's URL of an `/async` call; the others need none.
    """

    body: str
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Discovery:
    """A job that the vendor says it has run lately; `at` is when it last moved."""

    reference: Reference
    title: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of a place's files; `outputs` have names that `NamesOutputs.read_outputs` takes. `more` asks on."""

    outputs: tuple[Output, ...]
    more: str | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """A command of another program that fetches a link; its secrets travel in `environ`, never in `argv`.

    `files` are texts that the command reads: written (0600) before it runs, removed afterwards. `needs` are variables
    of the user's own environment that it cannot do without.
    """

    argv: tuple[str, ...]
    environ: Mapping[str, Secret]
    files: Mapping[Path, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


class Session(Protocol):
    """The connection's own client, as a vendor sees it (made by `engine.sessions`)."""

    @property
    def connection(self) -> Connection:
        """The connection that this session belongs to."""
        ...

    @property
    def clock(self) -> Clock:
        """Time, as given to the engine."""
        ...

    async def send(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        json_body: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        limit: int = 8_000_000,
    ) -> Reply:
        """Send one request with the connection's login and read the whole answer, at most `limit` bytes.

        `url` is a path below `base_url`, or an absolute URL of the same origin; anything else is refused, since it
        would carry the login away. A query that stands in `url` is sent as it is when `query` is None. Redirects
        are not followed. Raises AskError(UNREACHABLE, TLS or BAD_REPLY) when no readable answer came; every
        HTTP status is returned.
        """
        ...

    async def fetch(self, url: str, *, limit: int = 64_000_000) -> Reply:
        """GET a pre-signed URL through the bare client: no login, no header of ours. Errors as in `send`."""
        ...


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
class AsksMany(Protocol):
    """A vendor that answers for many jobs in one request."""

    @property
    def most_at_once(self) -> int:
        """How many jobs one request may name."""
        ...

    async def ask_many(self, session: Session, refs: Sequence[Reference]) -> Mapping[str, Snapshot | AskError]:
        """An answer or an error for each `ref.id`. Raises AskError when the request as a whole failed."""
        ...


@runtime_checkable
class Lags(Protocol):
    """A vendor whose answers may be older than what it said before."""

    def is_behind(self, known: Snapshot, told: Snapshot) -> bool:
        """Whether `told` is older than `known`, although it came later; `known` is then kept."""
        ...


@runtime_checkable
class Limited(Protocol):
    """A vendor with a documented quota."""

    @property
    def requests_per_minute(self) -> int:
        """How many requests one account may send, a little below the vendor's own limit."""
        ...


@runtime_checkable
class CountsBy(Protocol):
    """A vendor that counts requests by something else than the user at a host."""

    @property
    def counted_by(self) -> str:
        """The setting whose value it goes by, e.g. `client_id`: connections with the same one share a quota."""
        ...


@runtime_checkable
class NeedsClock(Protocol):
    """A vendor whose logins hold the time, and may be refused when it is not the vendor's own."""

    @property
    def most_skew(self) -> float:
        """So many seconds may the clocks surely differ."""
        ...


@runtime_checkable
class Cancels(Protocol):
    """A vendor that can be told to stop a job."""

    async def cancel(self, session: Session, ref: Reference) -> None:
        """Tell it once; returns when the vendor took it. Never repeated by itself. Raises AskError."""
        ...


@runtime_checkable
class RefrainsFromCancel(Protocol):
    """A vendor that asks not to be told to stop some of its jobs."""

    def why_no_cancel(self, order: Order, state: JobState) -> str | None:
        """Why a job that was started from here with this order is not to be cancelled in this state, in a few words."""
        ...


@runtime_checkable
class Resets(Protocol):
    """A vendor that can put a job that is over back to its start."""

    async def reset(self, session: Session, ref: Reference) -> None:
        """Tell it once; returns when the vendor took it. Never repeated by itself.

        Raises AskError; UNREACHABLE means that the outcome is unknown, unless it says `not_sent`.
        """
        ...


@runtime_checkable
class Reports(Protocol):
    """A vendor that keeps a report (a log) of a job."""

    async def report(self, session: Session, ref: Reference) -> str:
        """The report's whole text as of now. Raises AskError; GONE when there is none (any more)."""
        ...


@runtime_checkable
class NamesOutputs(Protocol):
    """A vendor whose answers do not name a job's output files, so that the user must (`Reference.outputs`)."""

    def read_outputs(self, text: str) -> tuple[str, ...]:
        """The outputs that the text names, in the form `Reference.outputs` keeps. Raises UsageError when none."""
        ...


@runtime_checkable
class Reveals(Protocol):
    """A vendor whose `link` outputs hold tokens that snapshots do not keep."""

    async def reveal(self, session: Session, ref: Reference, output: Output) -> str:
        """The output's value with its tokens, asked anew. Raises AskError."""
        ...


@runtime_checkable
class Submits(Protocol):
    """A vendor that can be told to start a job."""

    @property
    def order_form(self) -> OrderForm:
        """What a person is asked for."""
        ...

    def read_order(self, order: Order) -> None:
        """Check what can be checked without asking. Raises UsageError with what to write instead."""
        ...

    async def submit(self, session: Session, order: Order) -> Reference:
        """Start one job, sent exactly once.

        Raises AskError; UNREACHABLE means that the outcome is unknown, unless the error says `not_sent`.
        """
        ...


@runtime_checkable
class PostsBack(Protocol):
    """A vendor that posts to an address when a job that was started with it is over."""

    def with_callback(self, order: Order, url: str) -> Order:
        """An order that `read_order` found right, with this address in it; as it is where it names one already."""


@runtime_checkable
class TitlesOrders(Protocol):
    """A vendor whose orders hold a name for people that its answers do not repeat."""

    def title_of(self, order: Order) -> str | None:
        """The name in an order that `read_order` found right; None where it has none."""
        ...


@runtime_checkable
class Discovers(Protocol):
    """A vendor that can say which jobs ran lately."""

    async def discover(self, session: Session, since: datetime) -> tuple[Discovery, ...]:
        """Jobs that moved after `since`, newest first, at most 500. Raises AskError."""
        ...


@runtime_checkable
class Browses(Protocol):
    """A vendor whose files can be looked through."""

    async def browse(self, session: Session, place: str, more: str | None = None) -> Shelf:
        """One page of the files at `place` (Autodesk: `BUCKET` or `BUCKET/PREFIX`). Raises AskError, UsageError."""
        ...


@runtime_checkable
class ExplainsWaits(Protocol):
    """A vendor that can say why a job waits for long."""

    async def explain_wait(self, session: Session, snapshot: Snapshot) -> str | None:
        """One sentence on the queue that the job stands in; None where nothing is known. Raises AskError."""
        ...


@runtime_checkable
class HandsOver(Protocol):
    """A vendor whose `link` outputs are fetched by another program."""

    @property
    def programs(self) -> tuple[str, ...]:
        """The programs that can fetch them, the best first."""
        ...

    def hand_over(self, link: str, program: str, folder: Path) -> HandOver:
        """The command that fetches the revealed link into the folder. Raises UsageError if the link is unusable."""
        ...


@dataclass(frozen=True, slots=True)
class Packed:
    """One file in an archive that was fetched; `what` is what the vendor's own index says of it. Size in bytes."""

    name: str
    size: int
    what: str | None = None


@runtime_checkable
class ListsArchives(Protocol):
    """A vendor whose archives say what is in them."""

    def list_archive(self, path: Path) -> tuple[Packed, ...]:
        """The files in a fetched archive. Reads the index only. Raises DownloadError for what is no archive."""
        ...


@runtime_checkable
class ExplainsFiles(Protocol):
    """A vendor that says in words, in place of a file or behind a part of it, why the file cannot be had."""

    def file_error(self, reply: Reply) -> AskError | None:
        """The vendor's error in an answer that is no good file; None where there is none in it.

        `reply.body` is the end of what came (64 KB are enough), with the answer's own status and headers.
        """
        ...


def retry_after(reply: Reply) -> float | None:
    """The Retry-After header in seconds, from seconds or an HTTP date (RFC 9110, 10.2.3); None without one.

    A date is read against the reply's own Date, so that a wrong local clock does not matter.
    """
    value = reply.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), 86_400.0)
    if (when := http_date(value)) is None:
        return None
    now = said_at(reply) or reply.received_at
    return min(max((when - now).total_seconds(), 0.0), 86_400.0)


def said_at(reply: Reply) -> datetime | None:
    """The vendor's own clock, from the Date header; None without a readable one."""
    return http_date(reply.headers.get("date", ""))
