"""Choosing which outputs of a job to download."""

from __future__ import annotations

from textual.binding import Binding
from textual.strip import Strip
from textual.widget import Widget

from tui.model import Job, Output, OutputKind
from tui.screens.dialog import Dialog, words
from tui.widgets.glyphs import Glyphs
from tui.widgets.keyed import KeyedLines
from tui.widgets.lines import Piece, Tone, fit, line
from tui.widgets.words import size_text


class OutputList(KeyedLines[str]):
    """The job's outputs, each with a box to mark it."""

    def __init__(self, job: Job, glyphs: Glyphs) -> None:
        super().__init__(id="outputs")
        self.glyphs = glyphs
        self.outputs = {output.name: output for output in job.snapshot.outputs}
        self.marked: set[str] = set()

    def on_mount(self) -> None:
        """Fill it."""
        self.lay_out(list(self.outputs))

    def draw(self, key: str, width: int, over: str | None) -> Strip:
        """An output's line: files can be marked, the rest says what it is."""
        output = self.outputs[key]
        if output.kind is OutputKind.FILE:
            box, end = ("[x] " if key in self.marked else "[ ] "), size_text(output.size) if output.size else ""
        else:
            box, end = "    ", f"{output.kind.value}  {output.value or ''}"
        name = max(width - 24, 12)
        pieces = (Piece(f" {box}", Tone.KEY), Piece(fit(key, name, self.glyphs.ellipsis)), Piece(f"  {end}", Tone.DIM))
        return self.strip(pieces, width, over)

    def draw_empty(self, y: int, width: int) -> Strip:
        """A job without outputs."""
        return self.strip(line(" This job has no outputs." if y == 0 else "", Tone.DIM), width)

    def toggle(self) -> None:
        """Mark the file under the cursor, or take its mark away."""
        if self.cursor is not None and self.outputs[self.cursor].kind is OutputKind.FILE:
            self.marked ^= {self.cursor}
            self.repaint(self.cursor)

    def chosen(self) -> None:
        """Enter downloads."""
        if isinstance(self.screen, OutputsDialog):
            self.screen.action_download()

    def wanted(self) -> tuple[Output, ...]:
        """The marked files, or the one under the cursor."""
        if not self.marked and self.cursor is not None:
            return tuple(output for output in [self.outputs[self.cursor]] if output.kind is OutputKind.FILE)
        return tuple(output for name, output in self.outputs.items() if name in self.marked)


class OutputsDialog(Dialog[tuple[str, ...]]):
    """Gives back the names of the outputs to download."""

    BINDINGS = [  # noqa: RUF012  # Textual's own form
        Binding("space", "mark", "Mark"),
        Binding("d", "download", "Download"),
    ]

    AUTO_FOCUS = "#outputs"

    DEFAULT_CSS = """
    OutputsDialog #outputs { height: auto; min-height: 3; max-height: 14; background: $surface; }
    OutputsDialog .hint { margin-top: 1; }
    """

    def __init__(self, job: Job, glyphs: Glyphs) -> None:
        super().__init__(f"Outputs of {job.title}", glyphs)
        self._job = job

    def inside(self) -> list[Widget]:
        """The list and its keys."""
        hint = words("Space marks, d or Enter downloads, Escape closes.", id="says", classes="hint")
        return [OutputList(self._job, self.glyphs), hint]

    def action_mark(self) -> None:
        """Mark a file."""
        self.query_one(OutputList).toggle()

    def action_download(self) -> None:
        """Answer with the wanted files."""
        wanted = self.query_one(OutputList).wanted()
        if wanted:
            self.dismiss(tuple(output.name for output in wanted))
        else:
            self.app.bell()
