"""What is in an archive, without unpacking it: its members, how each begins, and single ones fetched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from tui.clock import Clock
from tui.engine.door import Door
from tui.engine.facts.archives import Contents, Member, Preview
from tui.model import Job
from tui.screens.dialog import Dialog
from tui.screens.says import Says
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import EMPTY, Line, Tone, line, wrap
from tui.widgets.marklist import Item, MarkList
from tui.widgets.textview import TextView
from tui.wording import size as size_text

_HINT = "Enter shows how it begins, Space marks, d fetches, / filters, Escape closes."
_FILTER_HINT = "Words of the name; Enter goes to the list, Escape drops the filter."
_NOTE = 29


class InsideDialog(Dialog[None]):
    """The members of one archive. It is looked into where it is: at the vendor, or here once it was fetched."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "fetch", "Fetch"),
        Binding("slash", "filter", "Filter"),
    ]

    AUTO_FOCUS = "#members"

    DEFAULT_CSS = """
    InsideDialog > .box { height: 90%; }
    InsideDialog #members { height: 1fr; min-height: 3; }
    InsideDialog #member-filter { display: none; margin-bottom: 1; }
    InsideDialog #member-filter.open { display: block; }
    """

    def __init__(self, door: Door, job: Job, output: str, contents: Contents, glyphs: Glyphs, clock: Clock) -> None:
        where = "fetched" if contents.is_here else "at the vendor"
        files = sum(not one.is_folder for one in contents.members)
        super().__init__(f"Inside {output}: {files} {'file' if files == 1 else 'files'}, {where}", glyphs)
        self.door = door
        self._job = job
        self._output = output
        self._members: Mapping[str, Member] = {str(one.number): one for one in contents.members}
        self._list = MarkList(glyphs, id="members", note=_NOTE, empty="The archive is empty.")
        self._filter = Input(id="member-filter", placeholder="filter", select_on_focus=False)
        self._filter.cursor_blink = False
        self._says = Says(_HINT, clock, glyphs)

    def inside(self) -> list[Widget]:
        """The filter, the members and what to do."""
        return [self._filter, self._list, self._says]

    def on_mount(self) -> None:
        """Fill the list."""
        self._show("")

    def _show(self, wanted: str) -> None:
        words = wanted.casefold().split()
        found = {
            key: _item(one) for key, one in self._members.items() if all(word in one.name.casefold() for word in words)
        }
        self._list.fill(found, empty="No name has all these words." if words else "The archive is empty.")

    # ── the filter ──

    def action_filter(self) -> None:
        """Let the user type."""
        self._filter.add_class("open")
        self._filter.focus()
        self._says.tell(_FILTER_HINT)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(Input.Submitted)
    def _kept(self) -> None:
        self._to_list()

    def action_close(self) -> None:
        """Call back what is under way, drop the filter, then close."""
        if self._says.call_back():
            return
        if not self._filter.has_class("open"):
            self.dismiss(None)
            return
        self._filter.value = ""
        self._filter.remove_class("open")
        self._to_list()

    def _to_list(self) -> None:
        self._list.focus()
        self._says.tell(_HINT)

    # ── what is done with a member ──

    @on(MarkList.Moved)
    def _moved(self) -> None:
        """What was said of another member is over."""
        if not self._says.is_waiting and self._list.has_focus:
            self._says.tell(_HINT)

    @on(MarkList.Chosen)
    def _chosen(self) -> None:
        member = self._under_cursor()
        if member is not None and not self._says.is_waiting:
            self.run_worker(self._preview(member))

    def action_fetch(self) -> None:
        """Fetch what is marked, or the member under the cursor."""
        if self._says.is_waiting or self._under_cursor() is None:
            return
        wanted = tuple(self._members[key] for key in self._list.wanted)
        if wanted:
            self.run_worker(self._fetch(wanted))

    def _under_cursor(self) -> Member | None:
        """The member; None, with the reason told, where there is nothing to be had."""
        member = self._members[self._list.cursor] if self._list.cursor is not None else None
        if member is None:
            self._says.tell("There is no file in sight.", wrong=True)
        elif member.is_folder and not self._list.marked:
            self._says.tell("This is a folder: choose a file in it.", wrong=True)
            return None
        return member

    async def _preview(self, member: Member) -> None:
        doing = f"Reading the beginning of {member.name}"
        preview = await self._says.follow(self.door.preview(self._job.key, self._output, member), doing)
        if preview is not None:
            self._says.tell(_HINT)
            self.app.push_screen(PreviewDialog(member.name, preview, self.glyphs))

    async def _fetch(self, members: tuple[Member, ...]) -> None:
        what = members[0].name if len(members) == 1 else f"{len(members)} files"
        taken = await self._says.follow(
            self.door.take_members(self._job.key, self._output, members), f"Fetching {what}"
        )
        if taken:
            where = str(taken[0].path) if len(taken) == 1 else f"{taken[0].path.parent}"
            self._says.tell(f"Fetched {what}, checked by CRC: {where}")


class PreviewDialog(Dialog[None]):
    """How a file begins; scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = [("q,enter", "close", "Close")]

    AUTO_FOCUS = "#preview"

    DEFAULT_CSS = """
    PreviewDialog > .box { width: 96%; height: 90%; }
    PreviewDialog #preview { height: 1fr; background: $surface; }
    """

    def __init__(self, name: str, preview: Preview, glyphs: Glyphs) -> None:
        super().__init__(name, glyphs)
        self._preview = preview

    def inside(self) -> list[Widget]:
        """The text, and above it what it is."""
        view = TextView(self.glyphs, id="preview")
        view.show(lambda width: preview_lines(self._preview, width))
        return [view]


def preview_lines(preview: Preview, width: int) -> list[Line]:
    """What it is, then its text."""
    told = f"{preview.kind}, {preview.note}" if preview.note else preview.kind
    lines = [line(row, Tone.DIM) for row in wrap(told, width)]
    return [*lines, EMPTY, *(line(row) for row in wrap(preview.text, width))] if preview.text else lines


def _item(member: Member) -> Item:
    """Files can be marked; a folder is told as one."""
    if member.is_folder:
        return Item(member.name, f"{'folder':>8}", markable=False)
    told = "locked" if member.is_locked else size_text(member.size)
    at = "" if member.at is None else f"{member.at:%Y-%m-%d %H:%M}"
    return Item(member.name, f"{told:>8}  {at}")
