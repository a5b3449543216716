"""The output that the user has chosen in the Outputs tab: by its name, wherever it stands now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import accumulate

from tui.engine.facts.archives import Inventory
from tui.model import Job, Output
from tui.widgets.detail_outputs import output_blocks, outputs
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Line
from tui.widgets.textview import TextView


class OutputCursor:
    """Moves in a view that shows what `lines` made last."""

    def __init__(self, view: TextView) -> None:
        self._view = view
        self._name: str | None = None
        self._rows: dict[str, int] = {}
        """Where each output begins."""

    def lines(self, job: Job, now: datetime, glyphs: Glyphs, width: int, held: Mapping[int, Inventory]) -> list[Line]:
        """The tab's lines."""
        blocks = output_blocks(job, now, glyphs, width, held)
        starts = accumulate((len(block) for block in blocks), initial=0)
        self._rows = {output.name: start for output, start in zip(job.snapshot.outputs, starts, strict=False)}
        return [row for block in blocks for row in block] or outputs(job, now, glyphs, width)

    def chosen(self, job: Job | None) -> Output | None:
        """The output under the cursor, if it stands on one of this job's."""
        return next((one for one in job.snapshot.outputs if one.name == self._name), None) if job else None

    def begin(self) -> None:
        """Stand on an output: on the one chosen before, else on the first."""
        if self._name not in self._rows:
            self._name = next(iter(self._rows), None)
        self.show()

    def end(self) -> None:
        """Another text is shown: stand nowhere."""
        self._rows = {}

    def show(self) -> None:
        """Mark the output's line, which may be another one by now."""
        if self._rows:
            self._view.mark(self._rows.get(self._name or ""))

    def step(self, steps: int) -> bool:
        """Go so many outputs further; False where there is none, so that the text scrolls instead."""
        names = list(self._rows)
        place = names.index(self._name) + steps if self._name in self._rows else 0
        if not 0 <= place < len(names):
            return False
        self._name = names[place]
        self._view.go_to(self._rows[self._name])
        return True
