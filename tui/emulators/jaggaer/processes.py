"""The asynchronous processes of the emulated sourcing service, and their status documents."""

from __future__ import annotations

import math
import random
from base64 import b64encode
from dataclasses import dataclass
from enum import Enum, auto
from uuid import UUID

from tui.emulators.parcels import bids
from tui.emulators.script import Phase, Run, Script
from tui.emulators.store import Store
from tui.emulators.worldtime import WorldTime

Json = dict[str, object]
BUCKET = "demo.async-results"
HOUR = 3600
RESULT_LIFE = 300
"""Seconds that the vendor's own result links live."""


class StartShape(Enum):
    """How the answer of a start names the process; no document tells."""

    URL = auto()
    PID = auto()
    LOCATION = auto()


@dataclass(slots=True)
class JaggaerOptions:
    """What the vendor leaves open; may be changed while it runs."""

    strict: bool = False
    """Answer 406 unless Accept is the documented media type."""
    resign: bool = False
    """Sign the result's link anew at each poll, instead of once when it is ready."""
    status_life: int = 24 * HOUR
    """Seconds for which the status URL of a process answers."""
    extra_field: bool = False
    """Add a field that no document names."""
    sparse: bool = False
    """Do not tell how long a result's link lives."""
    result_life: int | None = None
    """Seconds that every result's link lives; None for each process its own."""
    late: int = 0
    """So many tries find the result's file missing, from the first `completed` on."""
    word: str | None = None
    """What to say in place of `processing`."""
    start_shape: StartShape = StartShape.URL


@dataclass(frozen=True)
class Process:
    """One process; `result_life` is the seconds for which its result's link lives."""

    pid: str
    run: Run
    key: str
    size: int
    result_life: int = RESULT_LIFE

    @property
    def title(self) -> str:
        """What people call it."""
        return f"Bids of event {self.key[4:10]}"


def process(rng: random.Random, run: Run, size: int, result_life: int = RESULT_LIFE) -> Process:
    """A process with that life and about that many bytes of result."""
    uuid = UUID(int=rng.getrandbits(128), version=4)
    pid = b64encode(f"ees:{rng.randrange(10**7):07d}".encode()).decode()
    return Process(pid, run, f"EES_{rng.randrange(10**6):06d}_{uuid}", size, result_life)


def opening(rng: random.Random) -> dict[str, Process]:
    """The processes that are under way when the world starts, by what happens to them."""
    return {
        "quick": process(rng, Run(Script(-2, 0, (12.0,))), 700_000, 6 * HOUR),
        "failing": process(rng, Run(Script(-4, 0, (17.0,), succeeds=False)), 1),
        "reply": process(rng, Run(Script(-1, 0, (22.0,))), 30_000_000, 6 * HOUR),
        "done": process(rng, Run(Script(-900, 0, (840.0,))), 15_000, 6 * HOUR),
        "cancelled": process(rng, Run(Script(-9, 0, (400.0,), cancel_takes=1.0), cancelled_at=45.0), 1),
        "brief": process(rng, Run(Script(-30, 0, (60.0,))), 2_000_000, 90),
        "slow": process(rng, Run(Script(-120, 0, (1400.0,))), 120_000_000, HOUR),
    }


def newcomer(rng: random.Random, born: float) -> Process:
    """A process that somebody else has started."""
    script = Script(born, 0, (rng.uniform(12, 120),), succeeds=rng.random() < 0.8)
    cancelled_at = born + 10 if rng.random() < 0.08 else None
    return process(rng, Run(script, cancelled_at=cancelled_at), int(10 ** rng.uniform(4.1, 7.3)), 30 * 60)


def keep_result(store: Store, job: Process) -> None:
    """Put the result where its link will lead."""
    store.put(BUCKET, job.key, bids(job.key, f"bids-{job.key[4:10]}", job.size))


def replace_result(store: Store, job: Process) -> None:
    """Put another file of about that size under the same key, as a rerun would."""
    store.put(BUCKET, job.key, bids(f"{job.key} again", f"bids-{job.key[4:10]}", job.size))


def status(job: Process, time: WorldTime, store: Store, options: JaggaerOptions) -> Json:
    """The status document of section 3: exactly the documented fields."""
    now = time.seconds()
    phase = job.run.beat(now).phase
    extra: Json = {"traceId": job.key[-12:]} if options.extra_field else {}
    if phase is Phase.FAILED:
        return {"status": "failed", **extra}
    if phase is Phase.CANCELLED:
        return {"status": "cancelled", **extra}
    if phase is not Phase.SUCCEEDED:
        return {"status": options.word or "processing", **extra}
    signed_at = now if options.resign else job.run.end
    life = options.result_life or job.result_life
    url = store.presign(BUCKET, job.key, expires=life, at=time.moment(signed_at))
    left = math.floor(signed_at + life - now)
    lives: Json = {} if options.sparse else {"resultUrlExpiresInSeconds": left if left > 0 else -1}
    return {"status": "completed", "resultUrl": url, **lives, **extra}
