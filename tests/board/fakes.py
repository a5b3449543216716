"""An engine in memory for the board's tests, and believable jobs of all five vendors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from tests.board import accounts
from tests.clock import START, FakeClock
from tui import vendors
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
from tui.engine.host import in_word
from tui.errors import JobdeckError, UsageError
from tui.filter import Filter
from tui.model import (
    Condition,
    ConnectionHealth,
    Download,
    Event,
    Job,
    JobKey,
    JobState,
    Output,
    OutputKind,
    Problem,
    Reference,
    Safe,
    Secret,
    Snapshot,
)
from tui.text import safe_line
from tui.vendors.contract import Submits

T = TypeVar("T")

REPORT = "\n".join(
    [
        "[03/02/2026 08:15:05] Job information:",
        '"CmdLine": ["$(engine.path)\\\\accoreconsole.exe /i input.dwg /s export.scr"]',
        *(f"[03/02/2026 08:15:{second:02d}] AutoCAD: layer {second} exported" for second in range(6, 56)),
        "[03/02/2026 08:15:57] Error: optional file plot.pdf was not produced",
        "[03/02/2026 08:15:58] Job finished with result Succeeded.",
    ]
)


def done(result: T) -> Future[T]:
    future: Future[T] = Future()
    future.set_result(result)
    return future


def failed(error: JobdeckError) -> Future[T]:
    future: Future[T] = Future()
    future.set_exception(error)
    return future


class FakeDoor:
    """Satisfies `Door`. Wishes are granted at once; `refuses` makes them fail, `holds` keeps them open."""

    def __init__(self, jobs: Iterable[Job] = (), connections: Iterable[ConnectionHealth] = ()) -> None:
        self.jobs = {job.key: job for job in jobs}
        self.saved: dict[str, str] = {}
        self.calls: list[tuple[str, object]] = []
        self.reasons: dict[tuple[Action, JobKey], str] = {}
        self.refuses: JobdeckError | None = None
        self.holds = False
        self.sent: frozenset[str] = frozenset()
        """What cannot be called back while it is held."""
        self.offered: tuple[Offers, ...] = ()
        self.inventories: tuple[Inventory, ...] = ()
        self.cut: CutOff | None = None
        self.kept = "orchestrator/password is kept in the keyring (Secret Service)"
        self.sightings: tuple[Sighting, ...] = ()
        self.pages: dict[str | None, FilePage] = {}
        self.contents = Contents()
        self.queued = Queued(3, 2)
        self.refreshed: Refreshed | None = None
        """What came of a refresh; None for an answer of each."""
        self.previewed = Preview(Safe("text"), Safe("hello"))
        self.facts: tuple[ConnectionFacts, ...] = (accounts.PLANT, accounts.ORCHESTRATOR)
        self.steps: tuple[Step, ...] = accounts.STEPS
        self.mistakes: dict[str, str] = {}
        self.guesses: tuple[ConnectionDraft, ...] = ()
        self.keyring_trouble: str | None = None
        self.shelved: dict[JobKey, Job] = {}
        self._held: list[Callable[[], None]] = []
        self.events: dict[JobKey, tuple[Event, ...]] = {}
        self.report_text = REPORT
        self.focused: JobKey | None = None
        self.not_asked: dict[JobKey, str] = {}
        self.silent: dict[str, str] = {}
        self._wake: Callable[[], None] = lambda: None
        self._pending = Changes(jobs=tuple(self.jobs.values()), connections=tuple(connections))

    # ── what a test does with it ──

    def tell(self, changes: Changes) -> None:
        """The engine has news."""
        was_empty = not self._pending
        self.jobs |= {job.key: job for job in changes.jobs}
        for key in changes.gone:
            self.jobs.pop(key, None)
        old = self._pending
        self._pending = Changes(
            jobs=old.jobs + changes.jobs,
            gone=old.gone + changes.gone,
            connections=old.connections + changes.connections,
            connections_gone=old.connections_gone + changes.connections_gone,
            downloads=old.downloads + changes.downloads,
            told=old.told + changes.told,
            slept=changes.slept or old.slept,
        )
        if was_empty:
            self._wake()

    def release(self) -> None:
        """Grant what was held."""
        self.holds = False
        for grant in self._held:
            grant()
        self._held.clear()

    def names(self) -> list[str]:
        """The wishes so far, by name."""
        return [name for name, _ in self.calls]

    # ── Door ──

    def on_changes(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def drain(self) -> Changes:
        taken, self._pending = self._pending, Changes()
        return taken

    def why_not(self, action: Action, job: Job) -> Safe | None:
        files = [one for one in job.snapshot.outputs if one.kind is OutputKind.FILE]
        rules = (
            (Action.CANCEL, job.state.is_over, "the job is over"),
            (Action.CANCEL, job.vendor == "jaggaer", "JAGGAER knows no cancel"),
            (Action.RESET, job.vendor != "aspera", "the vendor knows no reset"),
            (Action.RESET, not job.state.is_over, "the job is not over"),
            (Action.REPORT, not (job.snapshot.has_report or job.report), "the vendor keeps no report of this job"),
            (Action.DOWNLOAD, not job.state.is_over, "the job still runs"),
            (Action.DOWNLOAD_NAMED, not job.state.is_over, "the job still runs"),
            (Action.DOWNLOAD, files and not job.results, "its files are fetched by name only"),
            (Action.DOWNLOAD_NAMED, not files, "the job has no files"),
            (Action.DOWNLOAD, not files, "the job has no files"),
        )
        reasons = (reason for asked, holds, reason in rules if asked is action and holds)
        return in_word(self.reasons.get((action, job.key)) or next(reasons, None))

    def _grant(self, name: str, wish: object, result: T) -> Future[T]:
        self.calls.append((name, wish))
        if self.holds:
            promised: Future[T] = Future()
            if name in self.sent:
                promised.set_running_or_notify_cancel()
            self._held.append(lambda: self._settle(promised, result))
            return promised
        return failed(self.refuses) if self.refuses is not None else done(result)

    def _settle(self, promised: Future[T], result: T) -> None:
        if promised.cancelled():
            return
        if self.refuses is None:
            promised.set_result(result)
        else:
            promised.set_exception(self.refuses)

    def track(self, wish: TrackWish) -> Future[Job]:
        job = Job(
            wish.connection or "aps-prod",
            "autodesk",
            Reference(wish.text[:40]),
            START,
            safe_line(wish.title) if wish.title else None,
        )
        if self.refuses is None:
            self.tell(Changes(jobs=(job,)))
        return self._grant("track", wish, job)

    def cut_off(self, wish: TrackWish) -> CutOff | None:
        return self.cut if "password=" in wish.text else None

    def keep(self, wish: TrackWish) -> Future[Safe]:
        return self._grant("keep", wish, Safe(self.kept))

    def untrack(self, keys: Iterable[JobKey]) -> Future[tuple[Job, ...]]:
        gone = tuple(self.jobs[key] for key in keys)
        if self.refuses is None:
            self.tell(Changes(gone=tuple(job.key for job in gone)))
        return self._grant("untrack", tuple(job.key for job in gone), gone)

    def archive(self, keys: Iterable[JobKey]) -> Future[tuple[Job, ...]]:
        gone = tuple(replace(self.jobs[key], archived_at=START) for key in keys)
        self.shelved |= {job.key: job for job in gone}
        if self.refuses is None:
            self.tell(Changes(gone=tuple(job.key for job in gone)))
        return self._grant("archive", tuple(job.key for job in gone), gone)

    def bring_back(self, keys: Iterable[JobKey]) -> Future[tuple[Job, ...]]:
        back = tuple(replace(self.shelved.pop(key), archived_at=None) for key in keys)
        self.tell(Changes(jobs=back))
        return self._grant("bring_back", tuple(job.key for job in back), back)

    def find_archived(self, wanted: Filter | None) -> Future[int]:
        found = [] if wanted is None else [job for job in self.shelved.values() if wanted.matches(job, START)]
        gone = tuple(key for key in self.shelved if key not in {job.key for job in found})
        self.tell(Changes(jobs=tuple(found), gone=gone))
        return self._grant("find_archived", wanted, len(found))

    def restore(self, jobs: Iterable[Job]) -> Future[None]:
        back = tuple(jobs)
        if self.refuses is None:
            self.tell(Changes(jobs=back))
        return self._grant("restore", tuple(job.key for job in back), None)

    def refresh(self, keys: Iterable[JobKey]) -> Future[Refreshed]:
        asked = tuple(keys)
        came = self.refreshed or Refreshed(answered=tuple(self.jobs[key] for key in asked))
        return self._grant("refresh", asked, came)

    def set_alert(self, keys: Iterable[JobKey], *, on: bool) -> Future[None]:
        jobs = tuple(replace(self.jobs[key], alert=on) for key in keys)
        if self.refuses is None:
            self.tell(Changes(jobs=jobs))
        return self._grant("set_alert", (tuple(job.key for job in jobs), on), None)

    def allow_changes(self, *, on: bool) -> None:
        self.calls.append(("allow_changes", on))

    def status_command(self, key: JobKey) -> Future[Safe]:
        return self._grant("status_command", key, Safe(f"curl https://vendor.example/{key}"))

    def link(self, key: JobKey, output: str) -> Future[ToCopy]:
        return self._grant(
            "link", (key, output), ToCopy(Secret("fasp://host/?token=canary"), Safe(f"the link {output}"))
        )

    def why_not_asked(self, key: JobKey) -> Safe | None:
        return in_word(self.not_asked.get(key))

    def why_silent(self, connection: str) -> Safe | None:
        return in_word(self.silent.get(connection))

    def focus(self, key: JobKey | None) -> None:
        self.focused = key

    def cancel(self, key: JobKey) -> Future[None]:
        return self._grant("cancel", key, None)

    def reset(self, key: JobKey) -> Future[None]:
        return self._grant("reset", key, None)

    def report(self, key: JobKey, *, again: bool = False) -> Future[Safe]:
        return self._grant("report", key, Safe(self.report_text))

    def history(self, key: JobKey) -> Future[tuple[Event, ...]]:
        return self._grant("history", key, self.events.get(key, ()))

    def download(self, key: JobKey, outputs: tuple[str, ...] = (), folder: Path | None = None) -> Future[None]:
        return self._grant("download", (key, outputs), None)

    def inventory(self, key: JobKey) -> Future[tuple[Inventory, ...]]:
        return self._grant("inventory", key, self.inventories)

    def offers(self) -> tuple[Offers, ...]:
        return self.offered

    def submit(self, connection: str, body: str, place: str | None = None, title: str | None = None) -> Future[Job]:
        job = make_job(900, connection=connection, title=title)
        if self.refuses is None:
            self.tell(Changes(jobs=(job,)))
        return self._grant("submit", (connection, body, place, title), job)

    def again(self, key: JobKey) -> Future[Job]:
        return self._grant("again", key, make_job(901))

    def discover(self, connection: str) -> Future[tuple[Sighting, ...]]:
        return self._grant("discover", connection, self.sightings)

    def browse(self, connection: str, place: str, more: str | None = None) -> Future[FilePage]:
        return self._grant("browse", (connection, place, more), self.pages.get(more, FilePage(())))

    def attach(self, key: JobKey, outputs: tuple[str, ...]) -> Future[Job]:
        return self._grant("attach", (key, outputs), self.jobs[key])

    def hand_over(self, key: JobKey, output: str, folder: Path | None = None) -> Future[Safe]:
        return self._grant("hand_over", (key, output, folder), Safe("saved"))

    def hand_over_command(self, key: JobKey, output: str, folder: Path | None = None) -> Future[ToCopy]:
        copied = ToCopy(Secret(" TS=token-canary ascli download"), Safe("the ascli command"))
        return self._grant("hand_over_command", (key, output, folder), copied)

    def look_inside(self, key: JobKey, output: str) -> Future[Contents]:
        return self._grant("look_inside", (key, output), self.contents)

    def preview(self, key: JobKey, output: str, member: Member) -> Future[Preview]:
        return self._grant("preview", (key, output, member.number), self.previewed)

    def take_members(
        self, key: JobKey, output: str, members: tuple[Member, ...], folder: Path | None = None
    ) -> Future[tuple[TakenMember, ...]]:
        taken = tuple(TakenMember(one.name, FOLDER / one.name, one.size) for one in members)
        return self._grant("take_members", (key, output, tuple(one.number for one in members)), taken)

    def unpack(self, key: JobKey, output: str) -> Future[Path]:
        return self._grant("unpack", (key, output), FOLDER / "unpacked")

    def download_finished(self) -> Future[Queued]:
        return self._grant("download_finished", None, self.queued)

    def pause_download(self, download: int) -> Future[None]:
        return self._grant("pause_download", download, None)

    def resume_download(self, download: int) -> Future[None]:
        return self._grant("resume_download", download, None)

    def hurry_download(self, download: int) -> Future[None]:
        return self._grant("hurry_download", download, None)

    def stop_download(self, download: int) -> Future[None]:
        return self._grant("stop_download", download, None)

    def saved_filters(self) -> Mapping[str, str]:
        return self.saved

    def save_filter(self, name: str, text: str) -> Future[Safe]:
        if self.refuses is None:
            self.saved[name] = text
        return self._grant("save_filter", (name, text), Safe(f"kept: @{name}"))

    def connection_forms(self) -> tuple[ConnectionForm, ...]:
        return accounts.FORMS

    def connections(self) -> Future[tuple[ConnectionFacts, ...]]:
        return done(self.facts)

    def mistakes_in(self, draft: ConnectionDraft, replaces: str | None = None) -> tuple[Mistake, ...]:
        """`mistakes` are sentences by what was typed; `base_url` is needed."""
        typed = {"name": draft.name, "base_url": "", **dict(draft.settings)}
        found = [Mistake(name, Safe(self.mistakes[value])) for name, value in typed.items() if value in self.mistakes]
        missing = [] if typed["base_url"] else [Mistake("base_url", Safe("base_url is missing"))]
        return (*found, *missing)

    def drafts_for(self, text: str) -> tuple[ConnectionDraft, ...]:
        return self.guesses

    def save_connection(self, draft: ConnectionDraft, replaces: str | None = None) -> Future[Safe]:
        return self._grant("save_connection", (draft, replaces), Safe(f"{draft.name} is written to config.toml"))

    def remove_connection(self, name: str, *, with_jobs: bool) -> Future[Safe]:
        if self.refuses is None:
            self.facts = tuple(one for one in self.facts if one.name != name)
        return self._grant("remove_connection", (name, with_jobs), Safe(f"{name} is removed; a secret stays"))

    def check_connection(self, name: str, told: Callable[[Step], None]) -> Future[tuple[Step, ...]]:
        for step in self.steps:
            told(step)
        return self._grant("check_connection", name, self.steps)

    def pause_connection(self, name: str, *, on: bool) -> Future[None]:
        return self._grant("pause_connection", (name, on), None)

    def keep_secret(self, connection: str, field: str, secret: Secret, *, only_this_run: bool) -> Future[Safe]:
        where = "for this run" if only_this_run else "in the keyring"
        return self._grant("keep_secret", (connection, field, secret, only_this_run), Safe(f"{field} kept {where}"))

    def log_out(self, connection: str) -> Future[None]:
        return self._grant("log_out", connection, None)

    def unlock_keyring(self, password: Secret) -> Future[None]:
        if self.refuses is None:
            self.keyring_trouble = None
        return self._grant("unlock_keyring", password, None)

    def keyring_state(self) -> Future[Safe | None]:
        return done(in_word(self.keyring_trouble))

    def close(self, timeout: float = 2.0) -> None:
        self.calls.append(("close", timeout))


def wrong_ref() -> UsageError:
    return UsageError("no vendor knows this form of id", hint="give the connection with it")


# ── jobs ──


def ago(seconds: float) -> datetime:
    return START - timedelta(seconds=seconds)


def make_job(
    number: int,
    state: JobState = JobState.RUNNING,
    *,
    title: str | None = None,
    connection: str = "aps-prod",
    vendor: str = "autodesk",
    submitted: float | None = None,
    status: str = "",
    checked: float = 2,
    fresh: float = 60,
    problem: Problem | None = None,
    downloads: tuple[Download, ...] = (),
    outputs: tuple[Output, ...] = (),
    **more: object,
) -> Job:
    """A job with an id made of its number; times are seconds before START."""
    begun = submitted if submitted is not None else 60.0 * number
    snapshot = Snapshot(
        state=state,
        vendor_status=status or state.value,
        submitted_at=ago(begun),
        finished_at=ago(begun / 2) if state.is_over else None,
        outputs=outputs,
    )
    return Job(
        connection=connection,
        vendor=vendor,
        ref=Reference(f"id-{number:04d}"),
        tracked_at=ago(begun),
        given_title=Safe(title or f"job {number:04d}"),
        snapshot=replace(snapshot, **more),  # type: ignore[arg-type]  # any field of a snapshot
        checked_at=ago(checked),
        fresh_until=ago(-fresh),
        problem=problem,
        downloads=downloads,
    )


def make_jobs(count: int, state: JobState = JobState.RUNNING) -> list[Job]:
    return [make_job(number, state) for number in range(count)]


CONNECTIONS = (
    ConnectionHealth("aps-prod", "autodesk", Safe("Autodesk APS"), Condition.OK, latency=0.21),
    ConnectionHealth("windfarm", "enos", Safe("EnOS"), Condition.OK, latency=0.4),
    ConnectionHealth(
        "orchestrator",
        "aspera",
        Safe("Aspera"),
        Condition.DOWN,
        Safe("503"),
        since=ago(130),
        next_try_at=ago(-12),
        plain_http=True,
    ),
    ConnectionHealth("sourcing", "jaggaer", Safe("JAGGAER"), Condition.OK),
    ConnectionHealth("plant", "octoplant", Safe("octoplant"), Condition.OK, insecure=True),
)


def offer(connection: str, vendor: str, *, submit: bool = True, discover: bool = False, browse: bool = False) -> Offers:
    """What a connection of a real vendor is offered for, its form to start a job from the vendor itself."""
    known = vendors.load(vendor)
    form = known.order_form if submit and isinstance(known, Submits) else None
    return Offers(connection, vendor, form, discover, browse)


OFFERS = (
    offer("aps-prod", "autodesk", discover=True, browse=True),
    offer("windfarm", "enos"),
    offer("orchestrator", "aspera", discover=True),
    offer("sourcing", "jaggaer"),
    offer("plant", "octoplant"),
)

FOLDER = Path("/home/ops/Downloads/jobdeck")


def a_clock() -> FakeClock:
    return FakeClock()
