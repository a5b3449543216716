"""The engine in a thread of its own, behind the door: polling and downloads go on while the terminal is stalled."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tui.engine.board import Board, BoardChange
from tui.engine.connections.facts import connection_forms
from tui.engine.facts.archives import Contents, Inventory, Member, Preview, TakenMember
from tui.engine.facts.connections import ConnectionDraft, ConnectionFacts, ConnectionForm, Mistake, Step
from tui.engine.facts.jobs import (
    Action,
    Changes,
    CutOff,
    FilePage,
    Offers,
    Queued,
    Refreshed,
    Sighting,
    ToCopy,
    TrackWish,
)
from tui.engine.loop_thread import LoopThread
from tui.engine.outbox import Outbox
from tui.errors import StateError
from tui.filter import Filter
from tui.model import ConnectionHealth, Event, Job, JobKey, Safe, Secret
from tui.text import safe_line
from tui.vendors.contract import Order

if TYPE_CHECKING:  # with all of its rooms, which the board loads after its first frame
    from tui.engine.engine import Engine

_T = TypeVar("_T")


class EngineThread:
    """Satisfies `door.Door`."""

    def __init__(self, engine: Engine | None = None) -> None:
        """Without an engine `_made` is still to be given one."""
        self._made: Future[Engine] = Future()
        if engine is not None:
            self._made.set_result(engine)
        self._outbox = Outbox()
        self._thread = LoopThread(last=self._let_go)

    @property
    def _engine(self) -> Engine:
        return self._made.result()

    def copy_changes(self, outbox: Outbox) -> None:
        """Put all that `drain` gives into another outbox too; called before `start`."""
        self._outbox.copy_to(outbox)

    def tell(self, text: str) -> None:
        """Have the user told a sentence that nobody asked for."""
        self._outbox.put(told=(text,))

    def start(self) -> None:
        """Start the thread, read the board and begin to ask. Raises StateError."""
        try:
            self._thread.start(self._open())
        except StateError:
            self.close()
            raise

    def on_changes(self, wake: Callable[[], None]) -> None:
        """See `Door`."""
        self._outbox.on_changes(wake)

    def drain(self) -> Changes:
        """See `Door`."""
        return self._outbox.drain()

    def why_not(self, action: Action, job: Job) -> Safe | None:
        """See `Door`."""
        return in_word(self._engine.job_desk.why_not(action, job))

    def track(self, wish: TrackWish) -> Future[Job]:
        """See `Door`."""
        return self._ask(self._engine.asking.track(wish))

    def cut_off(self, wish: TrackWish) -> CutOff | None:
        """See `Door`."""
        return self._engine.pasted.cut_off(wish)

    def keep(self, wish: TrackWish) -> Future[Safe]:
        """See `Door`."""
        return self._submit(self._engine.pasted.keep(wish))

    def untrack(self, keys: Iterable[JobKey]) -> Future[tuple[Job, ...]]:
        """See `Door`."""
        return self._submit(self._engine.board.remove(tuple(keys)))

    def archive(self, keys: Iterable[JobKey]) -> Future[tuple[Job, ...]]:
        """See `Door`."""
        return self._submit(self._engine.archivist.archive(tuple(keys)))

    def bring_back(self, keys: Iterable[JobKey]) -> Future[tuple[Job, ...]]:
        """See `Door`."""
        return self._submit(self._engine.board.bring_back(tuple(keys)))

    def find_archived(self, wanted: Filter | None) -> Future[int]:
        """See `Door`."""
        return self._submit(self._find_archived(wanted))

    def restore(self, jobs: Iterable[Job]) -> Future[None]:
        """See `Door`."""
        return self._submit(self._engine.board.add(tuple(jobs), "put back on the board"))

    def refresh(self, keys: Iterable[JobKey]) -> Future[Refreshed]:
        """See `Door`."""
        return self._ask(self._engine.asks.refreshed(tuple(keys)))

    def set_alert(self, keys: Iterable[JobKey], *, on: bool) -> Future[None]:
        """See `Door`."""
        return self._submit(self._engine.board.set_alert(tuple(keys), on=on))

    def allow_changes(self, *, on: bool) -> None:
        """See `Door`."""
        self._engine.read_only = not on

    def status_command(self, key: JobKey) -> Future[Safe]:
        """See `Door`."""
        return self._ask(self._engine.job_desk.status_command(key))

    def link(self, key: JobKey, output: str) -> Future[ToCopy]:
        """See `Door`."""
        return self._ask(self._engine.links.address(key, output))

    def why_not_asked(self, key: JobKey) -> Safe | None:
        """See `Door`."""
        return in_word(self._engine.poller.why_not_asked(key))

    def why_silent(self, connection: str) -> Safe | None:
        """See `Door`."""
        return in_word(self._engine.poller.why_silent(connection))

    def focus(self, key: JobKey | None) -> None:
        """See `Door`."""
        poller = self._engine.poller
        self._thread.soon(lambda: poller.focus(key))

    def cancel(self, key: JobKey) -> Future[None]:
        """See `Door`."""
        return self._ask(self._engine.job_desk.cancel(key))

    def reset(self, key: JobKey) -> Future[None]:
        """See `Door`."""
        return self._ask(self._engine.job_desk.reset(key))

    def report(self, key: JobKey, *, again: bool = False) -> Future[Safe]:
        """See `Door`."""
        return self._ask(self._engine.asking.report(key, again=again))

    def history(self, key: JobKey) -> Future[tuple[Event, ...]]:
        """See `Door`."""
        return self._ask(self._engine.store.events(key))

    def download(self, key: JobKey, outputs: tuple[str, ...] = (), folder: Path | None = None) -> Future[None]:
        """See `Door`."""
        return self._submit(self._download(key, outputs, folder))

    def inventory(self, key: JobKey) -> Future[tuple[Inventory, ...]]:
        """See `Door`."""
        return self._ask(self._engine.job_desk.inventory(key))

    def offers(self) -> tuple[Offers, ...]:
        """See `Door`."""
        return self._engine.vendor_desk.offers()

    def submit(self, connection: str, body: str, place: str | None = None, title: str | None = None) -> Future[Job]:
        """See `Door`."""
        return self._ask(self._engine.vendor_desk.submit(connection, Order(body, place), title))

    def again(self, key: JobKey) -> Future[Job]:
        """See `Door`."""
        return self._ask(self._engine.vendor_desk.again(key))

    def discover(self, connection: str) -> Future[tuple[Sighting, ...]]:
        """See `Door`."""
        return self._ask(self._engine.vendor_desk.discover(connection))

    def browse(self, connection: str, place: str, more: str | None = None) -> Future[FilePage]:
        """See `Door`."""
        return self._ask(self._engine.vendor_desk.browse(connection, place, more))

    def attach(self, key: JobKey, outputs: tuple[str, ...]) -> Future[Job]:
        """See `Door`."""
        return self._submit(self._engine.job_desk.attach(key, outputs))

    def hand_over(self, key: JobKey, output: str, folder: Path | None = None) -> Future[Safe]:
        """See `Door`."""
        return self._submit(self._engine.links.hand_over(key, output, folder))

    def hand_over_command(self, key: JobKey, output: str, folder: Path | None = None) -> Future[ToCopy]:
        """See `Door`."""
        return self._ask(self._engine.links.command(key, output, folder))

    def look_inside(self, key: JobKey, output: str) -> Future[Contents]:
        """See `Door`."""
        return self._ask(self._engine.inside.look(key, output))

    def preview(self, key: JobKey, output: str, member: Member) -> Future[Preview]:
        """See `Door`."""
        return self._ask(self._engine.inside.preview(key, output, member))

    def take_members(
        self, key: JobKey, output: str, members: tuple[Member, ...], folder: Path | None = None
    ) -> Future[tuple[TakenMember, ...]]:
        """See `Door`."""
        return self._ask(self._engine.inside.take(key, output, members, folder))

    def unpack(self, key: JobKey, output: str) -> Future[Path]:
        """See `Door`."""
        return self._submit(self._engine.inside.unpack(key, output))

    def download_finished(self) -> Future[Queued]:
        """See `Door`."""
        return self._submit(self._engine.job_desk.download_finished())

    def pause_download(self, download: int) -> Future[None]:
        """See `Door`."""
        return self._submit(self._engine.downloads.pause(download))

    def resume_download(self, download: int) -> Future[None]:
        """See `Door`."""
        return self._submit(self._engine.downloads.resume(download))

    def hurry_download(self, download: int) -> Future[None]:
        """See `Door`."""
        return self._submit(self._engine.downloads.hurry(download))

    def stop_download(self, download: int) -> Future[None]:
        """See `Door`."""
        return self._submit(self._engine.downloads.stop(download))

    def saved_filters(self) -> Mapping[str, str]:
        """See `Door`."""
        return self._engine.config.filters

    def save_filter(self, name: str, text: str) -> Future[Safe]:
        """See `Door`."""
        return self._submit(self._engine.live.save_filter(name, text))

    def connection_forms(self) -> tuple[ConnectionForm, ...]:
        """See `Door`."""
        return connection_forms()

    def connections(self) -> Future[tuple[ConnectionFacts, ...]]:
        """See `Door`."""
        return self._submit(self._engine.connections.facts())

    def mistakes_in(self, draft: ConnectionDraft, replaces: str | None = None) -> tuple[Mistake, ...]:
        """See `Door`."""
        return self._engine.connections.mistakes_in(draft, replaces)

    def drafts_for(self, text: str) -> tuple[ConnectionDraft, ...]:
        """See `Door`."""
        return self._engine.connections.drafts_for(text)

    def save_connection(self, draft: ConnectionDraft, replaces: str | None = None) -> Future[Safe]:
        """See `Door`."""
        return self._submit(self._engine.connections.save(draft, replaces))

    def remove_connection(self, name: str, *, with_jobs: bool) -> Future[Safe]:
        """See `Door`."""
        return self._submit(self._engine.connections.remove(name, with_jobs=with_jobs))

    def check_connection(self, name: str, told: Callable[[Step], None]) -> Future[tuple[Step, ...]]:
        """See `Door`."""
        return self._ask(self._engine.logins.check(name, told))

    def pause_connection(self, name: str, *, on: bool) -> Future[None]:
        """See `Door`."""
        return self._submit(self._pause_connection(name, on=on))

    def keep_secret(self, connection: str, field: str, secret: Secret, *, only_this_run: bool) -> Future[Safe]:
        """See `Door`."""
        logins = self._engine.logins
        return self._submit(logins.keep_secret(connection, field, secret, only_this_run=only_this_run))

    def log_out(self, connection: str) -> Future[None]:
        """See `Door`."""
        return self._submit(self._engine.logins.log_out(connection))

    def unlock_keyring(self, password: Secret) -> Future[None]:
        """See `Door`."""
        return self._submit(self._engine.logins.unlock_keyring(password))

    def keyring_state(self) -> Future[Safe | None]:
        """See `Door`."""
        return self._submit(self._engine.logins.keyring_state())

    def close(self, timeout: float = 2.0) -> None:
        """See `Door`."""
        self._thread.close(timeout)

    async def _open(self) -> None:
        await self._engine.open()
        self._show(self._engine.board)
        await self._set_going(self._engine)

    def _show(self, board: Board) -> None:
        """All of the board now, and later what changes."""
        board.listen(self._hear)
        self._outbox.put(jobs=tuple(board.jobs.values()), downloads=tuple(board.downloads.values()))

    async def _set_going(self, engine: Engine) -> None:
        engine.health.listen(self._hear_health)
        engine.gone.listen(lambda name: self._outbox.put(connections_gone=(name,)))
        engine.told.listen(lambda text: self._outbox.put(told=(text,)))
        engine.slept.listen(lambda slept: self._outbox.put(slept=slept))
        engine.after.on_failure(lambda text: self._outbox.put(told=(text,)))
        engine.notifying.start()
        engine.start()
        engine.downloads.take_up()
        await engine.start_auto()

    async def _let_go(self) -> None:
        await self._engine.close()

    async def _download(self, key: JobKey, outputs: tuple[str, ...], folder: Path | None) -> None:
        await self._engine.job_desk.download(key, outputs, folder)

    async def _pause_connection(self, name: str, *, on: bool) -> None:
        self._engine.connections.pause(name, on=on)

    async def _find_archived(self, wanted: Filter | None) -> int:
        jobs, gone = await self._engine.archivist.show(wanted)
        self._outbox.put(jobs=jobs, gone=gone)
        return len(jobs)

    def _hear(self, change: BoardChange) -> None:
        self._outbox.put(jobs=change.jobs, gone=change.gone, downloads=change.downloads)

    def _hear_health(self, health: ConnectionHealth) -> None:
        self._outbox.put(connections=(health,))

    def _ask(self, work: Coroutine[object, object, _T]) -> Future[_T]:
        """What may be called back, until it calls `no_way_back` itself."""
        return self._submit(work, recallable=True)

    def _submit(self, work: Coroutine[object, object, _T], *, recallable: bool = False) -> Future[_T]:
        return self._thread.submit(work, recallable=recallable)


def in_word(text: str | None) -> Safe | None:
    """Why something is so, harmless for a terminal."""
    return None if text is None else safe_line(text)
