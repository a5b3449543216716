"""A door behind which nobody is: every wish ends with the sentence that this is a recording."""

# ruff: noqa: ARG002  # a wish is refused, whatever it is about

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from tui.engine.facts.archives import Contents, Member, Preview, TakenMember
from tui.engine.facts.connections import ConnectionDraft, Step
from tui.engine.facts.jobs import FilePage, Queued, Refreshed, Sighting, ToCopy, TrackWish
from tui.errors import JobdeckError
from tui.model import Job, JobKey, Safe, Secret

_T = TypeVar("_T")

WHY_NOT = Safe("this is a recording")
"""Why nothing is asked and nothing changed."""


def refused() -> Future[_T]:
    """The answer to a wish."""
    future: Future[_T] = Future()
    future.set_exception(JobdeckError(WHY_NOT, hint="open the board itself for that: jobdeck"))
    return future


class RefusingDoor:
    """The part of `door.Door` that would ask somebody, or change something."""

    def track(self, wish: TrackWish) -> Future[Job]:
        """See `Door`."""
        return refused()

    def keep(self, wish: TrackWish) -> Future[Safe]:
        """See `Door`."""
        return refused()

    def untrack(self, keys: Iterable[JobKey]) -> Future[tuple[Job, ...]]:
        """See `Door`."""
        return refused()

    def archive(self, keys: Iterable[JobKey]) -> Future[tuple[Job, ...]]:
        """See `Door`."""
        return refused()

    def bring_back(self, keys: Iterable[JobKey]) -> Future[tuple[Job, ...]]:
        """See `Door`."""
        return refused()

    def restore(self, jobs: Iterable[Job]) -> Future[None]:
        """See `Door`."""
        return refused()

    def refresh(self, keys: Iterable[JobKey]) -> Future[Refreshed]:
        """See `Door`."""
        return refused()

    def set_alert(self, keys: Iterable[JobKey], *, on: bool) -> Future[None]:
        """See `Door`."""
        return refused()

    def status_command(self, key: JobKey) -> Future[Safe]:
        """See `Door`."""
        return refused()

    def link(self, key: JobKey, output: str) -> Future[ToCopy]:
        """See `Door`."""
        return refused()

    def cancel(self, key: JobKey) -> Future[None]:
        """See `Door`."""
        return refused()

    def reset(self, key: JobKey) -> Future[None]:
        """See `Door`."""
        return refused()

    def report(self, key: JobKey, *, again: bool = False) -> Future[Safe]:
        """See `Door`."""
        return refused()

    def download(self, key: JobKey, outputs: tuple[str, ...] = (), folder: Path | None = None) -> Future[None]:
        """See `Door`."""
        return refused()

    def submit(self, connection: str, body: str, place: str | None = None, title: str | None = None) -> Future[Job]:
        """See `Door`."""
        return refused()

    def again(self, key: JobKey) -> Future[Job]:
        """See `Door`."""
        return refused()

    def discover(self, connection: str) -> Future[tuple[Sighting, ...]]:
        """See `Door`."""
        return refused()

    def browse(self, connection: str, place: str, more: str | None = None) -> Future[FilePage]:
        """See `Door`."""
        return refused()

    def attach(self, key: JobKey, outputs: tuple[str, ...]) -> Future[Job]:
        """See `Door`."""
        return refused()

    def hand_over(self, key: JobKey, output: str, folder: Path | None = None) -> Future[Safe]:
        """See `Door`."""
        return refused()

    def look_inside(self, key: JobKey, output: str) -> Future[Contents]:
        """See `Door`."""
        return refused()

    def preview(self, key: JobKey, output: str, member: Member) -> Future[Preview]:
        """See `Door`."""
        return refused()

    def take_members(
        self, key: JobKey, output: str, members: tuple[Member, ...], folder: Path | None = None
    ) -> Future[tuple[TakenMember, ...]]:
        """See `Door`."""
        return refused()

    def unpack(self, key: JobKey, output: str) -> Future[Path]:
        """See `Door`."""
        return refused()

    def hand_over_command(self, key: JobKey, output: str, folder: Path | None = None) -> Future[ToCopy]:
        """See `Door`."""
        return refused()

    def download_finished(self) -> Future[Queued]:
        """See `Door`."""
        return refused()

    def pause_download(self, download: int) -> Future[None]:
        """See `Door`."""
        return refused()

    def resume_download(self, download: int) -> Future[None]:
        """See `Door`."""
        return refused()

    def hurry_download(self, download: int) -> Future[None]:
        """See `Door`."""
        return refused()

    def stop_download(self, download: int) -> Future[None]:
        """See `Door`."""
        return refused()

    def save_filter(self, name: str, text: str) -> Future[Safe]:
        """See `Door`."""
        return refused()

    def save_connection(self, draft: ConnectionDraft, replaces: str | None = None) -> Future[Safe]:
        """See `Door`."""
        return refused()

    def remove_connection(self, name: str, *, with_jobs: bool) -> Future[Safe]:
        """See `Door`."""
        return refused()

    def check_connection(self, name: str, told: Callable[[Step], None]) -> Future[tuple[Step, ...]]:
        """See `Door`."""
        return refused()

    def pause_connection(self, name: str, *, on: bool) -> Future[None]:
        """See `Door`."""
        return refused()

    def keep_secret(self, connection: str, field: str, secret: Secret, *, only_this_run: bool) -> Future[Safe]:
        """See `Door`."""
        return refused()

    def log_out(self, connection: str) -> Future[None]:
        """See `Door`."""
        return refused()

    def unlock_keyring(self, password: Secret) -> Future[None]:
        """See `Door`."""
        return refused()
