"""The downloads that the board knows, also of jobs that were taken off it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tui.model import Download, JobKey


class KnownDownloads:
    """By their numbers, and by their jobs."""

    def __init__(self) -> None:
        self._all: dict[int, Download] = {}
        self._of: dict[JobKey, dict[int, Download]] = {}

    @property
    def all(self) -> Mapping[int, Download]:
        """By number."""
        return self._all

    def of(self, key: JobKey) -> Collection[Download]:
        """Those of one job, whichever run of it they are of."""
        return self._of.get(key, {}).values()

    def note(self, download: Download) -> None:
        """Set a download's present state."""
        known = self._all.get(download.id)
        if known is not None and known.job != download.job:  # its connection was renamed
            self._of[known.job].pop(known.id, None)
        self._all[download.id] = download
        self._of.setdefault(download.job, {})[download.id] = download

    def forget(self, key: JobKey) -> None:
        """A job went to the archive, and these with it."""
        for number in self._of.pop(key, {}):
            self._all.pop(number, None)
