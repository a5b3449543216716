"""The engine's rooms, and what all of them stand on: each is made here from what it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tui import vendors
from tui.config import Config
from tui.engine import job_desk
from tui.engine.asking import Asking
from tui.engine.asks import Asks
from tui.engine.board import Board
from tui.engine.callbacks import new_address
from tui.engine.connections import desk
from tui.engine.connections.desk import ConnectionDesk
from tui.engine.connections.live_config import Apply, LiveConfig
from tui.engine.connections.logins import Logins
from tui.engine.contacts import Contacts
from tui.engine.downloads import Downloads
from tui.engine.facts.jobs import Action
from tui.engine.fetching.around import Around
from tui.engine.fetching.layout import folder_of
from tui.engine.inside.desk import Inside
from tui.engine.job_desk import JobDesk
from tui.engine.kept import Kept
from tui.engine.links import Links
from tui.engine.locks import Claims
from tui.engine.lost.search import Search
from tui.engine.polling.poller import Poller
from tui.engine.retention import Archivist
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keeping import SecretKeeper
from tui.engine.storage.store import Store
from tui.engine.submit import Submitter
from tui.engine.surroundings import Surroundings
from tui.engine.telling.after import AfterCommands
from tui.engine.telling.notifying import NotifyCommand
from tui.engine.vendor_desk import VendorDesk
from tui.engine.wire.sessions import Sessions
from tui.model import Connection, Job

RefuseIf = Callable[[Action, Job], None]
"""Raises JobdeckError when the action cannot be done with the job."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What rooms stand on. `config` gives the one in force, `is_read_only` whether changes at vendors are refused."""

    around: Surroundings
    store: Store
    board: Board
    finder: SecretFinder
    sessions: Sessions
    contacts: Contacts
    keeper: SecretKeeper
    config: Callable[[], Config]
    is_read_only: Callable[[], bool]

    def connection(self, name: str) -> Connection:
        """A connection of the config in force. Raises ConfigError."""
        return self.config().connection(name)


def ground_of(
    around: Surroundings, kept: Kept, config: Callable[[], Config], is_read_only: Callable[[], bool]
) -> Ground:
    """The ground over what is on the disk."""
    finder = SecretFinder(around.environ, around.keyring, around.clock)
    sessions = Sessions(around.clock, finder, vendors.load, around.transport)
    keeper = SecretKeeper(finder, around.keyring, sessions.forget)
    contacts = Contacts(config, sessions)
    return Ground(around, kept.store, kept.board, finder, sessions, contacts, keeper, config, is_read_only)


def archivist_of(ground: Ground) -> Archivist:
    """What moves old jobs to the archive."""
    return Archivist(ground.board, ground.store, ground.around.clock, lambda: ground.config().retention)


def search_of(ground: Ground) -> Search:
    """What looks for starts whose replies were lost."""
    return Search(ground.config, ground.board, ground.store, ground.sessions, ground.around.clock)


def job_desk_of(ground: Ground, poller: Poller, search: Search, downloads: Downloads) -> JobDesk:
    """Where wishes for jobs of the board are handed in."""
    clock, contacts = ground.around.clock, ground.contacts
    return JobDesk(
        job_desk.Rooms(ground.config, ground.is_read_only, clock, ground.board, contacts, poller, search, downloads)
    )


def vendor_desk_of(ground: Ground, refuse_if: RefuseIf) -> VendorDesk:
    """Where jobs are started and listed."""
    around = ground.around
    submitter = Submitter(ground.board, ground.sessions, around.clock, lambda: new_address(ground.config().callbacks))
    return VendorDesk(
        ground.config,
        ground.board,
        ground.contacts,
        submitter,
        around.clock,
        around.environ,
        read_only=ground.is_read_only,
        refuse_if=refuse_if,
    )


def links_of(ground: Ground) -> Links:
    """What hands links to other programs."""
    return Links(ground.board, ground.contacts, ground.around.environ, lambda: ground.config().downloads.folder)


def asking_of(ground: Ground, poller: Poller, refuse_if: RefuseIf) -> Asking:
    """What asks for one job at the user's word."""
    return Asking(
        ground.config,
        ground.board,
        ground.store,
        ground.contacts,
        ground.around.clock,
        ground.around.rng,
        planned=poller.plan,
        refuse_if=refuse_if,
    )


def downloads_of(ground: Ground, claims: Claims) -> Downloads:
    """What fetches files; how many at once is as the config says now."""
    wanted = ground.config().downloads
    around = Around(
        ground.board,
        ground.sessions,
        ground.around.clock,
        connection_of=ground.connection,
        vendor_of=vendors.load,
        streams=wanted.connections,
        rng=ground.around.rng,
    )
    return Downloads(around, claims, at_once=wanted.at_once)


def inside_of(ground: Ground, downloads: Downloads) -> Inside:
    """What looks into archives that are still at their vendors."""
    return Inside(
        ground.board,
        ground.sessions,
        ground.around.clock,
        connection_of=ground.connection,
        vendor_of=vendors.load,
        folder_of=lambda job: folder_of(job, ground.config().downloads),
        keep=downloads.record_member,
    )


def after_of(ground: Ground, downloads: Downloads) -> AfterCommands:
    """What runs the user's command after each download of ours; it listens from now on."""
    wanted, around = ground.config().downloads, ground.around
    after = AfterCommands(wanted.after, around.environ, ground.board, around.clock, at_once=wanted.at_once)
    ground.board.listen(lambda change: after.hear(change, downloads.is_ours))
    return after


def notifying_of(ground: Ground, tell: Callable[[str], None]) -> NotifyCommand:
    """What runs the user's command when a job is over."""
    around = ground.around
    return NotifyCommand(ground.config().notify, around.environ, ground.board, ground.store, around.clock, tell)


def connections_of(ground: Ground, live: LiveConfig, poller: Poller, obey: Apply, asks: Asks) -> ConnectionDesk:
    """Where connections are added, changed and removed."""
    return ConnectionDesk(
        desk.Rooms(
            live,
            ground.config,
            ground.around.clock,
            ground.board,
            poller,
            ground.sessions,
            ground.finder,
            ground.around.keyring,
            ground.keeper,
            obey=obey,
            revive=asks.revive,
        )
    )


def logins_of(ground: Ground, asks: Asks) -> Logins:
    """Where the logins of connections are kept, tested and forgotten."""
    return Logins(ground.config, ground.sessions, ground.around.keyring, ground.keeper, asks)
