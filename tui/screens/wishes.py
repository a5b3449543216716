"""From a key to the engine and back to a word: each action checks, asks where it must, and says how it went."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import TypeVar

from textual.app import App
from textual.notifications import SeverityLevel

from tui.engine.door import Door
from tui.engine.facts.jobs import Action
from tui.errors import JobdeckError
from tui.model import Job
from tui.screens.clipboard import Clipboard
from tui.screens.confirm import Confirm
from tui.widgets.glyphs import Glyphs
from tui.widgets.waiting import granted

T = TypeVar("T")

_VERBS = {
    Action.DOWNLOAD: "download",
    Action.REPORT: "report",
    Action.CANCEL: "cancel",
    Action.RESET: "reset",
    Action.REFRESH: "ask now",
    Action.AGAIN: "again",
    Action.UNTRACK: "untrack",
}


class Wishes:
    """The actions on jobs, for whatever screen they are asked from."""

    def __init__(self, app: App[int], door: Door, glyphs: Glyphs, *, read_only: bool, tmux: str | None = None) -> None:
        self.app = app
        self._clipboard = Clipboard(app, tmux)
        self.door = door
        self.glyphs = glyphs
        self.read_only = read_only
        self._untracked: list[tuple[Job, ...]] = []

    def why_not(self, action: Action, job: Job) -> str | None:
        """Why this cannot be done with the job now; None when it can."""
        if action in (Action.CANCEL, Action.RESET, Action.AGAIN) and self.read_only:
            return "jobdeck was started read-only"
        return self.door.why_not(action, job)

    def able(self, action: Action, jobs: Sequence[Job]) -> list[Job]:
        """The jobs that this can be done with; says why not for the others."""
        if not jobs:
            self.say(f"{_VERBS[action]}: there is no job to do it with", wrong=True)
            return []
        reasons = {job.key: self.why_not(action, job) for job in jobs}
        able = [job for job in jobs if reasons[job.key] is None]
        refused = [job for job in jobs if reasons[job.key] is not None]
        if refused:
            first = f"{refused[0].title}: {reasons[refused[0].key]}"
            more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
            self.say(f"{_VERBS[action]}: {first}{more}", wrong=True)
        return able

    def say(self, text: str, *, wrong: bool = False, long: bool = False) -> None:
        """Tell the user, for a few seconds, twice as long where there is more to read; never as markup."""
        severity: SeverityLevel = "warning" if wrong else "information"
        self.app.notify(text, severity=severity, markup=False, timeout=8 if wrong or long else 4)

    async def grant(self, future: Future[T], done: str) -> T | None:
        """Wait for a wish; say that it is done, or why not."""
        try:
            result = await granted(future)
        except JobdeckError as error:
            self.say(f"{error.message}\n{error.hint}".strip(), wrong=True)
            return None
        if done:
            self.say(done)
        return result

    # ── the actions ──

    async def download(self, jobs: Sequence[Job], outputs: tuple[str, ...] = ()) -> None:
        """Queue the jobs' outputs."""
        able = self.able(Action.DOWNLOAD, jobs)
        for job in able:
            await self.grant(self.door.download(job.key, outputs), "" if len(able) > 1 else f"queued: {job.title}")
        if len(able) > 1:
            self.say(f"queued the outputs of {len(able)} jobs")

    async def download_finished(self) -> None:
        """Queue every finished result that is not here yet; says how many."""
        queued = await self.grant(self.door.download_finished(), "")
        if queued is None:
            return
        told = f"queued {_number(queued.files, 'file')} of {_number(queued.jobs, 'job')}" if queued.files else ""
        skipped = f"{_number(queued.skipped, 'job')} cannot be fetched from" if queued.skipped else ""
        self.say("; ".join(part for part in (told, skipped) if part) or "every result is here, or on its way")

    async def hand_over(self, job: Job, output: str) -> None:
        """Have another program fetch a link, after a yes, or save it; says what was done: no download of ours."""
        offers = (offer for offer in self.door.offers() if offer.connection == job.connection)
        program = next((offer.fetcher for offer in offers), None)
        if program is not None:
            question = f"Fetch it with {program}? The link's token goes along in its environment."
            dialog = Confirm(question, [f"{output}  ({job.title})"], yes="Fetch it", glyphs=self.glyphs)
            if await self.app.push_screen_wait(dialog) is not True:
                return
        self.say(f"handing over {output}" + (f": {program} is at work, the History tells" if program else ""))
        done = await self.grant(self.door.hand_over(job.key, output), "")
        if done is not None:
            self.say(f"handed over {output}: {done}", long=True)

    async def copy_command(self, job: Job, output: str) -> None:
        """Copy the command that fetches a link, after a yes, since it holds the token; says which way it went."""
        question = "Copy the command that fetches it? It holds the link's token."
        dialog = Confirm(question, [f"{output}  ({job.title})"], yes="Copy it", glyphs=self.glyphs)
        if await self.app.push_screen_wait(dialog) is not True:
            return
        copied = await self.grant(self.door.hand_over_command(job.key, output), "")
        if copied is not None:
            self.say(f"{copied.what} {await self._clipboard.put(copied.text.reveal())}", long=True)

    async def refresh(self, jobs: Sequence[Job]) -> None:
        """Ask the vendors now."""
        able = self.able(Action.REFRESH, jobs)
        if able:
            await self.grant(self.door.refresh([job.key for job in able]), f"asking for {_count(able)}")

    async def cancel(self, jobs: Sequence[Job]) -> None:
        """Cancel at the vendors, after a yes."""
        able = self.able(Action.CANCEL, jobs)
        if not able or not await self._sure(f"Cancel {_count(able)} at the vendor?", able, yes="Cancel them"):
            return
        for job in able:
            self.say(f"cancelling {job.title}")
            await self.grant(self.door.cancel(job.key), f"the vendor took the cancel of {job.title}")

    async def reset(self, jobs: Sequence[Job]) -> None:
        """Put jobs back to their start at the vendors, after a yes."""
        able = self.able(Action.RESET, jobs)
        if not able or not await self._sure(
            f"Reset {_count(able)} at the vendor? It begins anew.", able, yes="Reset them", no="Cancel"
        ):
            return
        for job in able:
            self.say(f"resetting {job.title}")
            await self.grant(self.door.reset(job.key), f"the vendor took the reset of {job.title}")

    async def again(self, jobs: Sequence[Job]) -> None:
        """Start jobs once more at the vendors, after a yes."""
        able = self.able(Action.AGAIN, jobs)
        if not able or not await self._sure(f"Run {_count(able)} again at the vendor?", able, yes="Run them"):
            return
        for job in able:
            await self.grant(self.door.again(job.key), f"started again: {job.title}")

    async def untrack(self, jobs: Sequence[Job]) -> None:
        """Take jobs off the board; several only after a yes. `undo` brings them back."""
        able = self.able(Action.UNTRACK, jobs)
        if not able or (len(able) > 1 and not await self._sure(f"Untrack {_count(able)}?", able, yes="Untrack them")):
            return
        gone = await self.grant(self.door.untrack([job.key for job in able]), "")
        if gone:
            self._untracked.append(gone)
            self.say(f"{_count(gone)} taken off the board, z brings back")

    async def undo(self) -> None:
        """Bring back what was untracked last."""
        if not self._untracked:
            self.say("there is nothing to bring back", wrong=True)
            return
        jobs = self._untracked.pop()
        await self.grant(self.door.restore(jobs), f"{_count(jobs)} back on the board")

    async def _sure(self, question: str, jobs: Sequence[Job], *, yes: str, no: str = "No") -> bool:
        names = [f"{job.title}  ({job.connection})" for job in jobs]
        yes = yes if len(jobs) > 1 else yes.replace("them", "it")
        dialog = Confirm(question, names, yes=yes, no=no, glyphs=self.glyphs)
        answer = await self.app.push_screen_wait(dialog)
        return answer is True


def _count(jobs: Sequence[Job]) -> str:
    return jobs[0].title if len(jobs) == 1 else f"{len(jobs)} jobs"


def _number(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
