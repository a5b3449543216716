"""One output on its way from the vendor to the disk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from tui.model.reference import JobKey
from tui.text import Safe

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class Verified(StrEnum):
    """Which check a downloaded file passed."""

    SHA1 = "sha1"
    SHA256 = "sha256"
    MD5 = "md5"
    ZIP = "zip"
    """Every member's CRC."""
    SIZE = "size"
    NONE = "none"


class DownloadState(StrEnum):
    """The life of one download."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    """Waits for the user's word, or for room on the disk; what came is kept."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether the download has come to an end; a paused one has not."""
        return self not in (DownloadState.QUEUED, DownloadState.RUNNING, DownloadState.PAUSED)

    @property
    def is_moving(self) -> bool:
        """Whether the download goes on by itself."""
        return self in (DownloadState.QUEUED, DownloadState.RUNNING)


@dataclass(frozen=True, slots=True)
class Download:
    """One output on its way to the disk, or there. Sizes are bytes, `speed` is bytes a second."""

    id: int
    """See `id_at`; a later one is larger."""
    job: JobKey
    output: Safe
    folder: Path
    state: DownloadState
    path: Path | None = None
    bytes: int = 0
    size: int | None = None
    verified: Verified | None = None
    sha256: str | None = None
    resumed_from: int = 0
    """How many bytes of an earlier run it went on from."""
    attempts: int = 0
    renewals: int = 0
    """How many new links it was given while it went on."""
    streams: int = 0
    """How many ranges of it come at the same time now."""
    priority: int = 0
    """Higher goes first; equals in the order in which they were asked for."""
    seconds: float = 0.0
    speed: float | None = None
    message: Safe | None = None
    member: Safe | None = None
    """The one member of the output that was fetched alone out of its archive; None for the whole output."""

    @staticmethod
    def id_at(at: datetime) -> int:
        """The id of a download that is asked for at this moment: what is older has a smaller one."""
        return (at - _EPOCH) // _TICK

    @property
    def queued_at(self) -> datetime:
        """When it was asked for, as its id tells."""
        return _EPOCH + self.id * _TICK

    @property
    def turn(self) -> tuple[int, int]:
        """Its place in the queue: the smallest goes first."""
        return -self.priority, self.id

    @property
    def is_whole(self) -> bool:
        """Whether the whole output is on the disk."""
        return self.state is DownloadState.DONE and self.member is None

    @property
    def name(self) -> Safe:
        """What it is called on the screen."""
        return self.output if self.member is None else Safe(f"{self.output}: {self.member}")
