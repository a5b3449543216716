"""Looking through the files at a vendor's place, to attach some of them to a job."""

from __future__ import annotations

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from tui.clock import Clock
from tui.engine.door import Door
from tui.model import Job, Output, OutputKind
from tui.screens.asking import AskingDialog
from tui.screens.dialog import words
from tui.screens.says import Says
from tui.widgets.glyphs import Glyphs
from tui.widgets.marklist import Item, MarkList
from tui.wording import size as size_text

_PLACE_HINT = "Enter looks there, Escape closes."
_HINT = "Space marks, Enter attaches to the job, Escape closes."
_MORE_HINT = "There is more: m shows it. Space marks, Enter attaches to the job, Escape closes."


def place_of(job: Job) -> str:
    """Where the job's files lie, as far as one of them tells; empty when none does."""
    names = [*job.ref.outputs, *(one.name for one in job.snapshot.outputs if one.kind is OutputKind.FILE)]
    return next((name.rpartition("/")[0] for name in names if "/" in name), "")


class BrowseDialog(AskingDialog[tuple[str, ...] | None]):
    """Gives back the names of the files that it attached."""

    BINDINGS = [("m", "more", "More")]  # noqa: RUF012  # Textual's own form

    AUTO_FOCUS = "#place"

    DEFAULT_CSS = """
    BrowseDialog > .box { height: 80%; }
    BrowseDialog .label { color: $text-muted; }
    BrowseDialog:ansi .label { color: ansi_default; }
    BrowseDialog #files { height: 1fr; min-height: 3; margin-top: 1; }
    """

    def __init__(self, door: Door, job: Job, glyphs: Glyphs, clock: Clock) -> None:
        super().__init__(f"Files for {job.title}", glyphs)
        self.door = door
        self._job = job
        self._place = Input(place_of(job), id="place", select_on_focus=False, placeholder="BUCKET or BUCKET/PREFIX")
        self._place.cursor_blink = False
        self._files = MarkList(glyphs, id="files", note=12)
        self._says = Says(_PLACE_HINT, clock, glyphs)
        self._shown: dict[str, Output] = {}
        self._asked = ""
        self._more: str | None = None

    def inside(self) -> list[Widget]:
        """The place, its files, and what to do."""
        return [words("Where: BUCKET or BUCKET/PREFIX", classes="label"), self._place, self._files, self._says]

    @on(Input.Submitted)
    def _look(self) -> None:
        if self._says.is_waiting:
            return
        place = self._place.value.strip()
        if not place:
            self._says.tell("Name a bucket first, or a bucket and a prefix.", wrong=True)
            return
        self._asked, self._more, self._shown = place, None, {}
        self._show()
        self.run_worker(self._browse(None))

    def action_more(self) -> None:
        """The next page, behind those that are shown."""
        if self._more is not None and not self._says.is_waiting:
            self.run_worker(self._browse(self._more))

    async def _browse(self, more: str | None) -> None:
        asked = self._asked
        page = await self._says.follow(self.door.browse(self._job.connection, asked, more), f"Looking at {asked}")
        if page is None:
            return
        self._more = page.more
        self._shown |= {output.name: output for output in page.files}
        self._show(empty=f"There are no files at {asked}.")
        self._files.focus()
        self._says.tell(_HINT if page.more is None else _MORE_HINT)

    def _show(self, *, empty: str = "") -> None:
        items = {
            name: Item(name, "" if output.size is None else size_text(output.size))
            for name, output in self._shown.items()
        }
        self._files.fill(items, empty=empty)

    @on(MarkList.Chosen)
    def _chosen(self) -> None:
        wanted = self._files.wanted
        if wanted and not self._says.is_waiting:
            self.outlast(self._attach_files(wanted))

    async def _attach_files(self, names: tuple[str, ...]) -> None:
        what = names[0] if len(names) == 1 else f"{len(names)} files"
        job = await self._says.follow(self.door.attach(self._job.key, names), f"Attaching {what}")
        if job is not None:
            self.end(names, f"attached to {job.title}: {what}")
