"""Which of a job's outputs are files, and which of them somebody wants."""

from __future__ import annotations

from collections.abc import Mapping

from tui.errors import DownloadError
from tui.model import Job, Output, OutputKind, Safe, Snapshot


class Files:
    """A job's files by name; those of the snapshot asked about last are at hand, since a job may have thousands."""

    def __init__(self) -> None:
        self._snapshot: Snapshot | None = None
        self._by_name: Mapping[str, Output[Safe]] = {}

    def named(self, job: Job, name: str) -> Output[Safe]:
        """The job's file of that name. Raises DownloadError when it has none."""
        if job.snapshot is not self._snapshot:
            self._snapshot, self._by_name = job.snapshot, _files(job)
        found = self._by_name.get(name)
        return chosen(job, (name,))[0] if found is None else found


def chosen(job: Job, names: tuple[str, ...]) -> tuple[Output[Safe], ...]:
    """The job's files of these names, or all results. Raises DownloadError for a name that is no file."""
    files = _files(job)
    for name in names:
        if name not in files:
            known = ", ".join(files) or "none"
            raise DownloadError(f"{job.title} has no file named {name}", hint=f"its files: {known}")
    if names:
        return tuple(files[name] for name in names)
    wanted = job.results
    if not wanted:
        hint = f"fetched by name only: {', '.join(files)}" if files else "refresh it, or look at its report"
        status = job.snapshot.vendor_status or job.state
        raise DownloadError(f"{job.title} has no file to download ({status})", hint=hint)
    return wanted


def _files(job: Job) -> Mapping[str, Output[Safe]]:
    return {output.name: output for output in job.snapshot.outputs if output.kind is OutputKind.FILE}
