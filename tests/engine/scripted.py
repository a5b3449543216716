"""A vendor that does as a test says: the double for everything that only needs *some* vendor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from tui.clock import Clock
from tui.model import Connection, Output, Reference, SecretField, Setting, Snapshot
from tui.vendors.contract import Link, Order, Pasted, Secrets, Session

CONNECTION = Connection(name="lab", vendor="scripted", base_url="https://lab.example")


@dataclass
class ScriptedVendor:
    """Counts what it is asked; `on_submit` answers or raises."""

    on_submit: Callable[[Order], Reference] = field(default=lambda _: Reference("42"))
    submitted: list[Order] = field(default_factory=list)
    name: str = "scripted"
    label: str = "Scripted"
    settings: tuple[Setting, ...] = ()
    secrets: tuple[SecretField, ...] = ()

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        return httpx.Auth()

    def read_ref(self, pasted: Pasted, connection: Connection) -> Reference | None:
        return Reference(pasted.text)

    async def ask(self, session: Session, ref: Reference) -> Snapshot:
        return Snapshot()

    async def resolve(self, session: Session, ref: Reference, output: Output) -> tuple[Link, ...]:
        return ()

    async def probe(self, session: Session) -> str:
        return "nothing"

    def read_order(self, order: Order) -> None:
        return None

    async def submit(self, session: Session, order: Order) -> Reference:
        self.submitted.append(order)
        return self.on_submit(order)
