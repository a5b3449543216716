"""One download from its start to its end: a link right before use, tried again with patience, checked, named last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

import httpx

from tui.engine.border import inert_error
from tui.engine.changed import changed
from tui.engine.fetching.around import Around, Fleet
from tui.engine.fetching.check import Check
from tui.engine.fetching.meter import Meter
from tui.engine.fetching.names import safe_name
from tui.engine.fetching.one_go import Named, OneGo
from tui.engine.fetching.part_file import Owner, PartFile
from tui.engine.fetching.parts import PartMap
from tui.engine.fetching.patience import Patience, is_passing
from tui.engine.fetching.replies import ChangedError, LinkRefusedError
from tui.engine.fetching.transfer import Due, Transfer
from tui.engine.fetching.way import DyingLinkError, Way
from tui.engine.unbroken import beside, in_thread, unbroken
from tui.engine.wire.daemon import in_daemon
from tui.engine.wire.live_session import LiveSession
from tui.errors import AskError, DiskFullError, DownloadError
from tui.model import Download, DownloadState, Output
from tui.text import safe_line
from tui.vendors.contract import Link, Vendor
from tui.wording import duration

_ASKS = safe_line("its link is asked for")


class Course:
    """Runs one download; interrupted anywhere, its part and record stay for the next run."""

    def __init__(
        self,
        around: Around,
        fleet: Fleet,
        download: Download,
        let_next: Callable[[], None],
        *,
        is_taken_up: bool,
    ) -> None:
        """`let_next` is called once the file has its name, and only the board's entry is still to be written.

        `is_taken_up`: another program had begun it and was ended.
        """
        self._around = around
        self._board = around.board
        self._fleet = fleet
        self._let_next = let_next
        self._is_taken_up = is_taken_up
        self._number = download.id
        self._began = around.clock.monotonic()
        self._patience = Patience(around.rng)
        self._attempts = 0
        self._attempts_before = download.attempts
        self._has_begun = False
        """Whether its history says so."""
        self._is_judged = False
        self._go: OneGo | None = None
        """The try that brought all of it at once."""
        self._part: PartFile | None = None
        self._transfer: Transfer | None = None

    async def run(self) -> None:
        """Fetch the file, and tell the board of it. Raises JobdeckErrors when it cannot be had."""
        self._fleet.group_writes.show(
            changed(self._now(), state=DownloadState.RUNNING, message=_ASKS),
        )
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
        except BaseException as error:  # a later try can use what came, unless a check found it wrong
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
        output = self._fleet.files.named(job, download.output)
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
        if link.parts:  # opened first, so that wrong parts discard what came before
            await self._opened(due)
        way = Way(session, vendor, link, session.clock.now(), PartMap(link.parts) if link.parts else None)
        self._attempts += 1
        if size is not None and self._is_for_one_go(size, link):
            await self._in_one_go(way, due, size)
        else:
            await self._by_part(way, due)

    def _is_for_one_go(self, size: int, link: Link) -> bool:
        """Whether nothing of it is here, and it would come in one stream anyway."""
        if self._part is not None or self._now().bytes or link.parts or size > self._around.at_one_go:
            return False
        return self._around.streams == 1 or size < self._around.sizes.split_from

    async def _in_one_go(self, way: Way, due: Due, size: int) -> None:
        """Fetch, check and name it at once, or go on with the answer as with that of a large file."""
        judge = partial(Check, due, link=way.link, vendor=way.vendor, at=way.made_at)
        timeout = way.session.connection.timeout
        go = OneGo(
            due,
            size,
            self._now().folder,
            judge,
            timeout=timeout,
            is_signed_in=way.is_signed_in,
            names=self._fleet.names,
            may_be_there=self._is_taken_up,
        )
        self._fleet.meter.follow(self._number, go, self._attempts_before + self._attempts)
        try:
            begun = None if way.is_signed_in else await way.session.express(way.link.url, go)
            if not go.is_over:
                async with way.ask(taker=None if begun else go, begun=begun) as response:
                    if not go.is_over:
                        self._fleet.meter.leave(self._number)
                        await self._keep_what_came(go, due)
                        await self._by_part(way, due, None if go.at else response)
            self._go = go
        except (AskError, asyncio.CancelledError):
            await unbroken(self._wind_up(go, due))
            raise
        finally:
            self._fleet.meter.leave(self._number)
            if not go.named:
                attempts = self._attempts_before + self._attempts
                self._board.note_download(changed(self._now(), size=size, attempts=attempts, bytes=self._there()))

    async def _wind_up(self, go: OneGo, due: Due) -> None:
        self._fleet.meter.leave(self._number)  # else it would show the file as whole before that is written down
        await go.give_up()
        await (self._tell_whole(go.named, go.size) if go.named else self._keep_what_came(go, due))

    async def _keep_what_came(self, go: OneGo, due: Due) -> None:
        if self._part is None and not go.is_over and go.at and go.told and go.told.validator:
            part = await self._opened(due)
            await in_thread(part.begin_with, go.come, go.told.validator, go.size)

    async def _by_part(self, way: Way, due: Due, response: httpx.Response | None = None) -> None:
        """Bring what is missing; with a response, what it answers to an ask for all of the file."""
        part = await self._opened(due)
        await self._begin(due)
        if self._transfer is None or self._transfer.due != due:
            if self._transfer:
                await self._transfer.start_again()  # the vendor has another file there now
            self._transfer = Transfer(part, due, self._around.sizes, self._around.streams)
        meter = Meter(self._board, self._around.clock, part, self._transfer)
        await beside(self._transfer.bring(way, response), meter.run(self._number))

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
        event = None
        if not self._has_begun:
            event = f"{download.output}: goes on at {there} bytes" if there else f"{download.output}: started"
        running = replace(
            download,
            state=DownloadState.RUNNING,
            size=due.size if due.size is not None else download.size,
            bytes=there,
            resumed_from=download.resumed_from if self._has_begun else there,
            attempts=self._attempts_before + self._attempts,
            message=None,
        )
        self._has_begun = True
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
        began = [] if self._has_begun or not self._attempts else [f"{download.output}: started"]
        self._has_begun = bool(self._attempts)
        events = [*began, f"{download.output}: {what}"]
        await self._board.put_downloads([(replace(download, message=safe_line(told)), event) for event in events])

    async def _finish(self, link: Link, vendor: Vendor) -> None:
        if (go := self._go) and go.refusal:
            raise go.refusal
        if go and go.named:
            await self._tell_whole(go.named, go.size)
            return
        part, transfer = self._part, self._transfer
        if part is None or transfer is None:
            raise AssertionError("a link brought the file, but there is none")
        if not part.is_nameless:  # a small one is checked before that could be read
            self._board.show_progress(
                replace(self._now(), bytes=part.progress.size, streams=0, message=safe_line("being checked"))
            )
        check = Check(transfer.due, transfer.told, link, vendor, self._around.clock.now())
        # Once it has its name, nothing comes between that and the board's word that it is there.
        await unbroken(self._name(part, transfer, check))

    async def _name(self, part: PartFile, transfer: Transfer, check: Check) -> None:
        size = part.progress.size

        def check_and_name() -> Named:
            passed = check.run(part, size, transfer.digests.sums(size))
            twin = passed.sha256 if self._is_taken_up else None
            return Named(part.finish(passed.name, self._fleet.names, twin), passed)

        await self._tell_whole(await in_daemon(check_and_name, lambda: None), size)

    async def _tell_whole(self, named: Named, size: int) -> None:
        """Say that the file is there; a cancelled wait ends when that is written."""
        self._let_next()
        verified = named.passed.verified
        done = changed(
            self._now(),
            state=DownloadState.DONE,
            path=named.path,
            bytes=size,
            size=size,
            verified=verified,
            sha256=named.passed.sha256,
            seconds=self._around.clock.monotonic() - self._began,
            speed=None,
            streams=0,
            attempts=self._attempts_before + self._attempts,
            message=None,
        )
        told = f"{done.output}: done, {size} bytes, checked by {verified}"
        try:
            await self._fleet.group_writes.whole(done, told)
        finally:
            self._fleet.names.forget(named.path)

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
        if self._part is None:
            return
        await in_thread(self._part.discard)
        if not self._now().state.is_over:  # it is paused or failed with nothing, and says so
            self._board.note_download(changed(self._now(), bytes=0))

    def _now(self) -> Download:
        return self._board.downloads[self._number]

    def _there(self) -> int:
        return self._part.progress.size if self._part else 0
