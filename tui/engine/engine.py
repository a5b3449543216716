"""The engine: everything that happens without a screen, put together. One event loop, no threads of its own.

The board reaches it through `host.EngineThread`, the command uses it directly.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from pathlib import Path

from tui import vendors
from tui.config import Config
from tui.config import edit as config_edit
from tui.engine import rooms
from tui.engine.abilities import refuse_if, why_not
from tui.engine.asking import outputs_named
from tui.engine.asks import Asks
from tui.engine.callbacks import Listener
from tui.engine.connections.check import Check
from tui.engine.connections.drafting import drafts_for, mistakes_in
from tui.engine.connections.live_config import LiveConfig, Tell, from_the_next_start
from tui.engine.connections.pasted_secrets import PastedSecrets
from tui.engine.facts.archives import Inventory
from tui.engine.facts.connections import ConnectionDraft, Mistake, Step, StepState
from tui.engine.facts.jobs import Action, Queued, Slept, TrackWish
from tui.engine.fetching.auto import AutoDownloads, rule_names, rules_of
from tui.engine.fetching.layout import folder_of
from tui.engine.fetching.missing import missing_results
from tui.engine.inventory import MOST_SHOWN, inventories
from tui.engine.kept import Kept
from tui.engine.locks import Claims
from tui.engine.lost.look_ups import LookUps
from tui.engine.pasting.paste import read_paste
from tui.engine.polling.awake import Awake
from tui.engine.polling.connection_poller import ConnectionPoller
from tui.engine.polling.health import HealthListener
from tui.engine.polling.poller import Poller
from tui.engine.surroundings import Surroundings
from tui.errors import AskError, JobdeckError, StateError, UsageError
from tui.filter import SAVED_NAME
from tui.model import (
    Connection,
    ConnectionHealth,
    Download,
    Event,
    Job,
    JobKey,
    Safe,
    Secret,
)
from tui.text import safe_line

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
        kept = kept or Kept.open(database, around.clock)
        ground = rooms.ground_of(around, kept, lambda: self.config, lambda: self.read_only)
        self._store, self.board, self._sessions = ground.store, ground.board, ground.sessions
        self.poller = Poller(self.board, self._hear_health)
        self._claims = Claims(database.parent / "fetching.lock")
        self.downloads = rooms.downloads_of(ground, self._claims)
        self.after = rooms.after_of(ground, self.downloads)
        self.inside = rooms.inside_of(ground, self.downloads)
        self._auto: AutoDownloads | None = None
        self.notifying = rooms.notifying_of(ground, self._tell)
        self.archivist = rooms.archivist_of(ground)
        self.desk = rooms.desk_of(ground)
        self.search = rooms.search_of(ground)
        self._look_ups = LookUps(self.board, self.search, around.clock, self.poller.may_ask)
        self.asking = rooms.asking_of(ground, self.poller, self._refuse_if)
        self.asks = Asks(self.board, self.poller, self.asking, self.search, self._look_ups)
        self.callbacks = Listener(self.board, around.clock, self.asks.hint)
        self.pasted = PastedSecrets(self._connection_of, ground.keeper, self.asks.revive)
        self._live = LiveConfig(around.config_file, self.obey, self._tell)
        self.connections = rooms.connections_of(ground, self._live, self.poller, self.obey, self.asks.revive)
        self._health_listeners: list[HealthListener] = []
        self._gone_listeners: list[Tell] = []
        self._told_listeners: list[Tell] = []
        self._slept_listeners: list[Callable[[Slept], None]] = []
        self._at_work: tuple[asyncio.Task[None], ...] = ()
        """What goes on beside the asking, from the start to the end."""

    async def open(self) -> None:
        """Read the board from the disk."""
        await self.board.load()
        await self.board.load_usual()

    def start(self, only: Collection[JobKey] | None = None) -> None:
        """Begin to ask vendors, for all jobs or `only` for some, and to look for other programs' changes.

        `only` may grow meanwhile: the job that a lost start is found to be is asked for, too.
        """
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
        marks = await self._store.marks(frozenset(rule_names(self.config).values()), self.clock.now())
        rules = rules_of(self.config, marks)
        if self._auto is None:
            self._auto = AutoDownloads(self.board, self._claims, self.clock, self.download)
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
            for listener in self._gone_listeners:
                listener(name)
        if late := from_the_next_start(old, config):
            self._tell(late)

    async def check_connection(self, name: str, told: Callable[[Step], None]) -> tuple[Step, ...]:
        """Test a connection step by step. A refused one is tried once more, and asked on when it answers."""
        connection = self.config.connection(name)
        is_refused = self.asks.is_refused(name)
        if is_refused:
            await self._sessions.forget(name)
        steps = await Check(connection, vendors.load(connection.vendor), self._sessions, told).run()
        if is_refused and not any(step.state is StepState.BROKEN for step in steps):
            await self.asks.revive(name)
        return steps

    def mistakes_in(self, draft: ConnectionDraft, replaces: str | None = None) -> tuple[Mistake, ...]:
        """What is wrong in a draft, by the rules of config.toml; empty when it can be saved."""
        return mistakes_in(draft, [name for name in self.config.connections if name != replaces])

    def drafts_for(self, text: str) -> tuple[ConnectionDraft, ...]:
        """What a pasted text tells of the connection that its job needs; empty for nothing."""
        try:
            return drafts_for(read_paste(text, self.clock.now()), text)
        except UsageError:
            return ()

    async def save_filter(self, name: str, text: str) -> Safe:
        """Write a filter to config.toml under a name. Raises UsageError, ConfigError."""
        if not SAVED_NAME.fullmatch(name):
            raise UsageError(f"{name} is no name for a filter", hint='it may hold letters, digits, "-" and "_"')
        await self._live.change(lambda old: config_edit.with_filter(old, name, text))
        return safe_line(f"kept: @{name} is this filter from now on")

    async def unlock_keyring(self, password: Secret) -> None:
        """Unlock the keyring, and try the connections once more that were refused. Raises CredentialsError."""
        await self._around.keyring.unlock(password)
        for name in self.config.connections:
            if self.asks.is_refused(name):
                await self.asks.revive(name)

    async def keyring_state(self) -> Safe | None:
        """Why the keyring cannot be used, in one line; None when it can."""
        trouble = await self._around.keyring.state()
        return None if trouble is None else safe_line(trouble)

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
        await self._store.close()

    def on_health(self, listener: HealthListener) -> None:
        """Have `listener` called when a connection's health changes."""
        self._health_listeners.append(listener)

    def on_gone(self, listener: Tell) -> None:
        """Have `listener` called with the name of a connection that is no more."""
        self._gone_listeners.append(listener)

    def on_told(self, listener: Tell) -> None:
        """Have `listener` called with what went wrong without being asked for, a sentence for the user."""
        self._told_listeners.append(listener)

    def on_slept(self, listener: Callable[[Slept], None]) -> None:
        """Have `listener` called when time has passed without us."""
        self._slept_listeners.append(listener)

    def pause_connection(self, name: str, *, on: bool) -> None:
        """Ask nothing on a connection in this run, or ask on; its downloads go on. Raises ConfigError."""
        self.poller.pause(self.config.connection(name).name, on=on)

    def why_not(self, action: Action, job: Job) -> str | None:
        """Why the action cannot be done with this job now; None when it can."""
        if action is Action.REFRESH and self.poller.is_paused(job.connection):
            return f"asking {job.connection} is paused by you"
        if action is Action.REFRESH and (early := self.search.why_not_yet(job)):
            return early
        known = job.connection in self.config.connections
        vendor = vendors.load(job.vendor) if known else None
        return why_not(action, job, vendor, read_only=self.read_only)

    async def untrack(self, keys: Iterable[JobKey]) -> tuple[Job, ...]:
        """Take jobs off the board; returns them."""
        return await self.board.remove(keys)

    async def restore(self, jobs: Iterable[Job]) -> None:
        """Put untracked jobs back."""
        await self.board.add(jobs, "put back on the board")

    async def cancel(self, key: JobKey) -> None:
        """Tell the vendor to stop a job, once, and ask for it. Errors as in `VendorDesk.cancel`."""
        await self._change(key, self.desk.cancel(key))

    async def reset(self, key: JobKey) -> None:
        """Have a vendor put a job back to its start, once, and ask for it. Errors as in `VendorDesk.reset`."""
        await self._change(key, self.desk.reset(key))

    async def _change(self, key: JobKey, change: Awaitable[None]) -> None:
        try:
            await change
        except AskError as error:
            if not error.leaves_open:
                raise
            await self._ask_soon(key)  # it may have been done: the job's state tells
            raise
        await self._ask_soon(key)

    async def _ask_soon(self, key: JobKey) -> None:
        if job := self.board.jobs.get(key):  # another program may have taken it off the board meanwhile
            await self.poller.refresh((job,))

    async def attach(self, key: JobKey, outputs: tuple[str, ...]) -> Job:
        """Attach output files to a job whose vendor does not name them, and ask for it. Raises UsageError."""
        job = self.board.job(key)
        names = outputs_named(vendors.load(job.vendor), outputs)
        await self.board.attach(key, names)
        await self.poller.refresh((self.board.job(key),))
        return self.board.job(key)

    async def history(self, key: JobKey) -> tuple[Event, ...]:
        """Everything that happened to a job, oldest first."""
        return await self._store.events(key)

    async def download(
        self, key: JobKey, outputs: tuple[str, ...] = (), folder: Path | None = None
    ) -> tuple[Download, ...]:
        """Queue outputs of a job, into the layout's folder or right into this one.

        Raises UsageError or DownloadError when that cannot be done.
        """
        job = self.board.job(key)
        self._refuse_if(Action.DOWNLOAD, job)
        return await self.downloads.queue(job, outputs, folder or folder_of(job, self.config.downloads))

    async def download_finished(self) -> Queued:
        """Queue every result of a succeeded job that is not here yet, as far as it can be had. Raises StateError."""
        files = jobs = skipped = 0
        for job in tuple(self.board.jobs.values()):
            names = missing_results(job, self.clock.now())
            if not names:
                continue
            try:
                files += len(await self.download(job.key, names))
                jobs += 1
            except StateError:
                raise
            except JobdeckError:  # e.g. its connection is not in config.toml: the board says so on its own `d`
                skipped += 1
        return Queued(files, jobs, skipped)

    def _add_poller(self, connection: Connection) -> None:
        vendor, around = vendors.load(connection.vendor), self._around
        poller = ConnectionPoller(
            connection, vendor, self.board, self._sessions, around.clock, around.rng, self._hear_health
        )
        self.poller.add(poller)

    def _tell(self, text: str) -> None:
        for listener in self._told_listeners:
            listener(text)

    def _connection_of(self, wish: TrackWish) -> Connection:
        return self.asking.find(wish).connection

    async def inventory(self, key: JobKey) -> tuple[Inventory, ...]:
        """What the fetched archives of a job hold, where their vendor tells. Raises UsageError."""
        job = self.board.job(key)
        return await asyncio.to_thread(inventories, job, vendors.load(job.vendor), MOST_SHOWN)

    def _refuse_if(self, action: Action, job: Job) -> None:
        known = job.connection in self.config.connections
        refuse_if(action, job, vendors.load(job.vendor) if known else None, read_only=self.read_only)

    async def _listen(self) -> None:
        trouble = await self.callbacks.start(self.config.callbacks)
        if trouble:
            self._tell(trouble)
        while trouble:  # e.g. another jobdeck has the address: when it ends, it is ours
            await self.clock.sleep(_LISTEN_AGAIN_SECONDS)
            trouble = await self.callbacks.start(self.config.callbacks)

    async def _look_around(self) -> None:
        awake = Awake(self.clock)
        while True:
            await self.clock.sleep(LOOK_SECONDS)
            if slept := awake.look():
                self.poller.look_again()
                for listener in self._slept_listeners:
                    listener(slept)
            with suppress(StateError):  # the pollers tell of a disk that does not work; here it is tried again
                await self.board.look()
            await self._live.look()

    async def _follow_up(self) -> None:
        with suppress(StateError):  # the pollers tell of a disk that does not work; the next start tries again
            await self.desk.once.follow_up(lambda job: self.poller.refresh((job,)))

    def _hear_health(self, health: ConnectionHealth) -> None:
        for listener in self._health_listeners:
            listener(health)
