"""Which work orders there are: those under way when the world starts, and those that come later."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import count

from tui.emulators.aspera.orders import FAILED, SUB_WORKFLOW, Step, Value, Variable, Workflow, WorkOrder
from tui.emulators.content import Sums
from tui.emulators.parcels import media
from tui.emulators.script import Run, Script

INGEST = Workflow(44, "5b1f8c52-3a0e-4c61-9d0b-6f6d2f7a9e10", "Ingest", needs=("src",))
DELIVER = Workflow(45, "9a3c1d77-60f4-4d1b-8b53-0a7f5c2e4b21", "Deliver")
CHECK = Workflow(46, "c04e2f19-8d25-47b7-a1f6-3d9b8e6a5f32", "Quality check")
WORKFLOWS = (INGEST, DELIVER, CHECK)


@dataclass
class Maker:
    """Makes work orders with ids of their own; `downloads` is the address of the site's download server."""

    downloads: str
    orders: count[int] = field(default_factory=lambda: count(7100))
    steps: count[int] = field(default_factory=lambda: count(51200))
    variables: count[int] = field(default_factory=lambda: count(901))

    def ingest(self, rng: random.Random, run: Run, *, branches: bool = False) -> WorkOrder:
        """Copy, check, approve, package; with `branches` the check fails although the order goes on."""
        number = next(self.orders)
        clip = f"clip{rng.randint(1, 99):02d}.mov"
        token = f"ATM3_{rng.getrandbits(96):024x}=="
        link = f"fasp://faspex@fx.example:33001/Box - {number:04x}/PKG - {clip}?token={token}&cookie=c{number}"
        disks = {"Disk A": {"node": "a1", "free_kb": "90"}, "Disk B": {"node": "b7", "free_kb": "1200"}}
        path = self._variable("target_path", f"/stage/out/{clip}")
        package = (self._variable("package_id", f"{number:04x}"), self._variable("package_post_url", link))
        steps = (
            self._step(310, "Copy clip", "FaspTransfer", "1 file transferred", path),
            self._step(311, "Check clip", "MediaInfo", "2 audio", self._variable("disks", disks), branches=branches),
            self._step(312, "approve", "UserInput", "approved by ops", asks=True),
            self._step(313, "Package clip", "FaspexDelivery", "Package accepted", *package),
        )
        return WorkOrder(number, f"Ingest {number % 100:02d}", INGEST, run, steps, f"/stage/in/{clip}")

    def deliver(self, rng: random.Random, run: Run, size: int) -> WorkOrder:
        """Transcode and publish a file that any HTTP client can fetch."""
        number = next(self.orders)
        name = f"proxy-{number}"
        content = media(str(rng.getrandbits(64)), name, size)
        link = self._variable("download_url", f"{self.downloads}/{number}/{content.file_name}")
        steps = (
            self._step(
                320, "Transcode", "Vantage", "1 proxy made", self._variable("proxy_path", f"/stage/proxy/{name}")
            ),
            self._step(321, "Publish", "LocalFileOperation", "published", link, self._variable("published", True)),
        )
        files = {content.file_name: Sums(content)}
        return WorkOrder(number, f"Deliver {name}", DELIVER, run, steps, f"/stage/in/{name}.mov", files=files)

    def check(self, rng: random.Random, run: Run, child: WorkOrder) -> WorkOrder:
        """Probe, then hand over to another work order."""
        number = next(self.orders)
        steps = (
            self._step(330, "Probe", "MediaInfo", "probed", self._variable("segments", rng.randint(2, 90))),
            self._step(331, "Run ingest", SUB_WORKFLOW, "finished", self._variable("work_order_id", child.id)),
        )
        failure = (FAILED, "loudness below -23 LUFS")
        return WorkOrder(number, f"QC night {number % 100}", CHECK, run, steps, child.clip, failure=failure)

    def _step(
        self,
        step_id: int,
        name: str,
        kind: str,
        done: str,
        *outputs: Variable,
        branches: bool = False,
        asks: bool = False,
    ) -> Step:
        return Step(next(self.steps), step_id, name, kind, done, outputs, branches, asks)

    def _variable(self, name: str, value: Value) -> Variable:
        kinds = {bool: "flag", int: "int", str: "string"}
        return Variable(next(self.variables), name, kinds.get(type(value), "hash"), value)


def opening(rng: random.Random, maker: Maker) -> dict[str, WorkOrder]:
    """The orders that are under way when the world starts, by what happens to them."""
    child = maker.ingest(rng, Run(Script(-40, 5, (25.0, 20.0, 0.0, 10.0))))
    return {
        "quick": maker.deliver(rng, Run(Script(-2, 3, (5.0, 5.0))), 1_500_000),
        "failing": maker.deliver(rng, Run(Script(-3, 2, (14.0,), succeeds=False)), 1),
        "fasp": maker.ingest(rng, Run(Script(-30, 4, (10.0, 10.0, 8.0, 6.0)))),
        "branching": maker.ingest(rng, Run(Script(-6, 2, (8.0, 6.0, 4.0, 6.0))), branches=True),
        "done": maker.deliver(rng, Run(Script(-500, 9, (200.0, 60.0))), 80_000_000),
        "child": child,
        "parent": maker.check(rng, Run(Script(-60, 5, (14.0, 66.0))), child),
        "asking": maker.ingest(rng, Run(Script(-25, 5, (8.0, 6.0, 900.0, 20.0)))),
        "slow": maker.deliver(rng, Run(Script(-80, 10, (1300.0, 60.0), cancel_takes=8.0)), 5_000_000),
    }


def newcomer(rng: random.Random, maker: Maker, born: float) -> WorkOrder:
    """An order that somebody else has started."""
    wait = rng.uniform(1, 12)
    if rng.random() < 0.5:
        fine = rng.random() < 0.8
        lengths = (rng.uniform(6, 60), rng.uniform(3, 12))[: 2 if fine else 1]
        return maker.deliver(rng, Run(Script(born, wait, lengths, succeeds=fine)), int(10 ** rng.uniform(4.1, 7.6)))
    lengths = (rng.uniform(6, 40), rng.uniform(3, 20), rng.uniform(5, 60), rng.uniform(3, 20))
    fine = rng.random() < 0.85
    return maker.ingest(rng, Run(Script(born, wait, lengths, succeeds=fine)), branches=rng.random() < 0.2)
