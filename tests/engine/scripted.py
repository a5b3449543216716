"""A vendor whose answers the test writes down, on a real session, and a small engine room around it."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import httpx

from tests.clock import START, FakeClock
from tests.engine.inline import inline_store
from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.polling.connection_poller import ConnectionPoller
from tui.engine.polling.poller import Poller
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.wire.sessions import Sessions
from tui.errors import AskError, UsageError
from tui.model import (
    Condition,
    Connection,
    ConnectionHealth,
    Job,
    JobKey,
    JobState,
    OrderForm,
    Output,
    Reference,
    SecretField,
    Setting,
    Snapshot,
)
from tui.vendors.contract import Link, Order, Pasted, Secrets, Session

CONNECTION = Connection(name="lab", vendor="scripted", base_url="https://lab.example")
Answer = Snapshot | Exception
RUNNING = Snapshot(JobState.RUNNING, "running")
DONE = Snapshot(JobState.SUCCEEDED, "done", outputs=(Output("out.bin"),))


class ScriptedVendor:
    """Satisfies `contract.Vendor` and `Submits`: `answers` by job id, the last one again and again.

    `gate` lets it hang, an answer `takes` seconds; `on_submit` answers an order or raises.
    """

    name = "scripted"
    label = "Scripted"
    settings: tuple[Setting, ...] = ()
    secrets: tuple[SecretField, ...] = ()
    order_form = OrderForm("{ ... }")

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = defaultdict(lambda: [RUNNING])
        self.asked: list[tuple[float, str]] = []
        self.links: list[Answer | tuple[Link, ...]] = []
        self.gate: asyncio.Event | None = None
        self.takes = 0.0
        self.submitted: list[Order] = []
        self.on_submit: Callable[[Order], Reference] = lambda _: Reference("42")
        self.logins = 0

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        self.logins += 1
        return httpx.Auth()

    def read_ref(self, pasted: Pasted, connection: Connection) -> Reference | None:
        if pasted.text.startswith("wrong"):
            raise UsageError(f"{connection.name}: clearly ours, but wrong")
        return Reference(pasted.text) if pasted.text.startswith("job") else None

    async def ask(self, session: Session, ref: Reference) -> Snapshot:
        self.asked.append((session.clock.monotonic(), ref.id))
        if self.gate:
            await self.gate.wait()
        if self.takes:
            await session.clock.sleep(self.takes)
        answers = self.answers[ref.id]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def resolve(self, session: Session, ref: Reference, output: Output) -> tuple[Link, ...]:
        answer = self.links.pop(0) if len(self.links) > 1 else self.links[0]
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, tuple)
        return answer

    async def probe(self, session: Session) -> str:
        return "nothing"

    def read_order(self, order: Order) -> None:
        return None

    async def submit(self, session: Session, order: Order) -> Reference:
        self.submitted.append(order)
        return self.on_submit(order)

    def times(self, *ids: str) -> list[float]:
        """When these jobs (all, if none is named) were asked, in seconds since the start."""
        return [at for at, one in self.asked if not ids or one in ids]


class ManyVendor(ScriptedVendor):
    """Answers for 50 jobs in one request; `lists` keeps which ones it was asked for together."""

    most_at_once = 50

    def __init__(self) -> None:
        super().__init__()
        self.lists: list[list[str]] = []
        self.failure: Exception | None = None
        self.left_out: set[str] = set()

    async def ask_many(self, session: Session, refs: Sequence[Reference]) -> Mapping[str, Snapshot | AskError]:
        self.lists.append([ref.id for ref in refs])
        if self.failure:
            raise self.failure
        found: dict[str, Snapshot | AskError] = {}
        for ref in refs:
            if ref.id in self.left_out:
                continue
            try:
                found[ref.id] = await self.ask(session, ref)
            except AskError as error:
                found[ref.id] = error
        return found


class Steady(random.Random):
    """Chance in the middle, so that a wait is what its table says."""

    def random(self) -> float:
        return 0.5


@dataclass
class Room:
    """A board with pollers for scripted vendors, one connection each, on a clock that the test moves."""

    path: Path
    clock: FakeClock = field(default_factory=FakeClock)
    health: dict[str, ConnectionHealth] = field(default_factory=dict)
    vendors: dict[str, ScriptedVendor] = field(default_factory=dict)
    rng: random.Random = field(default_factory=Steady)

    def __post_init__(self) -> None:
        self.store = inline_store(self.path)
        self.board = Board(self.store, self.clock)
        finder = SecretFinder({}, GuardedKeyring(trouble="none here"), self.clock)
        self.sessions = Sessions(self.clock, finder, lambda name: self.vendors[name], lambda _: None)
        self.poller = Poller(self.board, self._hear)
        self.connections: dict[str, Connection] = {}

    def _hear(self, health: ConnectionHealth) -> None:
        self.health[health.name] = health

    def add(
        self, name: str, vendor: ScriptedVendor, *, called: str | None = None, **settings: object
    ) -> ConnectionPoller:
        """One more connection, to a vendor of its own unless it is `called` like another one's."""
        self.vendors[called or name] = vendor
        connection = replace(Connection(name, called or name, "https://vendor.example"), **settings)  # type: ignore[arg-type]
        self.connections[name] = connection
        poller = ConnectionPoller(connection, vendor, self.board, self.sessions, self.clock, self.rng, self._hear)
        self.poller.add(poller)
        return poller

    async def track(self, connection: str, *ids: str, change: Callable[[Job], Job] = lambda job: job) -> None:
        jobs = (
            Job(connection, connection, Reference(one), START + timedelta(seconds=self.clock.elapsed)) for one in ids
        )
        await self.board.add([change(job) for job in jobs], "tracked")

    def job(self, key: str) -> Job:
        return self.board.job(JobKey(key))

    def condition(self, name: str) -> Condition:
        return self.health[name].condition

    async def close(self) -> None:
        await self.poller.stop()
        await self.sessions.close()
        await self.store.close()
