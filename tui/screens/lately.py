"""What ran lately at a vendor, to be put on the board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import on
from textual.widget import Widget

from tui.clock import Clock
from tui.engine.door import Door
from tui.engine.facts.jobs import Sighting, TrackWish
from tui.model import Job, JobKey
from tui.screens.connections import ConnectionList
from tui.screens.dialog import Dialog, words
from tui.screens.says import Says
from tui.screens.which import Which
from tui.widgets.glyphs import Glyphs
from tui.widgets.marklist import Item, MarkList
from tui.widgets.words import time_text

_CHOOSE = "Enter asks the connection, Escape closes."
_HINT = "Space marks, Enter tracks, Escape closes."

_NOTE = 29
"""Cells of a time and of the word behind it."""


class LatelyDialog(Dialog[tuple[JobKey, ...] | None]):
    """Gives back the keys of the jobs that it put on the board, or of the one that was there already.

    A connection that is chosen already is asked at once. Of the board's own `jobs` the titles are told.
    """

    DEFAULT_CSS = """
    LatelyDialog > .box { width: 100; height: 80%; }
    LatelyDialog #connections { margin-bottom: 1; }
    LatelyDialog #sightings { height: 1fr; min-height: 3; }
    """

    def __init__(self, door: Door, which: Which, jobs: Mapping[JobKey, Job], glyphs: Glyphs, clock: Clock) -> None:
        super().__init__("What ran lately", glyphs)
        self.door = door
        self._jobs = jobs
        self._others = which.others
        self._several = len(which.offers) > 1
        self._asked = which.chosen
        self._list = ConnectionList(which, glyphs)
        self._sightings = MarkList(glyphs, id="sightings", note=_NOTE)
        self._says = Says(_CHOOSE, clock, glyphs)
        self._found: dict[str, Sighting] = {}

    def inside(self) -> list[Widget]:
        """The connections, where there are several, and what ran."""
        others = [words(f"No list of jobs: {self._others}", classes="hint")] if self._others else []
        return [self._list, *others, self._sightings, self._says]

    def on_mount(self) -> None:
        """Ask at once where it is clear whom."""
        self._list.display = self._several
        if self._asked is not None or not self._several:
            self._ask()

    @on(MarkList.Chosen, "#connections")
    def _ask(self) -> None:
        """Ask the chosen connection what ran; one question at a time."""
        if self._says.is_waiting:
            return
        connection = self._list.offer.connection
        self._found = {}
        self._sightings.fill({}, empty="")
        self._sightings.focus()
        self.run_worker(self._discover(connection))

    async def _discover(self, connection: str) -> None:
        found = await self._says.follow(self.door.discover(connection), f"Asking {connection} what ran lately")
        if found is None:
            return
        self._found = {sighting.ref: sighting for sighting in found}
        self._show(empty=f"Nothing ran lately at {connection}.")
        self._says.tell(_HINT)

    def _show(self, *, empty: str = "") -> None:
        self._sightings.fill({ref: self._item(one) for ref, one in self._found.items()}, empty=empty)

    def _item(self, one: Sighting) -> Item:
        job = self._jobs.get(_key(one))
        title = one.title or (job.title if job else "")
        text = f"{title}  {one.ref}" if title not in ("", one.ref) else one.ref
        note = f"{time_text(one.at)[:16]:<16}  {'on board' if one.tracked else ''}".rstrip()
        return Item(text, note, markable=not one.tracked)

    @on(MarkList.Chosen, "#sightings")
    def _chosen(self) -> None:
        if self._says.is_waiting:
            return
        wanted, cursor = self._sightings.wanted, self._sightings.cursor
        if wanted:
            self.outlast(self._track([self._found[ref] for ref in wanted]))
        elif cursor is not None:
            self.dismiss((_key(self._found[cursor]),))

    async def _track(self, wanted: Sequence[Sighting]) -> None:
        for one in wanted:
            wish = TrackWish(text=one.ref, connection=one.connection, title=one.title, check=False)
            job = await self._says.follow(self.door.track(wish), f"Tracking {one.title or one.ref}")
            if job is None:
                return
            self._found[one.ref] = Sighting(one.connection, one.ref, one.title, one.at, tracked=True)
            if self.is_attached:
                self._show()
        keys = tuple(_key(one) for one in wanted)
        self.end(keys, f"on the board: {keys[0] if len(keys) == 1 else f'{len(keys)} jobs'}")


def _key(sighting: Sighting) -> JobKey:
    return JobKey(f"{sighting.connection}:{sighting.ref}")
