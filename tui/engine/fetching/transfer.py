"""Bringing the bytes of one file that are missing: in one stream, or in pieces by several workers at once.

Nothing is joined that might come from two objects: pieces carry the validator of the first answer, and each answer
is checked against it (facts: downloads, section 3.2; curl, wget and aria2 join halves of two files).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import httpx

from tui.engine.fetching.digests import Digests
from tui.engine.fetching.link_life import is_dying
from tui.engine.fetching.part_file import PartFile
from tui.engine.fetching.parts import PartMap
from tui.engine.fetching.progress import Cut, Piece, PieceSizes
from tui.engine.fetching.pump import pump
from tui.engine.fetching.replies import (
    ChangedError,
    CrowdedError,
    LinkRefusedError,
    Told,
    read_part,
    read_whole,
    refuse_failure,
)
from tui.engine.fetching.spans import Span
from tui.engine.sessions import LiveSession
from tui.engine.unbroken import in_thread
from tui.errors import AskError, DownloadError
from tui.model import ProblemKind
from tui.vendors.contract import ExplainsFiles, Link, Reply, Vendor

_MOST_OF_AN_ERROR = 65_536
_SMALL = 1024**2
"""A file of less is fetched again sooner than taken up again, and finds its room or does not."""
_HASH_STEP = 1024**2
_NO_END = 2**63
_GROW_AFTER = 8
"""So many pieces without trouble bring back one of the workers that a crowded server sent away."""


class DyingLinkError(AskError):
    """The link will not last for one more piece: a new one is due, and nothing is wrong."""

    def __init__(self) -> None:
        super().__init__(ProblemKind.UNREACHABLE, "the link has run out", hint="ask for a new one")


@dataclass(frozen=True, slots=True)
class Due:
    """What the vendor says that the file is; hashes are hex, sizes bytes."""

    name: str
    size: int | None = None
    sha1: str | None = None


class Transfer:
    """One file's way to its part; `bring` may fail anywhere and goes on when it is called again."""

    def __init__(self, part: PartFile, due: Due, vendor: Vendor, sizes: PieceSizes, most: int) -> None:
        """`most` is how many streams there may be at once."""
        self._part = part
        self.due = due
        self._vendor = vendor
        self._sizes = sizes
        self._most = most
        self._clean = 0
        self._workers = 0
        self._is_hushed = False
        self._hashed_at = 0
        self._troubles: list[AskError] = []
        self.streams = 0
        """How many there are now."""
        self.told: Told | None = None
        """What the server said of the file; None before its first good answer."""
        self.digests = Digests(part, sha1=due.sha1 is not None)

    async def bring(self, session: LiveSession, link: Link) -> None:
        """Bring what is missing. Raises AskError, ChangedError (start again) or DownloadError."""
        made_at = session.clock.now()
        if link.parts:
            parts = PartMap(link.parts)
            await self._accept_parts(parts)
            await self._share(
                _Way(session, link, made_at, parts), self._most, parts.cut(can_resume=self._part.validator is not None)
            )
        elif self._part.validator and self._part.progress.size:
            await self._go_on(_Way(session, link, made_at))
        else:
            await self._start(_Way(session, link, made_at))

    async def start_again(self) -> None:
        """Forget what came. Raises DownloadError."""
        await in_thread(self._part.start_again)
        self.digests.close()
        self.digests = Digests(self._part, sha1=self.due.sha1 is not None)
        self._hashed_at = 0
        self.told = None

    async def _start(self, way: _Way) -> None:
        if self._part.progress.size:
            await self.start_again()
        may_be_large = self.due.size is None or self.due.size >= self._sizes.split_from
        if self._most > 1 and may_be_large and await self._start_in_pieces(way):
            return
        async with self._answer(way) as response:
            refuse_failure(response, way.now())
            await self._take_whole(way, response)

    async def _start_in_pieces(self, way: _Way) -> bool:
        """Ask for the first piece; False where the server does not prove that the others would fit to it."""
        asked = Span(0, self._sizes.most)
        async with self._answer(way, asked) as response:
            if response.status_code == 200:
                await self._take_whole(way, response)
                return True
            try:
                refuse_failure(response, way.now())
                told = read_part(response, asked, None)
            except ChangedError:  # an empty file has no first byte; a packed answer no place for it
                return False
            is_all = told.total is not None and told.total <= asked.end
            if told.total is None or not (is_all or _is_etag(told.validator)):
                return False
            await self._accept(told)
            first = self._part.progress.take(lambda gap, _: Span(gap.first, min(asked.end, gap.end)))
            await self._share(way, self._most, self._cut(), (response, first) if first else None)
        return True

    async def _go_on(self, way: _Way) -> None:
        if self._part.progress.total is None:
            await self._learn_the_rest(way)
            return
        left = self._part.progress.total - self._part.progress.size
        may_split = _is_etag(self._part.validator) and left >= self._sizes.split_from
        await self._share(way, self._most if may_split else 1, self._cut() if may_split else _all_of_it)

    async def _learn_the_rest(self, way: _Way) -> None:
        """Ask for all that follows what came, where nobody has told yet how much that is."""
        asked = Span(self._part.progress.prefix, _NO_END)
        async with self._answer(way, asked) as response:
            refuse_failure(response, way.now())
            told = read_part(response, asked, self._part.validator)
            if told.total is None:
                raise ChangedError
            await self._accept(told)
            if piece := self._part.progress.take(_all_of_it):
                await self._pour(way, response, piece)

    async def _take_whole(self, way: _Way, response: httpx.Response) -> None:
        is_checked = self.due.size is not None or self.due.sha1 is not None
        await self._accept(read_whole(response, self.due.name, is_checked=is_checked))
        progress = self._part.progress
        piece = progress.take(_all_of_it)
        if piece is not None:
            await self._pour(way, response, piece)
            if progress.total is None:
                progress.total = piece.at  # nobody told it: what came is all

    async def _accept(self, told: Told) -> None:
        """The server's word on the whole object. Raises DownloadError where the vendor's is another, or no room is."""
        progress = self._part.progress
        if told.total is not None and self.due.size is not None and told.total != self.due.size:
            raise _wrong_size(told.total, self.due.size)
        if self.told is None and self.due.sha1 is None and told.md5 is not None:
            self.digests.close()
            self.digests = Digests(self._part, md5=True)
        self.told = told
        self._part.validator = told.validator
        progress.total = told.total if told.total is not None else self.due.size
        if progress.total is None or progress.total > _SMALL:
            await in_thread(self._part.save)
            self._part.need_room(progress.total or 0)

    async def _accept_parts(self, parts: PartMap) -> None:
        progress = self._part.progress
        validator = f"sha1 {self.due.sha1}" if self.due.sha1 else None
        if progress.size and (self._part.validator != validator or progress.total != parts.total):
            await self.start_again()
            progress = self._part.progress
        if self.due.size is not None and self.due.size != parts.total:
            raise _wrong_size(parts.total, self.due.size)
        self._part.validator, progress.total = validator, parts.total
        self._part.need_room(parts.total)

    async def _share(
        self, way: _Way, workers: int, cut: Cut, first: tuple[httpx.Response, Piece] | None = None
    ) -> None:
        """Have workers bring the pieces; those that fail leave, and the last one's trouble is raised."""
        self._troubles.clear()
        self._clean, self._is_hushed = 0, False
        try:
            async with asyncio.TaskGroup() as crew:
                for number in range(workers):
                    crew.create_task(self._work(way, cut, crew, workers, None if number else first))
        except BaseExceptionGroup as several:
            errors = sorted(several.exceptions, key=lambda error: not isinstance(error, DownloadError))
            raise errors[0] from None
        if not self._part.progress.is_complete:
            raise max(self._troubles, key=_patience, default=_came_short(self._part))

    async def _work(
        self, way: _Way, cut: Cut, crew: asyncio.TaskGroup, most: int, first: tuple[httpx.Response, Piece] | None
    ) -> None:
        self._workers += 1
        try:
            if first:
                await self._pour(way, *first)
            while not self._is_hushed and (piece := self._part.progress.take(cut)):
                await self._bring_piece(way, piece)
                self._clean += 1
                if self._clean % _GROW_AFTER == 0 and self._workers < most:
                    crew.create_task(self._work(way, cut, crew, most, None))
        except AskError as error:
            if error.kind is not ProblemKind.UNREACHABLE and not isinstance(error, LinkRefusedError):
                raise
            self._troubles.append(error)
            if isinstance(error, CrowdedError):
                self._clean = 1  # the count begins anew: it is crowded now
                self._is_hushed = self._is_hushed or error.retry_after is not None
        finally:
            self._workers -= 1

    async def _bring_piece(self, way: _Way, piece: Piece) -> None:
        try:
            if is_dying(way.url_at(piece.first), way.made_at, way.now()):
                raise DyingLinkError
            if way.parts:
                await self._bring_part(way, way.parts, piece)
                return
            asked = Span(piece.first, piece.end or 0)
            async with self._answer(way, asked) as response:
                refuse_failure(response, way.now())
                told = read_part(response, asked, self._part.validator)
                if told.total is not None and told.total != self._part.progress.total:
                    raise ChangedError
                self.told = self.told or told
                await self._pour(way, response, piece)
        finally:
            self._part.progress.give_back(piece)

    async def _bring_part(self, way: _Way, parts: PartMap, piece: Piece) -> None:
        asked = parts.inside(piece.first, piece.end or 0)
        async with self._answer(way, asked if asked.first else None, at=piece.first) as response:
            refuse_failure(response, way.now())
            if response.status_code == 206 and asked.first:
                read_part(response, asked, None)
            else:
                read_whole(response, self.due.name, is_checked=True)
                piece.first = piece.at = piece.first - asked.first
            await self._pour(way, response, piece)

    async def _pour(self, way: _Way, response: httpx.Response, piece: Piece) -> None:
        """Write what the answer brings. Raises AskError where it brings more or less than is due."""

        def sink(data: memoryview) -> None:
            self._refuse_more(piece, piece.at + len(data))
            self._part.write(piece, data)
            if piece.at - self._hashed_at >= _HASH_STEP:
                self._hashed_at = self._part.progress.prefix
                self.digests.follow(self._hashed_at)

        self.streams += 1
        try:
            await pump(response, sink, way.session.connection.timeout)
        finally:
            self.streams -= 1
            self._part.progress.give_back(piece)
        if piece.end is not None and piece.at < piece.end:
            raise _came_short(self._part)

    def _refuse_more(self, piece: Piece, end: int) -> None:
        if self.due.size is not None and end > self.due.size:
            raise _wrong_size(end, self.due.size)
        if piece.end is not None and end > piece.end:
            told = "the file's server sends more than it said"
            raise AskError(ProblemKind.BAD_REPLY, told, hint="ask who runs the server")

    @asynccontextmanager
    async def _answer(self, way: _Way, asked: Span | None = None, at: int = 0) -> AsyncGenerator[httpx.Response]:
        """The answer's head, refused in the vendor's own words where it has some."""
        headers = {}
        if asked is not None:
            headers["Range"] = f"bytes={asked.first}-" + ("" if asked.end == _NO_END else str(asked.end - 1))
            if self._part.validator and not way.parts:
                headers["If-Range"] = self._part.validator
        url, signed_in = way.url_at(at), way.link.signed_in and not way.parts
        async with way.session.stream_file(url, signed_in=signed_in, headers=headers) as response:
            if response.status_code in (401, 403):
                raise LinkRefusedError(response.status_code, await self._said(way, response))
            if (
                not response.is_success
                and response.status_code not in (412, 416)
                and (said := await self._said(way, response))
            ):
                raise said
            yield response

    async def _said(self, way: _Way, response: httpx.Response) -> AskError | None:
        if not isinstance(self._vendor, ExplainsFiles):
            return None
        start = await _start_of(response)
        return self._vendor.file_error(Reply(response.status_code, response.headers, start, way.now()))

    def _cut(self) -> Cut:
        return self._sizes.cut(self._most)


@dataclass(frozen=True, slots=True)
class _Way:
    """A link, through whom it goes, when it was made, and the map of its parts where it has some."""

    session: LiveSession
    link: Link
    made_at: datetime
    parts: PartMap | None = None

    def now(self) -> datetime:
        return self.session.clock.now()

    def url_at(self, at: int) -> str:
        return self.parts.at(at).url if self.parts else self.link.url


def _all_of_it(gap: Span, _left: int) -> Span:
    return gap


def _is_etag(validator: str | None) -> bool:
    return validator is not None and validator.startswith('"')


def _wrong_size(came: int, due: int) -> DownloadError:
    return DownloadError(
        f"{came} bytes came, {due} were due", hint="the vendor's file may have been replaced: refresh, then try again"
    )


def _patience(error: AskError) -> float:
    return error.retry_after or 0.0


def _came_short(part: PartFile) -> AskError:
    told = f"the file came short: {part.progress.size} of {part.progress.total} bytes"
    return AskError(ProblemKind.UNREACHABLE, told, hint="the line broke: try again")


async def _start_of(response: httpx.Response) -> bytes:
    """The beginning of an answer that is no file: an error text is short."""
    start = b""
    async for chunk in response.aiter_bytes():
        start += chunk
        if len(start) > _MOST_OF_AN_ERROR:
            break
    return start[:_MOST_OF_AN_ERROR]
