"""Keys that are typed into the list of connections before it is known what there is."""

from __future__ import annotations

from concurrent.futures import Future

from tests.board import accounts
from tests.board.conftest import SMALL, Open
from tests.board.fakes import CONNECTIONS, FakeDoor
from tui.engine.facts.connections import ConnectionFacts
from tui.errors import StateError
from tui.screens.connect.form import FormDialog
from tui.screens.connect.listing import ConnectionsDialog
from tui.screens.connect.prompt import SecretDialog


class LateDoor(FakeDoor):
    """Knows its connections only when the test says so."""

    def __init__(self) -> None:
        super().__init__((), CONNECTIONS)
        self.asked: Future[tuple[ConnectionFacts, ...]] = Future()

    def connections(self) -> Future[tuple[ConnectionFacts, ...]]:
        return self.asked


async def test_keys_ahead_of_the_facts_wait_for_them(lab: Open) -> None:
    door = LateDoor()
    async with lab(door, SMALL) as one:
        await one.press("a")
        text = one.screen_text()
        assert all(health.name in text for health in CONNECTIONS)
        assert "There is no connection" not in text
        await one.press("end", "s", "home", "x")  # the last two are the beginning of what is typed in blindly
        assert one.is_open(ConnectionsDialog)
        door.asked.set_result(door.facts)
        await one.settle()
        await one.settle()
        assert one.is_open(SecretDialog)
        last = list(one.board.desk.connections)[-1]
        assert f"Secrets of {last}" in one.screen_text()


async def test_a_wish_for_what_is_gone_meanwhile_is_dropped(lab: Open) -> None:
    door = LateDoor()
    async with lab(door, SMALL) as one:
        await one.press("a", "end", "s")
        door.asked.set_result((accounts.ORCHESTRATOR,))
        await one.settle()
        await one.settle()
        assert "Escape closes" in one.screen_text()
        assert one.is_open(ConnectionsDialog)


async def test_when_the_facts_cannot_be_had_keys_count_again(lab: Open) -> None:
    door = LateDoor()
    async with lab(door, SMALL) as one:
        await one.press("a", "end", "s")
        door.asked.set_exception(StateError("the disk is [full]"))
        await one.settle()
        assert "the disk is [full]" in one.screen_text()
        door.asked = Future()
        door.asked.set_result(door.facts)
        await one.press("e")
        await one.settle()
        assert one.is_open(FormDialog)
