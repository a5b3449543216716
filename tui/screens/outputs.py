"""Choosing what to do with the outputs of a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from textual import on
from textual.binding import Binding
from textual.widget import Widget

from tui.clock import Clock
from tui.model import Job, Output, OutputKind
from tui.screens.dialog import Dialog
from tui.screens.says import Says
from tui.widgets.glyphs import Glyphs
from tui.widgets.marklist import Item, MarkList
from tui.widgets.words import dies_text
from tui.wording import size as size_text

_NO_FILE = {
    OutputKind.LINK: "A link needs another program: Enter hands it over.",
    OutputKind.PATH: "This is a path on the vendor's machine: there is nothing to download.",
    OutputKind.VALUE: "This is a value: there is nothing to download.",
}


class Do(Enum):
    """What can be done from the list."""

    DOWNLOAD = "download"
    HAND_OVER = "hand over"
    BROWSE = "browse"


@dataclass(frozen=True, slots=True)
class OutputsWish:
    """What is to be done, and with which outputs."""

    do: Do
    names: tuple[str, ...] = ()


class OutputsDialog(Dialog[OutputsWish | None]):
    """Gives back what to do. `why_no_browse` is why the vendor's files cannot be looked through; None when they can."""

    BINDINGS = [  # noqa: RUF012  # Textual's own form
        Binding("d", "download", "Download"),
        Binding("b", "browse", "Browse"),
    ]

    AUTO_FOCUS = "#outputs"

    DEFAULT_CSS = """
    OutputsDialog #outputs { min-height: 3; max-height: 14; }
    """

    def __init__(self, job: Job, glyphs: Glyphs, clock: Clock, *, why_no_browse: str | None) -> None:
        super().__init__(f"Outputs of {job.title}", glyphs)
        self._outputs: Mapping[str, Output] = {output.name: output for output in job.snapshot.outputs}
        self._now = clock.now()
        self._why_no_browse = why_no_browse
        self._list = MarkList(glyphs, id="outputs", empty="This job has no outputs.")
        self._says = Says(self._hint(), clock, glyphs)

    def _hint(self) -> str:
        has_link = any(output.kind is OutputKind.LINK for output in self._outputs.values())
        parts = (
            "Space marks, d or Enter downloads",
            "Enter on a link hands it over" if has_link else "",
            "b looks through the vendor's files" if self._why_no_browse is None else "",
            "Escape closes",
        )
        return f"{', '.join(part for part in parts if part)}."

    def inside(self) -> list[Widget]:
        """The list and its keys."""
        return [self._list, self._says]

    def on_mount(self) -> None:
        """Fill it."""
        self._list.fill({name: _item(output, self._now) for name, output in self._outputs.items()})

    @on(MarkList.Moved)
    def _moved(self) -> None:
        """What was said of another output is over."""
        self._says.tell(self._hint())

    @on(MarkList.Chosen)
    def _chosen(self) -> None:
        """Enter downloads, or hands a link over."""
        cursor = self._list.cursor
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

    def action_browse(self) -> None:
        """Answer that the vendor's files are to be looked through."""
        if self._why_no_browse is None:
            self.dismiss(OutputsWish(Do.BROWSE))
        else:
            self._says.tell(self._why_no_browse, wrong=True)


def _item(output: Output, now: datetime) -> Item:
    """Files can be marked, the rest says what it is."""
    if output.kind is not OutputKind.FILE:
        return Item(output.name, f"{output.kind.value}  {output.value or ''}", markable=False)
    size = "" if output.size is None else size_text(output.size)
    dies = "" if output.expires_at is None else dies_text(output.expires_at, now)
    return Item(output.name, "  ".join(part for part in (size, dies) if part))
