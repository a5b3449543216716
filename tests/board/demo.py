"""What an operator's morning looks like: jobs of all five vendors, and a door to them."""

from __future__ import annotations

from tests.board.fakes import CONNECTIONS, FOLDER, OFFERS, FakeDoor, ago, make_job
from tui.engine.border import inert
from tui.model import (
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
    Safe,
    Snapshot,
    Stage,
    Stat,
    Verified,
)


def _stages(*told: tuple[str, float, float | None]) -> tuple[Stage, ...]:
    return tuple(Stage(name, ago(start), None if end is None else ago(end)) for name, start, end in told)


def demo_jobs() -> list[Job]:
    """What an operator's morning looks like."""
    down = Problem(ProblemKind.UNREACHABLE, Safe("the vendor answered 503"), ago(130), ago(-12))
    wind = Download(
        7,
        JobKey("windfarm:chan-7/20260302"),
        Safe("wind-2026-03.zip"),
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
            snapshot=inert(
                Snapshot(
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
                )
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
            Safe("wind-2026-03 export"),
            snapshot=inert(
                Snapshot(
                    JobState.SUCCEEDED,
                    "3",
                    submitted_at=ago(840),
                    finished_at=ago(200),
                    outputs=(Output("wind-2026-03.zip", size=312_000_000),),
                )
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
                    Safe("result.zip"),
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
        Event(ago(131), first.key, "tracked", Safe("tracked from a pasted URL")),
        Event(ago(127), first.key, "state", Safe("unknown → running (inprogress)")),
    )
    return door
