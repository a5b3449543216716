"""What is done with the one output that is chosen in the Outputs tab."""

from __future__ import annotations

from textual.app import App

from tui.clock import Clock
from tui.engine.door import Door
from tui.model import Job, Output, OutputKind
from tui.screens.copying import Copying
from tui.screens.inside import InsideDialog, PreviewDialog
from tui.screens.wishes import Wishes


class OutputsTab:
    """Coroutines run beside the screen, since they wait."""

    def __init__(self, app: App[int], door: Door, clock: Clock, wishes: Wishes, copying: Copying) -> None:
        self._app = app
        self._door = door
        self._clock = clock
        self._wishes = wishes
        self._copying = copying

    async def open(self, job: Job, output: Output) -> None:
        """Look into a file, or hand a link over."""
        if output.kind is OutputKind.LINK:
            await self._wishes.hand_over(job, output.name)
        elif output.kind is OutputKind.FILE:
            await self._look_inside(job, output.name)
        else:
            self._wishes.say(f"{output.name} is a {output.kind.value}: there is nothing in it to look at", wrong=True)

    async def copy(self, job: Job, output: Output) -> None:
        """Copy a link, or what is told in place of a file."""
        if output.kind is OutputKind.LINK:
            await self._copying.link(job, output)
        else:
            await self._copying.put(output.value or output.name, output.name)

    async def _look_inside(self, job: Job, name: str) -> None:
        asked = self._door.look_inside(job.key, name)
        contents = await self._wishes.grant(asked, "", f"looking inside {name}", is_question=True)
        if contents is None:
            return
        glyphs = self._wishes.glyphs
        if contents.preview is not None:
            self._app.push_screen(PreviewDialog(name, contents.preview, glyphs))
        else:
            self._app.push_screen(InsideDialog(self._door, job, name, contents, glyphs, self._clock))
