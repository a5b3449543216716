"""What every action of the board is made of: ask, wait with the age in sight, and say how it went."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from textual.app import App
from textual.notifications import SeverityLevel

from tui.errors import JobdeckError
from tui.model import Job, JobKey
from tui.screens import dialogs
from tui.screens.errands import Errands
from tui.screens.options import BoardOptions
from tui.widgets.waiting import CalledBackError, granted
from tui.wording import and_more

T = TypeVar("T")

_AT_ONCE = 4
"""So many jobs are asked about at the same time, of many."""

ON_ITS_WAY = "already on its way; the outcome will be told"

_MOST_TOLD = 3
"""Of more warnings that come at once the others are only counted: they would cover the board."""


class Granting:
    """Waits for wishes and tells the user; knows no action."""

    def __init__(self, app: App[int], options: BoardOptions) -> None:
        self.app = app
        self.glyphs = options.glyphs
        self.errands = Errands(options.clock, options.glyphs, app.set_timer, options.errand_seconds)

    def say(self, text: str, *, wrong: bool = False, long: bool = False) -> None:
        """Tell the user, for a few seconds, twice as long where there is more to read; never as markup."""
        severity: SeverityLevel = "warning" if wrong else "information"
        self.app.notify(text, severity=severity, markup=False, timeout=8 if wrong or long else 4)

    def warn_of(self, texts: Sequence[str]) -> None:
        """Tell of what went wrong: a few one by one, of more the first ones and how many there are."""
        for text in texts[:_MOST_TOLD]:
            self.say(text, wrong=True)
        if len(texts) > _MOST_TOLD:
            self.say(f"{and_more(len(texts) - _MOST_TOLD)} like these", wrong=True)

    async def grant(
        self,
        future: Future[T],
        done: str,
        doing: str = "waiting for the answer",
        *,
        is_question: bool = False,
        failed: Callable[[], None] | None = None,
    ) -> T | None:
        """Wait for a wish, its age in sight; say that it is done, or why not, and call `failed` then.

        The user may call it back. What is on its way already goes on, and its end is said all the same. `is_question`
        is for what only gives an answer: nobody wants that any more then.
        """
        work = asyncio.ensure_future(granted(future))
        with self.errands.begin(doing) as errand:
            await errand.wait(work)
        if errand.is_left and not future.cancel():
            rest = "no longer waiting for the answer" if is_question else ON_ITS_WAY
            self.say(f"{doing}: {rest}")
        try:
            result = await work
        except JobdeckError as error:
            if isinstance(error, CalledBackError):
                self.say(f"{doing}: {error.message}")
            elif not (is_question and errand.is_left):
                self.say(error.told, wrong=True)
            if failed is not None:
                failed()
            return None
        if is_question and errand.is_left:
            return None
        if done:
            self.say(done)
        return result

    async def each(self, jobs: Sequence[Job], ask: Callable[[JobKey], Future[T]], doing: str, done: str) -> None:
        """Wish for each job, a few at the same time; tell how all went at once.

        When the user calls it back, only what is on its way already goes on.
        """
        if not jobs:
            return
        waiting, went = deque(jobs), list[Job]()
        failed: list[tuple[Job, JobdeckError]] = []
        under_way: dict[JobKey, Future[T]] = {}

        async def one_by_one() -> None:
            while waiting and not errand.is_left:
                job = waiting.popleft()
                under_way[job.key] = ask(job.key)
                try:
                    await granted(under_way[job.key])
                except CalledBackError:
                    pass  # they are counted below
                except JobdeckError as error:
                    failed.append((job, error))
                else:
                    went.append(job)
                del under_way[job.key]

        with self.errands.begin(f"{doing} {count(jobs)}") as errand:
            work = asyncio.gather(*(one_by_one() for _ in range(min(_AT_ONCE, len(jobs)))))
            await errand.wait(work)
        if errand.is_left:
            recalled = len(waiting) + sum(promise.cancel() for promise in under_way.values())
            sent = len(under_way) + len(waiting) - recalled
            parts = (
                f"{number(sent, 'job')} {ON_ITS_WAY}" if sent else "",
                f"{number(recalled, 'job')} called back" if recalled else "",
            )
            self.say(f"{doing}: {'; '.join(part for part in parts if part)}")
        await work
        if went:
            self.say(f"{done} {count(went)}")
        if failed:
            job, error = failed[0]
            self.say(_named(job, jobs) + error.told + others(failed, before="\n"), wrong=True)

    async def sure(self, question: str, jobs: Sequence[Job], *, yes: str, no: str = "No") -> bool:
        """Whether the user says yes, the jobs named; of one job "them" in `yes` becomes "it"."""
        names = [f"{job.title}  ({job.connection})" for job in jobs]
        yes = yes if len(jobs) > 1 else yes.replace("them", "it")
        dialog = dialogs.Confirm(question, names, yes=yes, no=no, glyphs=self.glyphs)
        answer = await self.app.push_screen_wait(dialog)
        return answer is True


def _named(job: Job, jobs: Sequence[Job]) -> str:
    """The job in front of what befell it, where it is one of several."""
    return f"{job.title}: " if len(jobs) > 1 else ""


def count(jobs: Sequence[Job]) -> str:
    """The one job by its title, of more how many they are."""
    return jobs[0].title if len(jobs) == 1 else f"{len(jobs)} jobs"


def others(some: Sequence[object], before: str = " ") -> str:
    """` (and 2 more)`, behind the one of them that was named; empty where it was the only one."""
    return f"{before}({more})" if (more := and_more(len(some) - 1)) else ""


def number(count: int, word: str) -> str:
    """So many of a thing."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
