"""One download from its start to its end: a link right before use, tried again with patience, checked, named last."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.border import inert_error
from tui.engine.fetching.check import Check, Passed
from tui.engine.fetching.meter import Meter
from tui.engine.fetching.missing import results
from tui.engine.fetching.names import safe_name
from tui.engine.fetching.part_file import SPARE_BYTES, Owner, PartFile
from tui.engine.fetching.patience import Patience, is_passing
from tui.engine.fetching.progress import PieceSizes
from tui.engine.fetching.replies import ChangedError, LinkRefusedError
from tui.engine.fetching.transfer import Due, Transfer
from tui.engine.fetching.way import DyingLinkError
from tui.engine.unbroken import beside, in_thread, unbroken
from tui.engine.wire.daemon import in_daemon
from tui.engine.wire.sessions import LiveSession, Sessions
from tui.errors import AskError, DiskFullError, DownloadError
from tui.model import Connection, Download, DownloadState, Job, Output, OutputKind
from tui.vendors.contract import Link, Vendor
from tui.wording import duration


@dataclass(frozen=True, slots=True)
class Around:
    """What every download needs. `streams` is the most ranges of one file at the same time."""

    board: Board
    sessions: Sessions
    clock: Clock
    connection_of: Callable[[str], Connection]
    vendor_of: Callable[[str], Vendor]
    streams: int = 4
    sizes: PieceSizes = field(default_factory=PieceSizes)
    spare: int = SPARE_BYTES
    """How many bytes of the disk are left to others."""
    small: int = 128 * 1024
    """A file of no more bytes has no `.part`: it comes anew after an interruption."""
    rng: random.Random = field(default_factory=random.Random)


class Course:
    """Runs one download; interrupted anywhere, its part and record stay for the next run."""

    def __init__(self, around: Around, download: Download) -> None:
        self._around = around
        self._board = around.board
        self._number = download.id
        self._began = around.clock.monotonic()
        self._patience = Patience(around.rng)
        self._attempts = 0
        self._is_judged = False
        self._part: PartFile | None = None
        self._transfer: Transfer | None = None

    async def run(self) -> None:
        """Fetch the file, and tell the board of it. Raises JobdeckErrors when it cannot be had."""
        waits = replace(self._now(), state=DownloadState.RUNNING, message="its link is asked for")
        self._board.show_progress(waits)
        try:
            brought = await self._bring()
            self._is_judged = True
            await self._finish(*brought)
        except DiskFullError:
            await self._keep()
            raise
        except DownloadError:
            await self._drop()
            raise
        except BaseException as error:  # what came is of use when it is tried again, unless it is told to be wrong
            await (self._drop() if self._is_judged and isinstance(error, AskError) else self._keep())
            raise
        finally:
            if self._transfer:
                self._transfer.digests.close()

    async def _bring(self) -> tuple[Link, Vendor]:
        while True:
            try:
                return await self._round()
            except (AskError, ChangedError) as error:
                wait = self._patience.after(error, self._there())
                if isinstance(error, ChangedError) and self._transfer:
                    await self._transfer.start_again()
                await self._tell_trouble(error, wait)
            await self._around.clock.sleep(wait)

    async def _round(self) -> tuple[Link, Vendor]:
        """One try by each link that the vendor gives now; returns the one that brought the rest."""
        download = self._now()
        job = self._board.jobs.get(download.job)
        if job is None:
            raise DownloadError("the job is not on the board any more", hint="track it again")
        output = file_named(job, download.output)
        session = await self._around.sessions.of(self._around.connection_of(job.connection))
        vendor = self._around.vendor_of(job.vendor)
        links = await vendor.resolve(session, job.ref, output)
        if not links:
            raise DownloadError(f"{output.name} cannot be downloaded any more", hint="start the job again")
        errors: list[AskError] = []
        for link in links:
            try:
                await self._try(link, output, session, vendor)
                return link, vendor
            except AskError as error:  # the next way to the same bytes
                errors.append(error)
        raise next((one for one in errors if is_passing(one)), errors[-1])

    async def _try(self, link: Link, output: Output, session: LiveSession, vendor: Vendor) -> None:
        size = link.size if link.size is not None else output.size
        due = Due(safe_name(link.file_name or output.name), size, link.sha1 or output.sha1)
        part = await self._opened(due)
        await self._begin(due)
        if self._transfer is None or self._transfer.due != due:
            if self._transfer:
                await self._transfer.start_again()  # the vendor has another file there now
            self._transfer = Transfer(part, due, self._around.sizes, self._around.streams)
        meter = Meter(self._board, self._around.clock, part, self._transfer)
        await beside(self._transfer.bring(session, vendor, link), meter.run(self._number))

    async def _opened(self, due: Due) -> PartFile:
        def open_it() -> PartFile:
            download = self._now()
            owner, is_small = Owner(download.job, download.output), self._is_small(due)
            part = PartFile(download.folder, due.name, owner, self._around.spare, is_small=is_small)
            self._part = part  # kept by the thread itself: the wait for it may be cancelled
            return part

        return await in_daemon(open_it, lambda: None) if self._part is None else self._part

    def _is_small(self, due: Due) -> bool:
        return due.size is not None and due.size <= self._around.small

    async def _begin(self, due: Due) -> None:
        download, there = self._now(), self._there()
        is_first = not self._attempts
        self._attempts += 1
        event = None
        if is_first:
            event = f"{download.output}: goes on at {there} bytes" if there else f"{download.output}: started"
        running = replace(
            download,
            state=DownloadState.RUNNING,
            size=due.size if due.size is not None else download.size,
            bytes=there,
            resumed_from=there if is_first else download.resumed_from,
            attempts=download.attempts + 1,
            message=None,
        )
        await self._board.put_download(running, event)

    async def _tell_trouble(self, error: AskError | ChangedError, wait: float) -> None:
        download = replace(self._now(), speed=None, streams=0, bytes=self._there())
        if isinstance(error, ChangedError):
            what = "the file is another one now: from the start again"
        else:
            what = inert_error(error)
        if isinstance(error, LinkRefusedError | DyingLinkError):
            what, download = "a new link is asked for", replace(download, renewals=download.renewals + 1)
        told = f"{what}; tries again in {duration(wait)}" if wait >= 1 else what
        await self._board.put_download(replace(download, message=told), f"{download.output}: {what}")

    async def _finish(self, link: Link, vendor: Vendor) -> None:
        part, transfer = self._part, self._transfer
        if part is None or transfer is None:
            raise AssertionError("a link brought the file, but there is none")
        if not part.is_nameless:  # a small one is checked before that could be read
            self._board.show_progress(
                replace(self._now(), bytes=part.progress.size, streams=0, message="being checked")
            )
        check = Check(part, transfer, link, vendor, self._around.clock.now())
        # Once it has its name, nothing comes between that and the board's word that it is there.
        await unbroken(self._name(part, check))

    async def _name(self, part: PartFile, check: Check) -> None:
        def check_and_name() -> tuple[Passed, Path]:
            passed = check.run()
            return passed, part.finish(passed.name)

        passed, path = await in_daemon(check_and_name, lambda: None)
        size = part.progress.size
        done = replace(
            self._now(),
            state=DownloadState.DONE,
            path=path,
            bytes=size,
            size=size,
            verified=passed.verified,
            sha256=passed.sha256,
            seconds=self._around.clock.monotonic() - self._began,
            speed=None,
            streams=0,
            message=None,
        )
        await self._board.put_download(done, f"{done.output}: done, {size} bytes, checked by {passed.verified}")

    async def _keep(self) -> None:
        """Leave what came to the next run, where it can go on with it."""
        if self._part is None:
            return
        if self._part.validator is None or self._part.is_nameless or not self._there():
            await self._drop()
            return
        with suppress(DownloadError):  # a full disk: the last record stands
            await in_thread(self._part.save, sync=True)
        self._part.close()

    async def _drop(self) -> None:
        if self._part is not None:
            await in_thread(self._part.discard)

    def _now(self) -> Download:
        return self._board.downloads[self._number]

    def _there(self) -> int:
        return self._part.progress.size if self._part else 0


def file_named(job: Job, name: str) -> Output:
    """The job's file of that name. Raises DownloadError when it has none."""
    for output in job.snapshot.outputs:
        if output.name == name and output.kind is OutputKind.FILE:
            return output
    return chosen(job, (name,))[0]


def chosen(job: Job, names: tuple[str, ...]) -> tuple[Output, ...]:
    """The job's files of these names, or all results. Raises DownloadError for a name that is no file."""
    files = {output.name: output for output in job.snapshot.outputs if output.kind is OutputKind.FILE}
    for name in names:
        if name not in files:
            known = ", ".join(files) or "none"
            raise DownloadError(f"{job.title} has no file named {name}", hint=f"its files: {known}")
    if names:
        return tuple(files[name] for name in names)
    wanted = results(job)
    if not wanted:
        hint = f"fetched by name only: {', '.join(files)}" if files else "refresh it, or look at its report"
        status = job.snapshot.vendor_status or job.state
        raise DownloadError(f"{job.title} has no file to download ({status})", hint=hint)
    return wanted
