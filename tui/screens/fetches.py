"""The actions on a download, from the pane or from the command palette; each says why it cannot be done."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping

from tui.engine.door import Door
from tui.model import Download, DownloadState
from tui.screens import dialogs
from tui.screens.wishes import Wishes
from tui.wording import size


class Fetches:
    """Pause, try again, go first, stop: by their names in the list of actions."""

    def __init__(self, wishes: Wishes, door: Door) -> None:
        self._wishes = wishes
        self._door = door
        self._actions: Mapping[str, Callable[[Download], Coroutine[None, None, None]]] = {
            "pause_download": self._pause,
            "retry_download": self._retry,
            "hurry_download": self._hurry,
            "stop_download": self._stop,
        }

    def __contains__(self, name: str) -> bool:
        return name in self._actions

    def why_not(self, name: str, one: Download | None) -> str | None:
        """Why the action cannot be done with this download; None when it can."""
        if one is None:
            return "no download is chosen"
        state = one.state
        is_here = state is DownloadState.DONE
        reasons = {
            "pause_download": (state.is_over, "it is over: try it again instead"),
            "retry_download": (state.is_moving, "it is under way"),
            "hurry_download": (state is not DownloadState.QUEUED, "it does not wait in the queue"),
            "stop_download": (state.is_over and not _is_left_over(one), "it is over already"),
        }
        holds, reason = reasons[name]
        return "it is here already" if is_here else reason if holds else None

    async def run(self, name: str, one: Download) -> None:
        """Carry out the action."""
        await self._actions[name](one)

    async def _pause(self, one: Download) -> None:
        if one.state is DownloadState.PAUSED:
            await self._retry(one)
        else:
            await self._wishes.grant(self._door.pause_download(one.id), "")

    async def _retry(self, one: Download) -> None:
        await self._wishes.grant(self._door.resume_download(one.id), "")

    async def _hurry(self, one: Download) -> None:
        await self._wishes.grant(self._door.hurry_download(one.id), "")

    async def _stop(self, one: Download) -> None:
        """Ask first where bytes would be thrown away."""
        if one.bytes:
            question, yes = (
                f"Stop it for good? {size(one.bytes)} of it are thrown away; a pause would keep them.",
                "Stop it",
            )
            if _is_left_over(one):
                question, yes = f"Throw away the {size(one.bytes)} that came? Another try begins anew.", "Throw away"
            dialog = dialogs.Confirm(question, [one.output], yes=yes, glyphs=self._wishes.glyphs)
            if await self._wishes.app.push_screen_wait(dialog) is not True:
                return
        await self._wishes.grant(self._door.stop_download(one.id), f"stopped: {one.output}")


def _is_left_over(one: Download) -> bool:
    """Whether it failed, and what came of it waits for another try."""
    return one.state is DownloadState.FAILED and one.bytes > 0
