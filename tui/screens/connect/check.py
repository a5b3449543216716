"""The test of a connection, step by step: each line appears as its step ends."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from textual import on
from textual.message import Message
from textual.widget import Widget

from tui.clock import Clock
from tui.engine.door import Door
from tui.engine.facts.connections import Step, StepState
from tui.screens.dialog import Dialog
from tui.screens.says import Says
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import EMPTY, Line, Tone, fit, line, toned, wrap_words
from tui.widgets.textview import TextView

_NAME = 14
_TONES = {
    StepState.OK: Tone.GOOD,
    StepState.WARNING: Tone.WARN,
    StepState.BROKEN: Tone.BAD,
    StepState.SKIPPED: Tone.DIM,
}
_KEYS = "Enter closes, r tests again, e edits, s enters a secret."


class Next(Enum):
    """What the user wants after a test."""

    EDIT = "edit_connection"
    ENTER = "enter_secret"


def step_lines(steps: list[Step], width: int, glyphs: Glyphs) -> list[Line]:
    """Each step with how it ended, and below it what to do."""
    signs = {
        StepState.OK: glyphs.ok,
        StepState.WARNING: "!",
        StepState.BROKEN: glyphs.bad,
        StepState.SKIPPED: glyphs.dash,
    }
    lines: list[Line] = []
    room = max(width - _NAME - 5, 8)
    for step in steps:
        tone = _TONES[step.state]
        told = Tone.PLAIN if step.state is StepState.OK else tone
        rows = [*((row, told) for row in wrap_words(step.told, room))]
        rows += [(row, Tone.PLAIN) for row in wrap_words(step.remedy, room) if step.remedy]
        for index, (row, row_tone) in enumerate(rows):
            start = f" {signs[step.state]} {fit(step.name, _NAME, glyphs.ellipsis)} " if index == 0 else ""
            lines.append((toned(start.ljust(_NAME + 4), tone), toned(row, row_tone)))
    return lines


class CheckDialog(Dialog[Next | None]):
    """Tests the connection at once. `told` is what was done before, e.g. where its secrets went."""

    BINDINGS = [  # noqa: RUF012  # Textual's own form
        ("enter", "close", "Close"),
        ("r", "again", "Again"),
        ("e", "edit", "Edit"),
        ("s", "secret", "Secret"),
    ]

    AUTO_FOCUS = "#steps"

    DEFAULT_CSS = """
    CheckDialog > .box { width: 90; height: 90%; max-height: 26; }
    CheckDialog .title { margin-bottom: 0; }
    CheckDialog #steps { height: 1fr; margin-top: 1; background: $surface; }
    CheckDialog #says { margin-top: 0; }
    """

    @dataclass
    class Ended(Message):
        """A step has ended."""

        step: Step
        run: int

    def __init__(self, door: Door, name: str, glyphs: Glyphs, clock: Clock, *, told: str = "") -> None:
        super().__init__(f"Testing {name}", glyphs)
        self.door = door
        self._connection = name
        self._told = told
        self._run = 0
        self._steps: list[Step] = []
        self._view = TextView(glyphs, id="steps")
        self._says = Says("", clock, glyphs)

    def inside(self) -> list[Widget]:
        """The steps."""
        return [self._view, self._says]

    def on_mount(self) -> None:
        """Begin."""
        self.action_again()

    def action_again(self) -> None:
        """Test it once more, unless a test is under way."""
        if self._says.is_waiting:
            return
        self._run += 1
        self._steps = []
        self._show()
        self.run_worker(self._check(self._run))

    async def _check(self, run: int) -> None:
        def told(step: Step) -> None:
            with suppress(RuntimeError):  # called from the engine's thread: the screen's loop may just have ended
                self.post_message(self.Ended(step, run))

        steps = await self._says.follow(
            self.door.check_connection(self._connection, told), f"Testing {self._connection}"
        )
        if steps is not None:
            self._steps = list(steps)
            self._show()
            self._says.tell(f"{_verdict(self._steps, self.stopped_at)} {_KEYS}")

    @on(Ended)
    def _ended(self, event: Ended) -> None:
        """One more line; what comes late, from a test before this one, is none."""
        if event.run == self._run and self._says.is_waiting:
            self._steps.append(event.step)
            self._show()

    def _show(self) -> None:
        self._view.show(self._lines)

    def _lines(self, width: int) -> list[Line]:
        before = [line(f" {row}", Tone.DIM) for row in wrap_words(self._told, max(width - 2, 8)) if row]
        return [*before, *([EMPTY] if before else []), *step_lines(self._steps, width, self.glyphs)]

    def action_edit(self) -> None:
        """Answer that the form is wanted."""
        self.dismiss(Next.EDIT)

    def action_secret(self) -> None:
        """Answer that a secret is to be entered."""
        self.dismiss(Next.ENTER)

    @property
    def stopped_at(self) -> str:
        """The name of the step that is broken; empty where none is."""
        return next((step.name for step in self._steps if step.state is StepState.BROKEN), "")


def _verdict(steps: list[Step], stopped_at: str) -> str:
    if stopped_at:
        return f"It stops at: {stopped_at}."
    if any(step.state is StepState.WARNING for step in steps):
        return "It works, with a warning."
    return "It works."
