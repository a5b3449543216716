"""From a key to the engine and back to a word: each action checks, asks where it must, and says how it went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

from textual.app import App

from tui.engine.door import Door
from tui.engine.facts.jobs import Action
from tui.model import Job, JobKey
from tui.screens import dialogs, refreshing
from tui.screens.clipboard import Clipboard
from tui.screens.granting import Granting, count, number, others
from tui.screens.options import BoardOptions
from tui.widgets.actions import BY_NAME

T = TypeVar("T")

_VERBS = {Action.REFRESH: "ask now"}


@dataclass(frozen=True, slots=True)
class _Words:
    """How an action on jobs is asked for and told of."""

    action: Action
    question: str
    yes: str
    doing: str
    done: str
    no: str = "No"


_CANCEL = _Words(
    Action.CANCEL, "Cancel {} at the vendor?", "Cancel them", "cancelling", "the vendor took the cancel of"
)
_RESET = _Words(
    Action.RESET,
    "Reset {} at the vendor? It begins anew.",
    "Reset them",
    "resetting",
    "the vendor took the reset of",
    no="Cancel",
)
_AGAIN = _Words(Action.AGAIN, "Run {} again at the vendor?", "Run them", "starting again", "started again:")


class Wishes(Granting):
    """The actions on jobs, for whatever screen they are asked from."""

    def __init__(self, app: App[int], door: Door, options: BoardOptions) -> None:
        super().__init__(app, options)
        self.clipboard = Clipboard(app, options.copy_ways)
        self.door = door
        self.keys = options.keys
        self.read_only = options.read_only
        self._untracked: list[tuple[Job, ...]] = []
        self.taken_off: set[JobKey] = set()
        """The jobs that the user took off the board in this run."""
        self._asked: set[JobKey] = set()
        """The jobs that are asked for by the user's word, and have not answered yet."""

    @property
    def why_no_change(self) -> str | None:
        """Why nothing can be changed at a vendor; None when it can."""
        return f"read-only; {self.keys.shown(BY_NAME['read_only'])} lifts that" if self.read_only else None

    def allow_changes(self, *, on: bool) -> None:
        """From now on allow what changes something at a vendor, or refuse it."""
        self.read_only = not on
        self.door.allow_changes(on=on)
        self.say("changes at the vendors are allowed now" if on else "read-only again: nothing changes at a vendor")

    def why_not(self, action: Action, job: Job) -> str | None:
        """Why this cannot be done with the job now; None when it can."""
        if action.changes_vendor and self.read_only:
            return self.why_no_change  # in the board's words: here a key lifts it
        return self.door.why_not(action, job)

    def able(self, action: Action, jobs: Sequence[Job]) -> list[Job]:
        """The jobs that this can be done with; says why not for the others."""
        verb = _VERBS.get(action, action.word)
        if not jobs:
            self.say(f"{verb}: there is no job to do it with", wrong=True)
            return []
        reasons = {job.key: self.why_not(action, job) for job in jobs}
        able = [job for job in jobs if reasons[job.key] is None]
        refused = [job for job in jobs if reasons[job.key] is not None]
        if refused:
            first = f"{refused[0].title}: {reasons[refused[0].key]}"
            self.say(f"{verb}: {first}{others(refused)}", wrong=True)
        return able

    # ── the actions ──

    async def download(self, jobs: Sequence[Job], outputs: tuple[str, ...] = ()) -> None:
        """Queue those of the jobs' outputs that are not here; where all are, all of them, after a yes."""
        able = self.able(Action.DOWNLOAD_NAMED if outputs else Action.DOWNLOAD, jobs)
        missing = {job.key: _missing(job, outputs) for job in able}
        here = [job for job in able if missing[job.key] == ()]
        them = "it" if len(here) == 1 else "them"
        if here and not await self.sure(f"{count(here)}: here already. Fetch {them} again?", here, yes="Fetch them"):
            able = [job for job in able if missing[job.key] != ()]
        await self.each(able, lambda key: self.door.download(key, missing[key] or outputs), "queueing", "queued:")

    async def download_finished(self) -> None:
        """Queue every finished result that is not here yet; says how many."""
        queued = await self.grant(self.door.download_finished(), "", "queueing all results")
        if queued is None:
            return
        told = f"queued {number(queued.files, 'file')} of {number(queued.jobs, 'job')}" if queued.files else ""
        skipped = f"{number(queued.skipped, 'job')} cannot be fetched from" if queued.skipped else ""
        self.say("; ".join(part for part in (told, skipped) if part) or "every result is here, or on its way")

    async def hand_over(self, job: Job, output: str) -> None:
        """Have another program fetch a link, after a yes, or save it; says what was done: no download of ours."""
        offers = (offer for offer in self.door.offers() if offer.connection == job.connection)
        program = next((offer.fetcher for offer in offers), None)
        if program is not None:
            question = f"Fetch it with {program}? The link's token goes along in its environment."
            dialog = dialogs.Confirm(question, [f"{output}  ({job.title})"], yes="Fetch it", glyphs=self.glyphs)
            if await self.app.push_screen_wait(dialog) is not True:
                return
        self.say(f"handing over {output}" + (f": {program} is at work, the History tells" if program else ""))
        done = await self.grant(self.door.hand_over(job.key, output), "", f"handing over {output}")
        if done is not None:
            self.say(f"handed over {output}: {done}", long=True)

    async def refresh(self, jobs: Sequence[Job]) -> None:
        """Ask the vendors now, and say what came of it; a job that is asked for already is not asked for twice."""
        if jobs and self._asked.issuperset(job.key for job in jobs):
            return
        able = self.able(Action.REFRESH, [job for job in jobs if job.key not in self._asked])
        if not able:
            return
        keys = [job.key for job in able]
        self._asked.update(keys)
        try:
            came = await self.grant(self.door.refresh(keys), "", f"asking for {count(able)}")
        finally:
            self._asked.difference_update(keys)
        if came is not None:
            if told := refreshing.news(able, came):
                self.say(told)
            self.warn_of(refreshing.troubles(came, self.door.why_not_asked))

    async def cancel(self, jobs: Sequence[Job]) -> None:
        """Cancel at the vendors, after a yes."""
        await self._change(_CANCEL, jobs, self.door.cancel)

    async def reset(self, jobs: Sequence[Job]) -> None:
        """Put jobs back to their start at the vendors, after a yes."""
        await self._change(_RESET, jobs, self.door.reset)

    async def again(self, jobs: Sequence[Job]) -> None:
        """Start jobs once more at the vendors, after a yes."""
        await self._change(_AGAIN, jobs, self.door.again)

    async def alert(self, jobs: Sequence[Job]) -> None:
        """Set an alert on the jobs; where all have one, take it off."""
        going = [job for job in jobs if not job.state.is_over]
        on = not all(job.alert for job in going or jobs)
        jobs = going if on else jobs
        told = f"alert on for {count(jobs)}: the end is told" if on else f"alert off for {count(jobs)}"
        await self.grant(self.door.set_alert([job.key for job in jobs], on=on), told, "noting the alert")

    async def untrack(self, jobs: Sequence[Job]) -> None:
        """Take jobs off the board; several only after a yes. `undo` brings them back."""
        able = self.able(Action.UNTRACK, jobs)
        if not able or (len(able) > 1 and not await self.sure(f"Untrack {count(able)}?", able, yes="Untrack them")):
            return
        gone = await self._take_off(self.door.untrack, able, f"taking off {count(able)}")
        if gone:
            self._untracked.append(gone)
            self.say(f"{count(gone)} taken off the board, {self.keys.shown(BY_NAME['undo'])} brings back")

    async def archive(self, jobs: Sequence[Job]) -> None:
        """Put jobs that are over into the archive."""
        able = self.able(Action.ARCHIVE, jobs)
        if not able:
            return
        if gone := await self._take_off(self.door.archive, able, f"archiving {count(able)}"):
            self.say(f"{count(gone)} archived; the filter is:archived finds what is there")

    async def _take_off(
        self, ask: Callable[[list[JobKey]], Future[tuple[Job, ...]]], jobs: Sequence[Job], doing: str
    ) -> tuple[Job, ...] | None:
        """Ask for jobs to leave the board; until it is refused they count as taken off."""
        keys = [job.key for job in jobs]
        self.taken_off.update(keys)
        return await self.grant(ask(keys), "", doing, failed=lambda: self.taken_off.difference_update(keys))

    async def bring_back(self, jobs: Sequence[Job]) -> None:
        """Put archived jobs back on the board."""
        able = self.able(Action.BRING_BACK, jobs)
        if able and (back := await self.grant(self.door.bring_back([job.key for job in able]), "", "bringing back")):
            self.say(f"{count(back)} back on the board")

    @property
    def can_undo(self) -> bool:
        """Whether there is something to bring back."""
        return bool(self._untracked)

    async def undo(self) -> None:
        """Bring back what was untracked last; what cannot be brought back now can be another time."""
        if self._untracked:
            jobs = self._untracked.pop()
            told = f"{count(jobs)} back on the board"
            await self.grant(
                self.door.restore(jobs), told, "bringing back", failed=lambda: self._untracked.append(jobs)
            )

    async def _change(self, words: _Words, jobs: Sequence[Job], ask: Callable[[JobKey], Future[T]]) -> None:
        able = self.able(words.action, jobs)
        if able and await self.sure(words.question.format(count(able)), able, yes=words.yes, no=words.no):
            await self.each(able, ask, words.doing, words.done)


def _missing(job: Job, outputs: tuple[str, ...]) -> tuple[str, ...] | None:
    """Those of these outputs, of none named of its results, that are not on the disk; None where nothing of it is."""
    if here := job.fetched:
        return tuple(name for name in outputs or [one.name for one in job.results] if name not in here)
    return None
