"""Choosing what to do with the outputs of a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from textual import on
from textual.binding import Binding
from textual.widget import Widget

from tui.clock import Clock
from tui.engine.door import Door
from tui.model import Job, Output, OutputKind
from tui.screens.asking import AskingDialog
from tui.screens.inside import InsideDialog, PreviewDialog
from tui.screens.says import Says
from tui.widgets.actions import Place, bindings
from tui.widgets.glyphs import Glyphs
from tui.widgets.marklist import Item, MarkList
from tui.widgets.words import dies_text
from tui.wording import size as size_text

_NO_FILE = {
    OutputKind.LINK: "A link needs another program: Enter hands it over, y copies its command.",
    OutputKind.PATH: "This is a path on the vendor's machine: there is nothing to download.",
    OutputKind.VALUE: "This is a value: there is nothing to download.",
}


class Do(Enum):
    """What can be done from the list."""

    DOWNLOAD = "download"
    HAND_OVER = "hand over"
    COPY = "copy"
    BROWSE = "browse"


@dataclass(frozen=True, slots=True)
class OutputsWish:
    """What is to be done, and with which outputs."""

    do: Do
    names: tuple[str, ...] = ()


class OutputsDialog(AskingDialog[OutputsWish | None]):
    """Gives back what to do. `why_no_browse` is why the vendor's files cannot be looked through; None when they can."""

    BINDINGS = [  # noqa: RUF012  # Textual's own form
        Binding("d", "download", "Download"),
        Binding("b", "browse", "Browse"),
        Binding("y", "copy", "Copy the command"),
        *bindings(Place.OUTPUTS),
    ]

    AUTO_FOCUS = "#outputs"

    DEFAULT_CSS = """
    OutputsDialog #outputs { min-height: 3; max-height: 14; }
    """

    def __init__(
        self, door: Door, job: Job, now: Callable[[], Job], glyphs: Glyphs, clock: Clock, *, why_no_browse: str | None
    ) -> None:
        """`now` is the job as it stands then: files may come while they are chosen from."""
        super().__init__(f"Outputs of {job.title}", glyphs)
        self.door = door
        self._job = job
        self._now = now
        self._clock = clock
        self._outputs: Mapping[str, Output] = {output.name: output for output in job.snapshot.outputs}
        self._why_no_browse = why_no_browse
        self._list = MarkList(glyphs, id="outputs", empty="This job has no outputs.")
        self._says = Says(self._hint(), clock, glyphs)

    def _hint(self) -> str:
        kinds = {output.kind for output in self._outputs.values()}
        parts = (
            "Space marks, d downloads, i looks inside" if OutputKind.FILE in kinds else "",
            "x unpacks what is here" if self._now().fetched else "",
            "Enter on a link hands it over, y copies its command" if OutputKind.LINK in kinds else "",
            "b looks through the vendor's files" if self._why_no_browse is None else "",
            "Escape closes",
        )
        return f"{', '.join(part for part in parts if part)}."

    def inside(self) -> list[Widget]:
        """The list and its keys."""
        return [self._list, self._says]

    def on_mount(self) -> None:
        """Fill it."""
        self._list.fill({name: self._item(output) for name, output in self._outputs.items()})

    def _item(self, output: Output) -> Item:
        """Files can be marked, and say how long they can be had where they are not here; the rest says what it is."""
        if output.kind is not OutputKind.FILE:
            return Item(output.name, f"{output.kind.value}  {output.value or ''}", markable=False)
        size = "" if output.size is None else size_text(output.size)
        end = "" if output.expires_at is None else dies_text(output.expires_at, self._clock.now())
        end = "fetched" if output.name in self._now().fetched else end
        return Item(output.name, "  ".join(part for part in (size, end) if part))

    @on(MarkList.Moved)
    def _moved(self) -> None:
        """What was said of another output is over."""
        if not self._says.is_waiting:
            self._says.tell(self._hint())

    @on(MarkList.Chosen)
    def _chosen(self) -> None:
        """Enter looks into an archive, downloads another file, or hands a link over."""
        cursor = self._list.cursor
        if not self._list.marked and cursor is not None and _is_archive(self._outputs[cursor]):
            self._look_inside()
            return
        if not self._list.marked and cursor is not None and self._outputs[cursor].kind is OutputKind.LINK:
            self.dismiss(OutputsWish(Do.HAND_OVER, (cursor,)))
        else:
            self.action_download()

    def action_download(self) -> None:
        """Answer with the wanted files."""
        wanted, cursor = self._list.wanted, self._list.cursor
        if wanted:
            self.dismiss(OutputsWish(Do.DOWNLOAD, wanted))
        elif cursor is not None:
            self._says.tell(_NO_FILE[self._outputs[cursor].kind], wrong=True)
        else:
            self._says.tell("There is nothing to download.", wrong=True)

    async def action_run(self, name: str) -> None:
        """Carry out an action of this place by its name."""
        {"look_inside": self._look_inside, "unpack": self._unpack}[name]()

    def _file(self) -> str | None:
        """The file under the cursor; None, with the reason told, where there is none."""
        cursor = self._list.cursor
        if cursor is None or self._outputs[cursor].kind is not OutputKind.FILE:
            self._says.tell("Only a file can be looked into or unpacked.", wrong=True)
            return None
        return cursor

    def _look_inside(self) -> None:
        name = self._file()
        if name is not None and not self._says.is_waiting:
            self.run_worker(self._show_inside(name))

    async def _show_inside(self, name: str) -> None:
        contents = await self._says.follow(self.door.look_inside(self._job.key, name), f"Looking inside {name}")
        if contents is None:
            return
        self._says.tell(self._hint())
        if contents.preview is not None:
            self.app.push_screen(PreviewDialog(name, contents.preview, self.glyphs))
        else:
            self.app.push_screen(InsideDialog(self.door, self._job, name, contents, self.glyphs, self._clock))

    def _unpack(self) -> None:
        name = self._file()
        if name is None or self._says.is_waiting:
            return
        if name in self._now().fetched:
            self.run_worker(self._unpack_it(name))
        else:
            self._says.tell("It is not here yet: d downloads it, then x unpacks it.", wrong=True)

    async def _unpack_it(self, name: str) -> None:
        folder = await self._says.follow(self.door.unpack(self._job.key, name), f"Unpacking {name}")
        if folder is not None:
            self._says.tell(f"Unpacked into {folder}")

    def action_copy(self) -> None:
        """Answer that the command which fetches the link is wanted."""
        cursor = self._list.cursor
        if cursor is not None and self._outputs[cursor].kind is OutputKind.LINK:
            self.dismiss(OutputsWish(Do.COPY, (cursor,)))
        else:
            self._says.tell("Only a link has a command to copy.", wrong=True)

    def action_browse(self) -> None:
        """Answer that the vendor's files are to be looked through."""
        if self._why_no_browse is None:
            self.dismiss(OutputsWish(Do.BROWSE))
        else:
            self._says.tell(self._why_no_browse, wrong=True)


def _is_archive(output: Output) -> bool:
    return output.kind is OutputKind.FILE and output.name.lower().endswith(".zip")
