"""How `watch` is seen where lines stand still: plain lines for people, or JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from tui.cli.as_json import job_json, one_line
from tui.cli.context import now
from tui.cli.fetching import shown_progress
from tui.cli.job_text import title_text
from tui.cli.paint import Paint
from tui.cli.terminal import tell
from tui.engine.engine import Engine
from tui.model import Job, JobKey


class View(Protocol):
    """What a watch tells while it goes on."""

    def begin(self, jobs: Iterable[Job]) -> None:
        """These are followed, and stand so."""
        ...

    def change(self, job: Job) -> None:
        """A job's state is another one."""
        ...

    def end(self, job: Job) -> None:
        """Nobody is asked about this job any more."""
        ...

    def fetched(self, job: JobKey, path: Path) -> None:
        """A file of the job is here."""
        ...

    def say(self, text: str) -> None:
        """Words for people, on stderr."""
        ...

    def follow(self) -> AbstractContextManager[None]:
        """Draw what moves while the work goes on."""
        ...


class LineView:
    """Each job as it stands, then one line a change; the progress of files on stderr, where that is a terminal."""

    def __init__(self, engine: Engine, keys: AbstractSet[JobKey], *, as_json: bool, quiet: bool) -> None:
        self._engine = engine
        self._keys = keys
        self._as_json = as_json
        self._quiet = quiet
        self._paint = Paint(sys.stdout)
        self._clear: Callable[[], None] = lambda: None

    def begin(self, jobs: Iterable[Job]) -> None:
        """Print each job as it stands."""
        for job in jobs:
            self.change(job)

    def change(self, job: Job) -> None:
        """Print the job as it is now."""
        self._clear()
        print(one_line(job_json(job, now())) if self._as_json else change_line(job, self._paint), flush=True)

    def end(self, job: Job) -> None:
        """Say nothing: the last change has said it."""

    def fetched(self, job: JobKey, path: Path) -> None:
        """Print where it is; the JSON lines are the jobs' alone."""
        if not self._as_json:
            self._clear()
            print(fetched_line(job, path), flush=True)

    def say(self, text: str) -> None:
        """Say it on stderr."""
        self._clear()
        tell(f"jobdeck: {text}")

    @contextmanager
    def follow(self) -> Iterator[None]:
        """Draw the downloads' progress."""
        with shown_progress(self._engine, self._keys.__contains__, quiet=self._quiet) as self._clear:
            yield


def fetched_line(job: JobKey, path: Path) -> str:
    """One file that is here, in one line: when, whose, where."""
    return f"{now():%H:%M:%S}Z  {job}  fetched {path}"


def change_line(job: Job, paint: Paint) -> str:
    """One job in one line: when, which, how it stands."""
    said = f" ({job.snapshot.vendor_status})" if job.snapshot.vendor_status else ""
    notice = f" - {job.snapshot.notice}" if job.snapshot.notice else ""
    title = title_text(job)
    return (
        f"{now():%H:%M:%S}Z  {job.key}{title and f'  {title}'}  {paint.state(job.state, job.state.value)}{said}{notice}"
    )
