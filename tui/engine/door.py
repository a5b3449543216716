"""The one narrow door between the screen and the engine.

The engine lives in its own thread with its own event loop, since a stalled terminal stops the screen's loop
(facts: SSH). Facts come out through `drain`, coalesced per job; wishes go in through methods that return at once
with a `Future`. Every method may be called from the screen's thread and none of them blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from tui.model import ConnectionHealth, Download, Event, Job, JobKey, Output


class Action(StrEnum):
    """What a user can do with a job; `Door.why_not` says whether it can be done now."""

    DOWNLOAD = "download"
    REPORT = "report"
    CANCEL = "cancel"
    REFRESH = "refresh"
    AGAIN = "again"
    UNTRACK = "untrack"


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new since the last `drain`: the latest version of each changed thing, once."""

    jobs: tuple[Job, ...] = ()
    gone: tuple[JobKey, ...] = ()
    connections: tuple[ConnectionHealth, ...] = ()
    downloads: tuple[Download, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.jobs or self.gone or self.connections or self.downloads)


@dataclass(frozen=True, slots=True)
class TrackWish:
    """What `track` is asked for.

    `text` is any form of CONTRACT section 2, a curl command included; hidden from `repr`, since it may hold secrets.
    """

    text: str = field(repr=False)
    connection: str | None = None
    title: str | None = None
    outputs: tuple[str, ...] = ()
    expires_in: float | None = None
    check: bool = True


@dataclass(frozen=True, slots=True)
class Offers:
    """What a connection can do beyond watching."""

    connection: str
    vendor: str
    submit: bool
    discover: bool
    browse: bool


@dataclass(frozen=True, slots=True)
class Sighting:
    """A job that a vendor says it has run lately; `tracked` when it is on the board already."""

    connection: str
    ref: str
    title: str | None
    at: datetime | None
    tracked: bool


@dataclass(frozen=True, slots=True)
class FilePage:
    """One page of the files at a place; `more` asks on."""

    files: tuple[Output, ...]
    more: str | None = None


class Door(Protocol):
    """What the screen may ask of the engine. Futures end with a JobdeckError when a wish cannot be granted."""

    def on_changes(self, wake: Callable[[], None]) -> None:
        """Have `wake` called (from the engine's thread) when `drain` has something after having been empty."""
        ...

    def drain(self) -> Changes:
        """Take what is new. The first call after a start gives everything there is."""
        ...

    def why_not(self, action: Action, job: Job) -> str | None:
        """Why the action cannot be done with this job now, in a few words; None when it can."""
        ...

    def track(self, wish: TrackWish) -> Future[Job]:
        """Put a job on the board."""
        ...

    def untrack(self, keys: Iterable[JobKey]) -> Future[tuple[Job, ...]]:
        """Take jobs off the board; returns them, so that `restore` can undo it."""
        ...

    def restore(self, jobs: Iterable[Job]) -> Future[None]:
        """Put untracked jobs back as they were."""
        ...

    def refresh(self, keys: Iterable[JobKey]) -> Future[None]:
        """Ask for these jobs as soon as the vendors' limits allow; also revives a refused connection."""
        ...

    def focus(self, key: JobKey | None) -> None:
        """The job under the cursor: it is asked first and more often."""
        ...

    def cancel(self, key: JobKey) -> Future[None]:
        """Tell the vendor to stop the job; done when the vendor took it."""
        ...

    def report(self, key: JobKey, *, again: bool = False) -> Future[str]:
        """The report's text: the kept one, or asked anew when there is none, it grows, or `again` is set."""
        ...

    def history(self, key: JobKey) -> Future[tuple[Event, ...]]:
        """Everything that happened to the job, oldest first."""
        ...

    def download(self, key: JobKey, outputs: tuple[str, ...] = (), folder: Path | None = None) -> Future[None]:
        """Queue outputs of a job for download; all its files when none is named."""
        ...

    def offers(self) -> tuple[Offers, ...]:
        """What each connection can do beyond watching."""
        ...

    def submit(self, connection: str, body: str, place: str | None = None, title: str | None = None) -> Future[Job]:
        """Start a job from a request body, exactly once, and track it."""
        ...

    def again(self, key: JobKey) -> Future[Job]:
        """Start a job once more with the body it was started with from here."""
        ...

    def discover(self, connection: str) -> Future[tuple[Sighting, ...]]:
        """What ran lately at the vendor, newest first."""
        ...

    def browse(self, connection: str, place: str, more: str | None = None) -> Future[FilePage]:
        """One page of the files at a place (Autodesk: `BUCKET` or `BUCKET/PREFIX`)."""
        ...

    def attach(self, key: JobKey, outputs: tuple[str, ...]) -> Future[Job]:
        """Attach output files to a job whose vendor does not name them."""
        ...

    def hand_over(self, key: JobKey, output: str, folder: Path | None = None) -> Future[str]:
        """Have another program fetch a `link` output, or save the link to a private file; says what was done."""
        ...

    def stop_download(self, download: int) -> Future[None]:
        """Stop one download by its id."""
        ...

    def close(self, timeout: float = 2.0) -> None:
        """Stop the engine and wait at most `timeout` seconds for its thread; everything is on disk before."""
        ...
