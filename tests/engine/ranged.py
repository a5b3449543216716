"""A server of one object that knows ranges, and a desk that looks inside a scripted vendor's outputs on it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx

from tests.clock import START, FakeClock
from tests.engine.inline import inline_store
from tests.engine.scripted import ScriptedVendor
from tests.engine.webs import Chunks, Web
from tests.engine.zips import make_zip, noise
from tui.engine.board import Board
from tui.engine.facts.archives import Contents, Member, TakenMember
from tui.engine.inside.desk import Inside
from tui.engine.next_ask import NextAsk
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.wire.sessions import Sessions
from tui.model import Connection, Download, DownloadState, Job, JobKey, JobState, Output, Reference, Safe, Snapshot
from tui.vendors.contract import Link

KEY = JobKey("plant:job1")
FILES = {"a.txt": b"hello\n" * 20, "deep/data.json": b'{"b": [1, 2], "a": null}', "deep/noise.bin": noise(400_000)}
ZIP = make_zip(FILES)
LINK = Link("https://bucket.example/out.zip?X-Amz-Signature=canary")


class Shelf:
    """An object behind any address; a test changes it, refuses addresses, or takes abilities away."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.etag: str | None = '"one"'
        self.ranges = True
        self.refused: set[str] = set()
        """Paths that are answered with 403."""
        self.keeps_promises = True
        """Whether If-Match is heard."""
        self.first: list[httpx.Response] = []
        """Answers that come before the object's own."""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.first:
            return self.first.pop(0)
        if request.url.path in self.refused:
            return httpx.Response(403, text="<Error><Code>AccessDenied</Code></Error>")
        if self.keeps_promises and request.headers.get("if-match", self.etag) != self.etag:
            return httpx.Response(412)
        headers = {"ETag": self.etag} if self.etag else {}
        if not self.ranges:
            return httpx.Response(200, stream=Chunks([self.content]), headers=headers)
        total = len(self.content)
        begin, last = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers["range"]).groups()  # type: ignore[union-attr]
        first, end = (int(begin), min(int(last) + 1, total)) if begin else (max(total - int(last), 0), total)
        if first >= total:
            return httpx.Response(416, headers={"Content-Range": f"bytes */{total}"})
        headers |= {"Content-Range": f"bytes {first}-{end - 1}/{total}", "Content-Length": str(end - first)}
        return httpx.Response(206, stream=Chunks([self.content[first:end]]), headers=headers)


class Lab:
    """One finished job with one output, and the room that looks into it."""

    def __init__(self, home: Path, answer: Callable[[httpx.Request], httpx.Response], name: str = "out.zip") -> None:
        self.folder = home / "got"
        self.name = name
        self.clock = FakeClock()
        self.vendor = ScriptedVendor()
        self.vendor.links = [(LINK,)]
        self.resolved = 0
        self.kept: list[tuple[JobKey, str, TakenMember]] = []
        self.web = Web(answer)
        self.store = inline_store(home / "board.sqlite")
        self.board = Board(self.store, self.clock)
        finder = SecretFinder({}, GuardedKeyring(trouble="none here"), self.clock)
        self.sessions = Sessions(self.clock, finder, lambda _: self.vendor, self.web.transport)
        self.inside = Inside(
            self.board,
            self.sessions,
            self.clock,
            connection_of=lambda name: Connection(name, "scripted", "https://vendor.example"),
            vendor_of=lambda _: self.vendor,
            folder_of=lambda _: self.folder,
            keep=self._keep,
        )

    async def _keep(self, key: JobKey, output: str, taken: TakenMember) -> None:
        self.kept.append((key, output, taken))

    async def open(self, state: JobState = JobState.SUCCEEDED) -> Lab:
        await self.board.load()
        await self.board.add([Job("plant", "scripted", Reference("job1"), START)], "tracked")
        await self.board.answered(KEY, Snapshot(state, "", outputs=(Output(self.name),)), lambda _: NextAsk())
        return self

    async def fetched(self, path: Path) -> None:
        """The output was downloaded to there."""
        done = Download(1, KEY, Safe(self.name), path.parent, DownloadState.DONE, path=path)
        await self.board.put_download(done)

    @property
    def asked(self) -> list[str]:
        """The ranges that were asked for."""
        return [request.headers.get("range", "all") for request in self.web.sent]

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()} if self.folder.exists() else {}

    async def patiently(self, work: Coroutine[Any, Any, object]) -> Any:
        """What the work gives; time passes whenever somebody waits for it."""
        task = asyncio.create_task(work)
        while not task.done():
            await self.clock.advance(1.0)
        return await task

    async def close(self) -> None:
        self.inside.close()
        await self.sessions.close()
        await self.store.close()


def named(contents: Contents, name: str) -> Member:
    return next(one for one in contents.members if one.name == name)
