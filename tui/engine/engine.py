"""The engine: everything that happens without a screen, put together.

Runs on one event loop; blocking work is in threads of the rooms below. The board reaches it through
`host.EngineThread`, the command uses it directly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from tui import vendors
from tui.config import Config
from tui.engine import rooms
from tui.engine.asks import Asks
from tui.engine.callbacks import Listener
from tui.engine.company import Company
from tui.engine.connections.live_config import LiveConfig, from_the_next_start
from tui.engine.connections.pasted_secrets import PastedSecrets
from tui.engine.facts.jobs import Slept
from tui.engine.fetching.auto import AutoDownloads, rule_names, rules_of
from tui.engine.kept import Kept
from tui.engine.listeners import Listeners
from tui.engine.locks import Claims
from tui.engine.lost.look_ups import LookUps
from tui.engine.polling.awake import Awake
from tui.engine.polling.connection_poller import ConnectionPoller
from tui.engine.polling.poller import Poller
from tui.engine.surroundings import Surroundings
from tui.errors import StateError
from tui.model import Connection, ConnectionHealth, JobKey

__all__ = ["LOOK_SECONDS", "Engine", "Surroundings"]

LOOK_SECONDS = 1.0
"""How often another program's changes on the same state folder are looked for."""
_LISTEN_AGAIN_SECONDS = 30.0


class Engine:
    """Jobs, vendors and downloads of one user. Coroutines raise JobdeckErrors."""

    def __init__(self, config: Config, database: Path, around: Surroundings, kept: Kept | None = None) -> None:
        """Open the database, or take what was `kept` of it. Raises StateError."""
        self.config = config
        self.clock = around.clock
        self._around = around
        self.read_only = around.read_only
        """Whether changes at vendors are refused; the board's user may change it."""
        self.health = Listeners[ConnectionHealth]()
        """Of connections, when it changes."""
        self.gone = Listeners[str]()
        """Names of connections that are no more."""
        self.told = Listeners[str]()
        """What went wrong without being asked for, a sentence for the user."""
        self.slept = Listeners[Slept]()
        """When time has passed without us."""
        kept = kept or Kept.open(database, around.clock)
        ground = rooms.ground_of(around, kept, lambda: self.config, lambda: self.read_only)
        self.store, self.board, self._sessions = ground.store, ground.board, ground.sessions
        self.poller = Poller(self.board, self.health.tell)
        self._claims = Claims(database.parent / "fetching.lock")
        self._company = Company(database.parent / "asking.lock", self._sessions.quotas)
        self.downloads = rooms.downloads_of(ground, self._claims)
        self.after = rooms.after_of(ground, self.downloads)
        self.inside = rooms.inside_of(ground, self.downloads)
        self._auto: AutoDownloads | None = None
        self.notifying = rooms.notifying_of(ground, self.told.tell)
        self.archivist = rooms.archivist_of(ground)
        self.search = rooms.search_of(ground)
        self.job_desk = rooms.job_desk_of(ground, self.poller, self.search, self.downloads)
        self.vendor_desk = rooms.vendor_desk_of(ground, self.job_desk.refuse_if)
        self.links = rooms.links_of(ground)
        self._look_ups = LookUps(self.board, self.search, around.clock, self.poller.may_ask)
        self.asking = rooms.asking_of(ground, self.poller, self.job_desk.refuse_if)
        self.asks = Asks(self.board, self.poller, self.asking, self.search, self._look_ups)
        self.callbacks = Listener(self.board, around.clock, self.asks.hint)
        self.pasted = PastedSecrets(lambda wish: self.asking.find(wish).connection, ground.keeper, self.asks.revive)
        self.live = LiveConfig(around.config_file, self.obey, self.told.tell)
        self.connections = rooms.connections_of(ground, self.live, self.poller, self.obey, self.asks)
        self.logins = rooms.logins_of(ground, self.asks)
        self._at_work: tuple[asyncio.Task[None], ...] = ()
        """What goes on beside the asking, from the start to the end."""

    async def open(self) -> None:
        """Read the board from the disk."""
        await self.board.load()
        await self.board.load_usual()

    def start(self, only: Collection[JobKey] | None = None, *, in_passing: bool = False) -> None:
        """Begin to ask vendors, for all jobs or `only` for some, and to look for other programs' changes.

        `only` may grow meanwhile: the job that a lost start is found to be is asked for, too. Who asks just once,
        `in_passing`, takes no part of the quotas away from the other programs.
        """
        if not in_passing:
            self._company.join()
        for connection in self.config.connections.values():
            self._add_poller(connection)
        self.poller.start(only)
        self._at_work = (
            asyncio.create_task(self._look_around(), name="look around"),
            asyncio.create_task(self.archivist.run(), name="archive"),
            asyncio.create_task(self._listen(), name="callbacks"),
            asyncio.create_task(self._follow_up(), name="follow up"),
        )
        self._look_ups.start(only)

    async def start_auto(self) -> None:
        """From now on fetch results by themselves, where the connections say so. Raises StateError."""
        marks = await self.store.marks(frozenset(rule_names(self.config).values()), self.clock.now())
        rules = rules_of(self.config, marks)
        if self._auto is None:
            self._auto = AutoDownloads(self.board, self._claims, self.clock, self.job_desk.download)
            self.board.listen(self._auto.hear)
        self._auto.obey(rules)

    async def obey(self, config: Config) -> None:
        """Work by another config from now on; connections that it leaves as they are notice nothing."""
        old, self.config = self.config, config
        gone = [name for name in old.connections if name not in config.connections]
        changed = [
            connection
            for name, connection in config.connections.items()
            if old.connections.get(name) != connection or not self.poller.knows(name)
        ]
        for name in (*gone, *(connection.name for connection in changed)):
            await self.poller.remove(name)
            await self._sessions.drop(name)
        if self._at_work:
            for connection in changed:
                self._add_poller(connection)
        if self._auto:
            await self.start_auto()
        for name in gone:
            self.gone.tell(name)
        if late := from_the_next_start(old, config):
            self.told.tell(late)

    async def close(self) -> None:
        """Stop everything; what was under way goes on at the next start."""
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)
        await self.callbacks.close()
        await self._look_ups.close()
        await self.poller.stop()
        self.inside.close()
        if self._auto:
            await self._auto.close()
        await self.downloads.close()
        await self.after.close()
        await self.notifying.close()
        await self._sessions.close()
        self._company.leave()
        await self.store.close()

    def _add_poller(self, connection: Connection) -> None:
        vendor, around = vendors.load(connection.vendor), self._around
        poller = ConnectionPoller(
            connection, vendor, self.board, self._sessions, around.clock, around.rng, self.health.tell
        )
        self.poller.add(poller)

    async def _listen(self) -> None:
        trouble = await self.callbacks.start(self.config.callbacks)
        if trouble:
            self.told.tell(trouble)
        while trouble:  # e.g. another jobdeck has the address: when it ends, it is ours
            await self.clock.sleep(_LISTEN_AGAIN_SECONDS)
            trouble = await self.callbacks.start(self.config.callbacks)

    async def _look_around(self) -> None:
        awake = Awake(self.clock)
        while True:
            await self.clock.sleep(LOOK_SECONDS)
            self._company.look()
            if slept := awake.look():
                self.poller.look_again()
                self.slept.tell(slept)
            with suppress(StateError):  # the pollers tell of a disk that does not work; here it is tried again
                await self.board.look()
            await self.live.look()

    async def _follow_up(self) -> None:
        with suppress(StateError):  # the pollers tell of a disk that does not work; the next start tries again
            await self.job_desk.follow_up()
