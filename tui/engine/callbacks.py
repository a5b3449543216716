"""Where vendors may post that a job of ours has moved: an optional listener, off unless config.toml names an address.

What is posted is a hint that has the job asked at once, within its connection's quota, and never believed: nothing in
it is signed (autodesk dossier, section 3.6; enos dossier, section 3.1). Whoever posts learns nothing by the answer: 204
for an address of ours, 404 for any other. An address holds 256 bits of chance; only its hash is stored.

A vendor may post before its answer to the submit has come, and the submit may be another program's: before an address
counts as unknown, what others wrote is read from the disk.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import math
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tui.clock import Clock
from tui.config import Callbacks
from tui.engine.board import Board
from tui.errors import StateError
from tui.model import Job, JobKey, Secret
from tui.redact import remember

_SECONDS = 10.0
"""So long one post may take."""
_MOST_AT_ONCE = 32
_MOST_HEAD = 16 * 1024
_MOST_BODY = 64 * 1024
_HINT_SECONDS = 5.0
"""One hint for a job in so many seconds: more of them say nothing more."""
_FIRST_LINE = re.compile(rb"(?P<method>[A-Z]{1,16}) (?P<path>[!-~]{1,2048}) HTTP/1\.[01]\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(?P<length>\d{1,9})[ \t]*\r\n", re.IGNORECASE)
_TAKEN = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
_NOTHING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

_LOOK_SECONDS = 0.2
"""After a look at the disk the next one waits for so long: wrong addresses, however many, cost no more."""

Hint = Callable[[Job], None]


@dataclass(frozen=True, slots=True)
class Address:
    """Where one job's vendor may post, and the hash by which it is known again."""

    url: str
    digest: str


def new_address(settings: Callbacks) -> Address | None:
    """An address that nobody can guess; None where none is listened to."""
    if settings.listen is None:
        return None
    token = secrets.token_urlsafe(32)
    remember(Secret(token), lasting=False)
    return Address(f"{settings.public_url}/{token}", _digest(token.encode()))


def _digest(token: bytes) -> str:
    return hashlib.sha256(token).hexdigest()


class Listener:
    """Hears of jobs on the board; `hint` is called for those that somebody posted of and that are not over."""

    def __init__(self, board: Board, clock: Clock, hint: Hint) -> None:
        self._board = board
        self._clock = clock
        self._hint = hint
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[object]] = set()
        self._hinted: dict[JobKey, float] = {}
        self._looked_at = -math.inf
        self._look: asyncio.Task[None] | None = None
        """The look at the disk for which those wait whose address is unknown."""
        self._looks: set[asyncio.Task[None]] = set()
        """That one, and those that have begun."""
        self.port: int | None = None
        """Where it listens, once it does."""

    async def start(self, settings: Callbacks) -> str | None:
        """Listen, where config.toml says so; returns why it cannot, in a sentence."""
        if settings.listen is None:
            return None
        host, port = settings.listen
        try:
            self._server = await asyncio.start_server(self._serve, host, port, limit=_MOST_HEAD)
        except OSError as error:
            where = f"{host}:{port}"
            return f"callbacks: {where} cannot be listened on ({error.strerror}); jobs are asked as without them"
        self.port = self._server.sockets[0].getsockname()[1]
        return None

    async def close(self) -> None:
        """Hear no more."""
        if self._server:
            self._server.close()
        tasks = (*self._open, *self._looks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._open) >= _MOST_AT_ONCE:
            writer.close()
            return
        self._open.add(task)
        try:
            with suppress(TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
                async with asyncio.timeout(_SECONDS):
                    writer.write(await self._answer(reader))
                    await writer.drain()
        finally:
            self._open.discard(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        first = _FIRST_LINE.match(head)
        length = _LENGTH.search(head)
        size = int(length["length"]) if length else 0
        if first is None or first["method"] != b"POST" or size > _MOST_BODY:
            return _NOTHING
        await reader.readexactly(size)  # not looked at: a sender that is cut off in its body may send it again
        token = first["path"].split(b"?", 1)[0].rpartition(b"/")[2]
        job = self._job_at(token)
        if job is None:
            await self._read_news()
            job = self._job_at(token)
        if job is None:
            return _NOTHING
        self._heard(job)
        return _TAKEN

    async def _read_news(self) -> None:
        """Wait for a look at the disk that begins from now on; it is one for all that wait."""
        if self._look is None:
            self._look = asyncio.create_task(self._look_soon(), name="look for a callback")
            self._looks.add(self._look)
            self._look.add_done_callback(self._looks.discard)
        await asyncio.shield(self._look)

    async def _look_soon(self) -> None:
        wait = self._looked_at + _LOOK_SECONDS - self._clock.monotonic()
        if wait > 0:
            await self._clock.sleep(wait)
        self._looked_at, self._look = self._clock.monotonic(), None  # who comes from here on may come too late for it
        with suppress(StateError):  # the pollers tell of a disk that does not work
            await self._board.look()

    def _job_at(self, token: bytes) -> Job | None:
        """The job whose address it is; all are compared, so that the time it takes tells nothing."""
        digest, found = _digest(token), None
        for job in self._board.jobs.values():
            if job.callback is not None and hmac.compare_digest(job.callback, digest):
                found = job
        return found

    def _heard(self, job: Job) -> None:
        now = self._clock.monotonic()
        last = self._hinted.get(job.key)
        if job.state.is_over or (last is not None and now - last < _HINT_SECONDS):
            return
        self._hinted = {key: at for key, at in self._hinted.items() if now - at < _HINT_SECONDS} | {job.key: now}
        self._hint(job)
