"""Bringing the bytes of one file that are missing: in one stream, or in pieces by several workers at once.

Nothing is joined that might come from two objects: pieces carry the validator of the first answer, and each answer
is checked against it (facts: downloads, section 3.2; curl, wget and aria2 join halves of two files).
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from tui.engine.fetching.crew import Crew
from tui.engine.fetching.digests import Digests
from tui.engine.fetching.part_file import PartFile
from tui.engine.fetching.parts import PartMap
from tui.engine.fetching.progress import Cut, Piece, PieceSizes
from tui.engine.fetching.pump import pump
from tui.engine.fetching.replies import ChangedError, Told, read_part, read_whole, refuse_web_page
from tui.engine.fetching.spans import Span
from tui.engine.fetching.way import NO_END, Way
from tui.engine.unbroken import in_thread
from tui.engine.wire.plain_answer import fields_of
from tui.errors import AskError, DownloadError
from tui.model import ProblemKind

_SMALL = 1024**2
"""A file of less is fetched again sooner than taken up again, and finds its room or does not."""
_HASH_STEP = 1024**2
_MOST_BEGINNINGS = 1
"""A file that began anew more often comes in one stream: its servers may never agree on one version."""


@dataclass(frozen=True, slots=True)
class Due:
    """What the vendor says that the file is; hashes are hex, sizes bytes."""

    name: str
    size: int | None = None
    sha1: str | None = None


class Transfer:
    """One file's way to its part; `bring` may fail anywhere and goes on when it is called again."""

    def __init__(self, part: PartFile, due: Due, sizes: PieceSizes, most: int) -> None:
        """`most` is how many streams there may be at once."""
        self._part = part
        self.due = due
        self._sizes = sizes
        self._most = most
        self.streams = 0
        """How many there are now."""
        self.told: Told | None = None
        """What the server said of the file; None before its first good answer."""
        self.digests = Digests(part, sha1=due.sha1 is not None)
        self._is_followed = True
        self._beginnings = 0

    async def bring(self, way: Way, response: httpx.Response | None = None) -> None:
        """Bring what is missing; with a response, what it answers to an ask for all of the file.

        Raises AskError, ChangedError (start again) or DownloadError.
        """
        if response is not None:
            await self._take_whole(way, response)
        elif way.parts:
            await self._bring_parts(way, way.parts)
        elif not (self._part.validator and self._part.progress.size):
            await self._start(way)
        elif self._part.progress.total is None:
            await self._learn_the_rest(way)
        else:
            await self._go_on(way, self._part.progress.total - self._part.progress.size)

    async def start_again(self) -> None:
        """Forget what came. Raises DownloadError."""
        await in_thread(self._part.start_again)
        self._hash_anew()
        self._is_followed = True
        self._beginnings += 1
        self.told = None

    def _hash_anew(self) -> None:
        self.digests.close()
        self.digests = Digests(self._part, sha1=self._is_hashed)

    async def _start(self, way: Way) -> None:
        if self._part.progress.size:
            await self.start_again()
        may_be_large = self.due.size is None or self.due.size >= self._sizes.split_from
        if self._at_once() > 1 and may_be_large and await self._start_in_pieces(way):
            return
        async with way.ask() as response:
            await self._take_whole(way, response)

    async def _start_in_pieces(self, way: Way) -> bool:
        """Ask for the first piece; False where the server does not prove that the others would fit to it."""
        asked = Span(0, self._sizes.most)
        try:
            async with way.ask(asked) as response:
                if response.status_code == 200:
                    await self._take_whole(way, response)
                    return True
                told = self._read_part(response, asked, None)
                is_all = told.total is not None and told.total <= asked.end
                if told.total is None or not (is_all or _is_etag(told.validator)):
                    return False
                await self._accept(told)
                first = self._part.progress.take(lambda gap, _: Span(gap.first, min(asked.end, gap.end)))
                await self._share(way, self._at_once(), self._cut(), (response, first) if first else None)
        except ChangedError:
            if self._part.progress.size:
                raise
            return False  # an empty file has no first byte, a packed answer no place for it
        return True

    async def _go_on(self, way: Way, left: int) -> None:
        may_split = _is_etag(self._part.validator) and left >= self._sizes.split_from
        await self._share(way, self._at_once() if may_split else 1, self._cut() if may_split else _all_of_it)

    async def _learn_the_rest(self, way: Way) -> None:
        """Ask for all that follows what came, where nobody has told yet how much that is."""
        asked = Span(self._part.progress.prefix, NO_END)
        async with way.ask(asked, validator=self._part.validator) as response:
            told = self._read_part(response, asked, self._part.validator)
            if told.total is None:
                raise ChangedError
            await self._accept(told)
            if piece := self._part.progress.take(_all_of_it):
                await self._pour(way, response, piece)

    async def _take_whole(self, way: Way, response: httpx.Response) -> None:
        await self._accept(self._read_whole(response, self.due.size))
        progress = self._part.progress
        piece = progress.take(_all_of_it)
        if piece is not None:
            await self._pour(way, response, piece)
            if progress.total is None:
                progress.total = piece.at  # the size was never told: what came is all

    async def _accept(self, told: Told) -> None:
        """The server's word on the whole object. Raises DownloadError where the vendor's is another, or no room is."""
        progress = self._part.progress
        if told.total is not None and self.due.size is not None and told.total != self.due.size:
            raise _wrong_size(told.total, self.due.size)
        self._hear(told)
        self._part.validator = told.validator
        progress.total = told.total if told.total is not None else self.due.size
        if progress.total is None or progress.total > _SMALL:
            await in_thread(self._part.save)
            await in_thread(self._part.need_room, progress.total or 0)

    async def _bring_parts(self, way: Way, parts: PartMap) -> None:
        """Parts have no validator in common: what came before counts if the whole file's hash will prove it."""
        validator = f"sha1 {self.due.sha1}" if self.due.sha1 else None
        if self._part.progress.size and (self._part.validator != validator or self._part.progress.total != parts.total):
            await self.start_again()
        if self.due.size is not None and self.due.size != parts.total:
            raise _wrong_size(parts.total, self.due.size)
        self._part.validator, self._part.progress.total = validator, parts.total
        await in_thread(self._part.need_room, parts.total)
        await self._share(way, self._most, parts.cut(can_resume=validator is not None))

    async def _share(self, way: Way, workers: int, cut: Cut, first: tuple[httpx.Response, Piece] | None = None) -> None:
        """Have workers bring the pieces. Raises AskError, the last one's trouble, when something is missing yet."""
        progress = self._part.progress
        crew = Crew(progress, lambda piece: self._bring_piece(way, piece), cut, workers)
        trouble = await crew.work(self._pour(way, *first) if first else None)
        if not progress.is_complete:
            raise trouble or _came_short(self._part)

    async def _bring_piece(self, way: Way, piece: Piece) -> None:
        try:
            way.refuse_dying(piece.first)
            if way.parts:
                await self._bring_part(way, way.parts, piece)
                return
            asked = Span(piece.first, piece.end or NO_END)
            async with way.ask(asked, validator=self._part.validator) as response:
                told = self._read_part(response, asked, self._part.validator)
                if told.total is not None and told.total != self._part.progress.total:
                    raise ChangedError
                if self.told is None:
                    self._hear(told)
                await self._pour(way, response, piece)
        finally:
            self._part.progress.give_back(piece)

    async def _bring_part(self, way: Way, parts: PartMap, piece: Piece) -> None:
        asked = parts.inside(piece.first, piece.end or NO_END)
        async with way.ask(asked if asked.first else None, at=piece.first) as response:
            if response.status_code == 206 and asked.first:
                self._read_part(response, asked, None)
            else:
                size = (piece.end or NO_END) - piece.first + asked.first
                self._read_whole(response, size)
                piece.first = piece.at = piece.first - asked.first
            self._refuse_stale_hash(piece)
            await self._pour(way, response, piece)

    def _refuse_stale_hash(self, piece: Piece) -> None:
        """When bytes that may be hashed already are written again, hash the whole file at the end."""
        end = piece.end or NO_END
        if any(there.first < end and piece.first < there.end for there in self._part.progress.there()):
            self._is_followed = False  # first: the threads of other pieces look at it
            self._hash_anew()

    async def _pour(self, way: Way, response: httpx.Response, piece: Piece) -> None:
        """Write what the answer brings. Raises AskError where it brings more or less than is due."""
        unhashed = 0

        def sink(data: memoryview) -> None:
            nonlocal unhashed
            self._refuse_more(piece, piece.at + len(data))
            self._part.write(piece, data)
            digests, unhashed = self.digests, unhashed + len(data)
            if self._is_followed and unhashed >= _HASH_STEP:
                unhashed = 0
                digests.follow(self._part.progress.prefix)

        self.streams += 1
        try:
            is_proven = self._is_hashed or way.link.is_zip
            await pump(response, sink, way.session.connection.timeout, is_proven=is_proven)
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

    def _read_part(self, response: httpx.Response, asked: Span, validator: str | None) -> Told:
        if response.status_code == 200:
            refuse_web_page(fields_of(response.headers.raw), self.due.name)  # what came before stays
        return read_part(response, asked, validator)

    def _read_whole(self, response: httpx.Response, size: int | None) -> Told:
        headers = fields_of(response.headers.raw)
        return read_whole(response.status_code, headers, self.due.name, size=size, is_hashed=self._is_hashed)

    @property
    def _is_hashed(self) -> bool:
        return self.due.sha1 is not None

    def _hear(self, told: Told) -> None:
        """Keep the server's word; an ETag that may be an MD5 is compared where the vendor gives no hash."""
        if not self._is_hashed and told.md5 is not None and (self.told is None or self.told.md5 is None):
            self.digests.close()
            self.digests = Digests(self._part, md5=True)
        self.told = told

    def _cut(self) -> Cut:
        return self._sizes.cut(self._at_once())

    def _at_once(self) -> int:
        return self._most if self._beginnings <= _MOST_BEGINNINGS else 1


def _all_of_it(gap: Span, _left: int) -> Span:
    return gap


def _is_etag(validator: str | None) -> bool:
    return validator is not None and validator.startswith('"')


def _wrong_size(came: int, due: int) -> DownloadError:
    return DownloadError(
        f"{came} bytes came, {due} were due", hint="the vendor's file may have been replaced: refresh, then try again"
    )


def _came_short(part: PartFile) -> AskError:
    told = f"the file came short: {part.progress.size} of {part.progress.total} bytes"
    return AskError(ProblemKind.UNREACHABLE, told, hint="the line broke: try again")
