"""An engine in memory for the board's tests, and believable jobs of all five vendors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from tests.clock import START, FakeClock
from tui.engine.door import Action, Changes, FilePage, Offers, Sighting, TrackWish
from tui.errors import JobdeckError, UsageError
from tui.model import (
    Condition,
    ConnectionHealth,
    Download,
    DownloadState,
    Event,
    Job,
    JobKey,
    JobState,
    Output,
    OutputKind,
    Problem,
    ProblemKind,
    Reference,
    Snapshot,
    Stage,
    Stat,
    Verified,
)

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
        self.calls: list[tuple[str, object]] = []
        self.reasons: dict[tuple[Action, JobKey], str] = {}
        self.refuses: JobdeckError | None = None
        self.holds = False
        self.offered: tuple[Offers, ...] = ()
        self.sightings: tuple[Sighting, ...] = ()
        self.pages: dict[str | None, FilePage] = {}
        self._held: list[Callable[[], None]] = []
        self.events: dict[JobKey, tuple[Event, ...]] = {}
        self.report_text = REPORT
        self.focused: JobKey | None = None
        self._wake: Callable[[], None] = lambda: None
        self._pending = Changes(tuple(self.jobs.values()), (), tuple(connections), ())

    # ── what a test does with it ──

    def tell(self, changes: Changes) -> None:
        """The engine has news."""
        was_empty = not self._pending
        self.jobs |= {job.key: job for job in changes.jobs}
        for key in changes.gone:
            self.jobs.pop(key, None)
        old = self._pending
        self._pending = Changes(
            old.jobs + changes.jobs,
            old.gone + changes.gone,
            old.connections + changes.connections,
            old.downloads + changes.downloads,
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

    def why_not(self, action: Action, job: Job) -> str | None:
        files = [one for one in job.snapshot.outputs if one.kind is OutputKind.FILE]
        rules = (
            (Action.CANCEL, job.state.is_over, "the job is over"),
            (Action.CANCEL, job.vendor == "jaggaer", "JAGGAER knows no cancel"),
            (Action.REPORT, not (job.snapshot.has_report or job.report), "the vendor keeps no report of this job"),
            (Action.DOWNLOAD, not job.state.is_over, "the job still runs"),
            (Action.DOWNLOAD, not files, "the job has no files"),
        )
        reasons = (reason for asked, holds, reason in rules if asked is action and holds)
        return self.reasons.get((action, job.key)) or next(reasons, None)

    def _grant(self, name: str, wish: object, result: T) -> Future[T]:
        self.calls.append((name, wish))
        if self.holds:
            promised: Future[T] = Future()
            self._held.append(lambda: promised.set_result(result))
            return promised
        return failed(self.refuses) if self.refuses is not None else done(result)

    def track(self, wish: TrackWish) -> Future[Job]:
        job = Job(wish.connection or "aps-prod", "autodesk", Reference(wish.text[:40]), START, wish.title)
        if self.refuses is None:
            self.tell(Changes(jobs=(job,)))
        return self._grant("track", wish, job)

    def untrack(self, keys: Iterable[JobKey]) -> Future[tuple[Job, ...]]:
        gone = tuple(self.jobs[key] for key in keys)
        if self.refuses is None:
            self.tell(Changes(gone=tuple(job.key for job in gone)))
        return self._grant("untrack", tuple(job.key for job in gone), gone)

    def restore(self, jobs: Iterable[Job]) -> Future[None]:
        back = tuple(jobs)
        self.tell(Changes(jobs=back))
        return self._grant("restore", tuple(job.key for job in back), None)

    def refresh(self, keys: Iterable[JobKey]) -> Future[None]:
        return self._grant("refresh", tuple(keys), None)

    def focus(self, key: JobKey | None) -> None:
        self.focused = key

    def cancel(self, key: JobKey) -> Future[None]:
        return self._grant("cancel", key, None)

    def report(self, key: JobKey, *, again: bool = False) -> Future[str]:
        return self._grant("report", key, self.report_text)

    def history(self, key: JobKey) -> Future[tuple[Event, ...]]:
        return self._grant("history", key, self.events.get(key, ()))

    def download(self, key: JobKey, outputs: tuple[str, ...] = (), folder: Path | None = None) -> Future[None]:
        return self._grant("download", (key, outputs), None)

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

    def hand_over(self, key: JobKey, output: str, folder: Path | None = None) -> Future[str]:
        return self._grant("hand_over", (key, output, folder), "saved")

    def stop_download(self, download: int) -> Future[None]:
        return self._grant("stop_download", download, None)

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
        given_title=title or f"job {number:04d}",
        snapshot=replace(snapshot, **more),  # type: ignore[arg-type]  # any field of a snapshot
        checked_at=ago(checked),
        fresh_until=ago(-fresh),
        problem=problem,
        downloads=downloads,
    )


def make_jobs(count: int, state: JobState = JobState.RUNNING) -> list[Job]:
    return [make_job(number, state) for number in range(count)]


CONNECTIONS = (
    ConnectionHealth("aps-prod", "autodesk", "Autodesk APS", Condition.OK, latency=0.21),
    ConnectionHealth("windfarm", "enos", "EnOS", Condition.OK, latency=0.4),
    ConnectionHealth(
        "orchestrator", "aspera", "Aspera", Condition.DOWN, "503", since=ago(130), next_try_at=ago(-12), plain_http=True
    ),
    ConnectionHealth("sourcing", "jaggaer", "JAGGAER", Condition.OK),
    ConnectionHealth("plant", "octoplant", "octoplant", Condition.OK, insecure=True),
)

OFFERS = (
    Offers("aps-prod", "autodesk", submit=True, discover=True, browse=True),
    Offers("windfarm", "enos", submit=True, discover=False, browse=False),
    Offers("orchestrator", "aspera", submit=True, discover=True, browse=False),
    Offers("sourcing", "jaggaer", submit=True, discover=False, browse=False),
    Offers("plant", "octoplant", submit=True, discover=False, browse=False),
)

FOLDER = Path("/home/ops/Downloads/jobdeck")


def _stages(*told: tuple[str, float, float | None]) -> tuple[Stage, ...]:
    return tuple(Stage(name, ago(start), None if end is None else ago(end)) for name, start, end in told)


def demo_jobs() -> list[Job]:
    """What an operator's morning looks like."""
    down = Problem(ProblemKind.UNREACHABLE, "the vendor answered 503", ago(130), ago(-12))
    wind = Download(
        7,
        JobKey("windfarm:chan-7/20260302"),
        "wind-2026-03.zip",
        FOLDER,
        DownloadState.RUNNING,
        bytes=194_000_000,
        size=312_000_000,
        speed=41_200_000,
    )
    return [
        Job(
            "aps-prod",
            "autodesk",
            Reference("0f3c9a1e-7d42-4c7b-9f5e-1f2a3b4c5d6e"),
            ago(131),
            snapshot=Snapshot(
                JobState.RUNNING,
                "inprogress",
                title="acme.ExportFbx+prod",
                submitted_at=ago(131),
                started_at=ago(127),
                stages=_stages(("queued", 131, 127), ("download", 127, 125.4), ("run", 125.4, None)),
                stats=(Stat("bytes_downloaded", 56546),),
                outputs=(Output("acme-out/model.fbx"),),
                has_report=True,
                raw='{"status":"inprogress","stats":{"timeQueued":"2026-03-02T08:12:49Z","bytesDownloaded":56546},"id":"0f3c"}',
            ),
            checked_at=ago(1),
            next_check_at=ago(-4),
            fresh_until=ago(-30),
            changed_at=ago(125),
        ),
        make_job(2, JobState.WAITING, title="acme.PlotPdf+prod", status="pending", submitted=12, has_report=False),
        Job(
            "windfarm",
            "enos",
            Reference("chan-7/20260302"),
            ago(840),
            "wind-2026-03 export",
            snapshot=Snapshot(
                JobState.SUCCEEDED,
                "3",
                submitted_at=ago(840),
                finished_at=ago(200),
                outputs=(Output("wind-2026-03.zip", size=312_000_000),),
            ),
            checked_at=ago(3),
            downloads=(wind,),
        ),
        make_job(
            4,
            title="turbine alarms 2025 → parquet",
            connection="windfarm",
            vendor="enos",
            status="1",
            submitted=95,
            progress=0.62,
        ),
        make_job(
            5,
            JobState.FAILED,
            title="Ingest 07 / Package clip",
            connection="orchestrator",
            vendor="aspera",
            status="Error",
            submitted=3720,
            checked=135,
            notice="FASPEX refused the package",
        ),
        make_job(
            6,
            title="Ingest 08 / Transcode ProRes 4444 → H.264 proxies",
            connection="orchestrator",
            vendor="aspera",
            status="In Progress",
            submitted=1500,
            checked=135,
            fresh=-75,
            problem=down,
            progress=0.3,
        ),
        make_job(
            7,
            JobState.WAITING,
            title="夜間バックアップ検証ジョブ 東京工場",
            connection="orchestrator",
            vendor="aspera",
            status="Waiting",
            submitted=600,
            checked=140,
            fresh=-80,
            problem=down,
            notice="waiting for user input",
        ),
        make_job(
            8,
            JobState.SUCCEEDED,
            title="RFQ 4711 bid documents",
            connection="sourcing",
            vendor="jaggaer",
            status="completed",
            submitted=5400,
            outputs=(Output("result.zip", size=7_340_032),),
            downloads=(
                Download(
                    3,
                    JobKey("sourcing:id-0008"),
                    "result.zip",
                    FOLDER,
                    DownloadState.DONE,
                    path=FOLDER / "result.zip",
                    bytes=7_340_032,
                    size=7_340_032,
                    verified=Verified.ZIP,
                ),
            ),
        ),
        make_job(
            9,
            JobState.EXPIRED,
            title="RFQ 4699 bid documents",
            connection="sourcing",
            vendor="jaggaer",
            status="completed",
            submitted=90_000,
            notice="the vendor's link is over",
        ),
        make_job(10, title="Export Line 3 PLC", connection="plant", vendor="octoplant", status="Running", submitted=42),
        make_job(
            11,
            JobState.SUCCEEDED,
            title="Compare Line 1 against backup",
            connection="plant",
            vendor="octoplant",
            status="Finished",
            submitted=7600,
            outputs=(
                Output("report", kind=OutputKind.PATH, value="D:\\vdServerArchive\\Export\\line1.zip"),
                Output("line1.zip", size=1_204_000),
                Output("line1.log", size=18_300),
            ),
        ),
        make_job(12, JobState.CANCELLED, title="acme.Purge+prod", status="cancelled", submitted=9000, has_report=True),
    ]


def demo_door(extra: int = 0) -> FakeDoor:
    """A door with the demo's jobs, and some more of one kind behind them."""
    more = [make_job(100 + number, JobState.SUCCEEDED, submitted=12_000 + 300 * number) for number in range(extra)]
    door = FakeDoor([*demo_jobs(), *more], CONNECTIONS)
    door.offered = OFFERS
    first = demo_jobs()[0]
    door.events[first.key] = (
        Event(ago(131), first.key, "tracked", "tracked from a pasted URL"),
        Event(ago(127), first.key, "state", "unknown → running (inprogress)"),
    )
    return door


def a_clock() -> FakeClock:
    return FakeClock()
