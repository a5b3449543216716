"""The download tasks of the emulated wind farm, and their status documents."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from tui.emulators.content import Sums, ZipContent
from tui.emulators.parcels import turbines
from tui.emulators.script import Phase, Run, Script

Json = dict[str, object]
CHANNELS = ("ch-0b1c2d", "ch-3e4f50")
FILE_LIFE = 6 * 3600.0
"""Seconds for which a finished task keeps its file."""
EXPIRING = 60.0
"""Seconds that the file takes to go away."""
_NEWER_WORDS = {1: "downloading", 2: "fail"}
_FARMS = ("wind", "solar", "hydro")


@dataclass(slots=True)
class EnosOptions:
    """What the documents leave open; may be changed while it runs."""

    numeric: bool = False
    """Send progressCode and dataSize as numbers instead of strings."""
    as_list: bool = False
    """Wrap `data` in a list."""
    without_size: bool = False
    cancel_at_once: bool = False
    """Answer a cancel with 5 as the 3.x edition does, instead of 4."""
    newer_words: bool = False
    """The `progressDesc` of the 3.x edition."""
    no_url: Literal["null", "absent", "empty"] = "null"
    """How `downloadUrl` looks while there is no file."""
    strange_code: int | str | None = None
    """A `progressCode` that no page documents, sent for tasks that run."""
    channels_stopped: bool = False
    """Refuse new tasks with 81400, as for a channel that is not started."""
    internal_error: bool = False
    """Answer every call with 81500."""
    without_request_id: bool = False


@dataclass(frozen=True)
class Task:
    """One download task; `file_life` is the seconds for which its file stays."""

    channel: str
    id: str
    run: Run
    sums: Sums
    file_life: float = FILE_LIFE

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.sums.content.file_name.removesuffix('.zip')} export"

    @property
    def path(self) -> str:
        """The part of its addresses that names it."""
        return f"/channels/read/{self.channel}/download/{self.id}"


def task(rng: random.Random, script: Script, size: int, *, name: str = "", file_life: float = FILE_LIFE) -> Task:
    """A task with that life and about that many bytes of result."""
    title = name or f"{rng.choice(_FARMS)}-2026-{rng.randint(1, 12):02d}"
    content: ZipContent = turbines(str(rng.getrandbits(64)), title, size)
    return Task(rng.choice(CHANNELS), f"{rng.getrandbits(128):032x}", Run(script), Sums(content), file_life)


def opening(rng: random.Random) -> dict[str, Task]:
    """The tasks that are under way when the world starts, by what happens to them."""
    return {
        "quick": task(rng, Script(-1, 3, (8.0,)), 1_200_000, name="wind-2026-03"),
        "failing": task(rng, Script(-3, 5, (14.0,), succeeds=False), 1),
        "second": task(rng, Script(-6, 4, (22.0,)), 60_000_000, name="wind-2026-02"),
        "done": task(rng, Script(-700, 30, (300.0,)), 25_000, name="solar-2026-01"),
        "expiring": task(rng, Script(-200, 10, (215.0,)), 400_000, file_life=60.0),
        "waiting": task(rng, Script(-20, 120, (60.0,)), 3_000_000),
        "slow": task(rng, Script(-90, 20, (1500.0,), cancel_takes=6.0), 250_000_000, name="wind-2025"),
    }


def newcomer(rng: random.Random, born: float) -> Task:
    """A task that somebody else has started."""
    script = Script(born, rng.uniform(1, 20), (rng.uniform(8, 120),), succeeds=rng.random() < 0.85)
    return task(rng, script, int(10 ** rng.uniform(4.1, 7.6)))


def progress(job: Task, now: float) -> tuple[int, str]:
    """`progressCode` and `progressDesc` (section 3.2, 2.x)."""
    beat = job.run.beat(now)
    if beat.phase is Phase.SUCCEEDED:
        past = now - job.run.end - job.file_life
        if past >= EXPIRING:
            return 7, "deleted"
        return (6, "deleting") if past >= 0 else (3, "success")
    return {
        Phase.WAITING: (0, "waiting"),
        Phase.RUNNING: (1, "running"),
        Phase.FAILED: (2, "failed"),
        Phase.CANCELLING: (4, "cancelling"),
        Phase.CANCELLED: (5, "cancelled"),
    }[beat.phase]


def callback(job: Task, now: float, data_url: str) -> Json:
    """What is posted to a task's `callbackURL` when it is over (section 3.1): all of it texts."""
    if progress(job, now)[0] == 3:
        size = str(job.sums.content.size)
        return {"id": job.id, "returnCode": "0", "download_url": data_url, "dataSize": size}
    return {"id": job.id, "returnCode": "1", "log_url": data_url.removesuffix("/data") + "/log", "dataSize": "0"}


def _shown(code: int, options: EnosOptions) -> int | str:
    if code == 1 and options.strange_code is not None:
        return options.strange_code
    return code if options.numeric else str(code)


def status(job: Task, now: float, data_url: str, options: EnosOptions) -> Json | list[Json]:
    """The `data` of a status reply."""
    code, text = progress(job, now)
    if options.newer_words:
        text = _NEWER_WORDS.get(code, text)
    size = job.sums.content.size if code == 3 else None
    data: Json = {
        "taskId": job.id,
        "progressCode": _shown(code, options),
        "progressDesc": text,
        "downloadUrl": data_url if code == 3 else None,
        "dataSize": size if options.numeric or size is None else str(size),
    }
    if code != 3 and options.no_url == "empty":
        data["downloadUrl"] = ""
    if code != 3 and options.no_url == "absent":
        del data["downloadUrl"]
    if options.without_size:
        del data["dataSize"]
    return [data] if options.as_list else data
