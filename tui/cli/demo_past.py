"""What the demo's jobs have taken before: without a past the board could not tell how long one usually takes."""

from __future__ import annotations

import random
from pathlib import Path

from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.model import JobKey, UsualStage
from tui.text import safe_line
from tui.usual import Kind, Run

_RUNS = 12
"""Past runs of each kind."""

_STAGES: dict[Kind, dict[str, tuple[float, float]]] = {
    **{
        Kind("aps-prod", f"acme.{activity}"): {
            "queued": (1, 25),
            "download": (1.4, 1.6),
            "run": (20, 70),
            "upload": (1.1, 1.3),
        }
        for activity in ("ExportFbx+prod", "RenderDwg+prod", "RevitToIfc+v2", "InventorBom+prod")
    },
    Kind("orchestrator", "Deliver proxy-#"): {"Transcode": (6, 60), "Publish": (3, 12)},
    Kind("orchestrator", "Ingest #"): {
        "Copy clip": (6, 40),
        "Check clip": (3, 20),
        "approve": (5, 60),
        "Package clip": (3, 20),
    },
    Kind("sourcing", ""): {"": (20, 90)},
    Kind("plant", ""): {"": (30, 120)},
}
"""Each kind's stages, and how many seconds they take at least and at most."""


def write_past(database: Path) -> None:
    """Put past runs into a new database; the same ones each time. Raises StateError."""
    rng = random.Random("the demo's past")
    runs = tuple(_run(kind, stages, number, rng) for number in range(_RUNS) for kind, stages in _STAGES.items())
    opened = Database(database)
    opened.write([Batch(runs=runs)])
    opened.close()


def _run(kind: Kind, stages: dict[str, tuple[float, float]], number: int, rng: random.Random) -> Run:
    took = {name: round(rng.uniform(least, most), 1) for name, (least, most) in stages.items()}
    seconds = sum(took.values()) - took.get("queued", 0.0)
    key = JobKey(f"{kind.connection}:before {kind.name} {number}")
    return Run(key, kind, seconds, tuple(UsualStage(safe_line(name), each) for name, each in took.items() if name))
