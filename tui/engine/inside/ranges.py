"""Any bytes of an output at its vendor, by HTTP ranges; all of them of the file that the first answer was of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx

from tui.clock import Clock
from tui.engine.fetching.parts import PartMap
from tui.engine.fetching.patience import MOST_RENEWALS, is_passing
from tui.engine.fetching.pump import pump
from tui.engine.fetching.replies import ChangedError, LinkRefusedError, Told, read_part, refuse_failure
from tui.engine.fetching.spans import Span
from tui.engine.wire.live_session import LiveSession
from tui.errors import AskError, DownloadError, JobdeckError
from tui.link_life import is_dying
from tui.model import Output, ProblemKind, Reference
from tui.vendors.contract import ExplainsFiles, Link, Part, Reply, Vendor

TAIL = 66 * 1024
"""So many bytes of the end are read first: as a rule a ZIP's whole directory, even behind the longest comment."""
HEAD = 64 * 1024
"""So many bytes at most are read of an answer that is not the range that was asked for."""
_TRIES = 3
_LONGEST_ANSWER = 120.0
"""Seconds after which an answer that still drips in is given up."""
_TOTAL = re.compile(r"bytes \d{1,18}-\d{1,18}/(\d{1,18})")
_WHOLE = "download it whole"


class NoRangesError(DownloadError):
    """The server sends a file only whole; `head` is how it begins, `size` its length in bytes where that is told."""

    def __init__(self, head: bytes, size: int | None) -> None:
        super().__init__(
            "the file's server sends it only whole: it cannot be looked into there",
            hint="download it, then look inside",
        )
        self.head = head
        self.size = size


@dataclass(frozen=True, slots=True)
class _Mark:
    """What tells a file, or a piece of one, from another that took its place."""

    total: int
    etag: str | None
    modified: str | None

    def differs(self, other: _Mark) -> bool:
        """Whether the other is of another file; a server may leave a validator out."""
        pairs = ((self.etag, other.etag), (self.modified, other.modified))
        return self.total != other.total or any(one and two and one != two for one, two in pairs)


class RangeSource:
    """One output at its vendor. A dead link is renewed; coroutines raise AskError or DownloadError."""

    def __init__(self, session: LiveSession, vendor: Vendor, ref: Reference, output: Output, clock: Clock) -> None:
        self._session = session
        self._vendor = vendor
        self._ref = ref
        self._output = output
        self._clock = clock
        self._link = Link("")
        self._made_at: datetime = clock.now()
        self._way = 0
        self._marks: dict[int, _Mark] = {}
        self.size = 0
        """Bytes of the whole file, known once it is open."""

    async def open(self) -> bytes:
        """Find a link that gives ranges; returns the file's last bytes, at most TAIL. Raises NoRangesError too."""
        errors: list[JobdeckError] = []
        for way, link in enumerate(await self._links()):
            self._way, self._link, self._marks = way, link, {}
            try:
                return await self._tail()
            except (AskError, NoRangesError) as error:  # the next way to the same bytes
                errors.append(error)
        raise next((error for error in errors if isinstance(error, NoRangesError)), errors[0])

    async def read(self, first: int, end: int) -> bytes:
        """The bytes from `first` up to, not including, `end`; both lie in the file."""
        got = bytearray()
        while first < end:
            number, piece = self._piece_at(first)
            upto = min(end, piece.last + 1)
            data = await self._patiently(number, Span(first - piece.first, upto - piece.first))
            got += data
            first += len(data)
        return bytes(got)

    # ── links ──

    async def _links(self) -> Sequence[Link]:
        self._made_at = self._clock.now()
        links = await self._vendor.resolve(self._session, self._ref, self._output)
        if not links:
            raise DownloadError(f"{self._output.name} cannot be had any more", hint="start the job again")
        return links

    async def _renew(self) -> None:
        links = await self._links()
        fresh = links[min(self._way, len(links) - 1)]
        if [(one.first, one.last) for one in fresh.parts] != [(one.first, one.last) for one in self._link.parts]:
            raise _changed()
        self._link = fresh

    def _url(self, number: int) -> str:
        return self._link.parts[number].url if self._link.parts else self._link.url

    def _piece_at(self, first: int) -> tuple[int, Part]:
        """The piece that the byte lies in, and its number; a file that is not in pieces is one."""
        for number, part in enumerate(self._link.parts):
            if part.first <= first <= part.last:
                return number, part
        return 0, Part(self._link.url, 0, self.size - 1)

    async def _tail(self) -> bytes:
        parts = self._link.parts
        if not parts:
            data = await self._patiently(0, None)
            at = max(self.size - TAIL, 0) + len(data)
            return data + await self.read(at, self.size)
        self.size = PartMap(parts).total
        return await self.read(max(self.size - TAIL, 0), self.size)

    # ── one request ──

    async def _patiently(self, number: int, span: Span | None) -> bytes:
        """Ask until bytes are there; a link that dies is renewed, a line that breaks is tried again."""
        if is_dying(self._url(number), self._made_at, self._clock.now()):
            await self._renew()
        renewals = tries = 0
        while True:
            try:
                return await self._ask(number, span)
            except LinkRefusedError as error:
                if renewals == MOST_RENEWALS:
                    raise error.said or error from None
                if renewals:
                    await self._clock.sleep(2.0**renewals)
                renewals += 1
                await self._renew()
            except AskError as error:
                tries += 1
                if tries == _TRIES or not is_passing(error):
                    raise
                await self._clock.sleep(error.retry_after or 2.0 ** (tries - 1))

    async def _ask(self, number: int, span: Span | None) -> bytes:
        """Some bytes from the beginning of the span on, or of the last TAIL bytes where it is None."""
        mark = self._marks.get(number)
        headers = {"Range": f"bytes=-{TAIL}" if span is None else f"bytes={span.first}-{span.end - 1}"}
        if mark and mark.etag and not mark.etag.startswith("W/"):
            headers["If-Match"] = mark.etag
        signed_in = self._link.signed_in and not self._link.parts
        async with self._session.stream_file(self._url(number), signed_in=signed_in, headers=headers) as response:
            try:
                await self._expect_range(response, is_first=mark is None)
                asked = self._end_of(response) if span is None else span
                told = read_part(response, asked, None)
            except ChangedError:
                raise _changed() if mark else _packed() from None
            self._compare(number, told)
            return await self._body(response, asked.end - asked.first)

    def _compare(self, number: int, told: Told) -> None:
        """Raises DownloadError when this is not the file, or the piece of it, that was read before."""
        if told.total is None:
            raise AskError(ProblemKind.BAD_REPLY, "the file's server does not say how long the file is", hint=_WHOLE)
        fresh = _Mark(told.total, told.etag, told.modified)
        piece = self._link.parts[number] if self._link.parts else None
        if self._marks.setdefault(number, fresh).differs(fresh) or (
            piece is not None and fresh.total != piece.last + 1 - piece.first
        ):
            raise _changed()

    def _end_of(self, response: httpx.Response) -> Span:
        """The file's last bytes, once its length is told."""
        match = _TOTAL.fullmatch(response.headers.get("content-range", "").strip())
        if match is None:
            raise AskError(ProblemKind.BAD_REPLY, "the file's server does not say which part it sends", hint=_WHOLE)
        self.size = int(match[1])
        return Span(max(self.size - TAIL, 0), self.size)

    async def _expect_range(self, response: httpx.Response, *, is_first: bool) -> None:
        """Raises AskError or ChangedError for an answer that is no range, NoRangesError for a whole file."""
        if response.status_code == 206:
            return
        if response.status_code == 416 and is_first:
            raise DownloadError("the file is empty", hint="there is nothing to look at")
        head = await self._start(response)
        reply = Reply(response.status_code, response.headers, head, self._clock.now())
        said = self._vendor.file_error(reply) if isinstance(self._vendor, ExplainsFiles) else None
        if response.status_code in (401, 403):
            raise LinkRefusedError(response.status_code, said)
        if said:
            raise said
        refuse_failure(response, self._clock.now())
        length = response.headers.get("content-length", "")
        raise NoRangesError(head, int(length) if length.isascii() and length.isdigit() else None)

    async def _start(self, response: httpx.Response) -> bytes:
        start = bytearray()
        async for chunk in response.aiter_bytes():
            start += chunk
            if len(start) >= HEAD:
                break
        return bytes(start[:HEAD])

    async def _body(self, response: httpx.Response, most: int) -> bytes:
        """What came; an answer may end before what was asked for. Raises AskError."""
        body = bytearray()
        deadline = self._clock.monotonic() + _LONGEST_ANSWER

        def sink(data: memoryview) -> None:
            body.extend(data)
            if len(body) > most:
                told = "the file's server sent more bytes than it was asked for"
                raise AskError(ProblemKind.BAD_REPLY, told, hint=_WHOLE)
            if self._clock.monotonic() > deadline:
                told = f"the answer had no end after {_LONGEST_ANSWER:g} s"
                raise AskError(ProblemKind.UNREACHABLE, told, hint="try again later")

        await pump(response, sink, self._session.connection.timeout)
        if not body:
            raise AskError(ProblemKind.UNREACHABLE, "the file's server sent nothing", hint="try again later")
        return bytes(body)


def _changed() -> DownloadError:
    return DownloadError("the file at the vendor has changed", hint="look inside again")


def _packed() -> AskError:
    return AskError(ProblemKind.BAD_REPLY, "the file's server packs the bytes although told not to", hint=_WHOLE)
