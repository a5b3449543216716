"""Downloads: whole or not at all, checked, never over another file; and what is sent where."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from tests.engine.fetching import BARE, CONTENT, KEY, SHA1, Desk, whole
from tests.engine.webs import Chunks
from tests.engine.zips import make_zip
from tui.engine.facts.archives import TakenMember
from tui.engine.fetching.patience import TRIES
from tui.engine.telling.after import AfterCommands
from tui.errors import AskError, CredentialsError, DownloadError, ExitCode, JobdeckError
from tui.model import DownloadState, Output, OutputKind, ProblemKind, Safe, Verified
from tui.vendors.contract import Link, Part

OUT = Output("out.bin", size=len(CONTENT))
BROKEN = make_zip() + b'{"error": "the export broke off"}'
LENGTH = {"Content-Length": str(len(CONTENT))}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = await Desk(tmp_path).open(OUT)
    yield desk
    await desk.close()


async def test_a_file_is_fetched_checked_and_named(desk: Desk) -> None:
    download = await desk.fetch()
    assert desk.files() == {"out.bin": CONTENT}
    assert (download.state, download.path) == (DownloadState.DONE, desk.folder / "out.bin")
    assert (download.bytes, download.size, download.verified) == (len(CONTENT), len(CONTENT), Verified.SHA1)
    assert download.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert (download.attempts, download.message, download.speed) == (1, None, None)
    assert desk.board.job(KEY).downloads == (download,)
    assert await desk.events() == [
        "out.bin: queued",
        "out.bin: started",
        f"out.bin: done, {len(CONTENT)} bytes, checked by sha1",
    ]


async def test_a_member_that_was_fetched_alone_has_its_after_in_the_program_that_fetched_it(desk: Desk) -> None:
    desk.folder.mkdir()
    (desk.folder / "a.txt").write_text("abc")
    after = AfterCommands(["cp", "{path}", "{path}.copy"], os.environ, desk.board, desk.clock, at_once=1)
    desk.board.listen(lambda change: after.hear(change, desk.downloads.is_ours))
    await desk.downloads.record_member(KEY, "out.bin", TakenMember(Safe("a.txt"), desk.folder / "a.txt", 3))
    await after.finish()
    assert desk.files() == {"a.txt": b"abc", "a.txt.copy": b"abc"}
    (member,) = desk.board.job(KEY).downloads
    assert not desk.downloads.is_ours(member.id)


async def test_a_presigned_link_gets_no_login_and_is_written_nowhere(desk: Desk) -> None:
    await desk.fetch()
    (request,) = desk.web.sent
    assert set(request.headers) == {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert request.headers["accept-encoding"] == "identity"
    assert b"canary" not in desk.on_disk()
    assert "canary" not in repr(desk.board.job(KEY))


async def test_a_signed_in_link_stays_at_the_connections_origin(desk: Desk) -> None:
    desk.vendor.links = [(Link("https://vendor.example/v1/out", signed_in=True),)]
    assert (await desk.fetch()).verified is Verified.SIZE
    desk.vendor.links = [(Link("https://evil.example/v1/out", signed_in=True),)]
    failed = await desk.fetch()
    assert failed.state is DownloadState.FAILED
    assert "evil.example is not the host of plant" in str(failed.message)
    assert [request.url.host for request in desk.web.sent] == ["vendor.example"]


async def test_a_second_file_of_that_name_gets_a_number(desk: Desk) -> None:
    first = await desk.fetch()
    second = await desk.fetch()
    assert (first.path, second.path) == (desk.folder / "out.bin", desk.folder / "out (1).bin")
    assert second.id > first.id
    assert desk.files() == {"out.bin": CONTENT, "out (1).bin": CONTENT}


async def test_a_vendors_name_is_made_harmless(tmp_path: Path) -> None:
    desk = await Desk(tmp_path).open(Output("../../etc/\x1b]0;x\x07CON.zip\u202e"))
    download = await desk.fetch()
    assert download.state is DownloadState.DONE
    assert download.path is not None
    assert download.path.parent == desk.folder
    assert list(desk.files().values()) == [CONTENT]
    assert all(character.isprintable() for character in next(iter(desk.files())))
    await desk.close()


@pytest.mark.parametrize(
    ("link", "answer", "words"),
    [
        pytest.param(Link(BARE.url, sha1="0" * 40), whole, "SHA-1 is not the one", id="wrong sha1"),
        pytest.param(Link(BARE.url, size=5), whole, "5 were due", id="longer than due"),
        pytest.param(
            Link(BARE.url, size=len(BROKEN), is_zip=True),
            lambda r: whole(r, BROKEN),
            "follows the archive",
            id="zip+",
        ),
        pytest.param(Link(BARE.url, is_zip=True), whole, "not a whole ZIP", id="no zip"),
        pytest.param(
            BARE,
            lambda r: whole(r, b"<html>Sign in</html>", **{"Content-Type": "text/html; x"}),
            "a web page",
            id="html",
        ),
        pytest.param(BARE, lambda _: httpx.Response(206, content=CONTENT), "answered 206", id="a part unasked"),
        pytest.param(
            BARE,
            lambda _: httpx.Response(302, headers={"Location": "https://evil.example/"}),
            "sends on and on",
            id="redirect",
        ),
        pytest.param(BARE, lambda _: httpx.Response(404), "is not there", id="gone"),
        pytest.param(BARE, lambda _: httpx.Response(410), "is not there", id="gone for good"),
    ],
)
async def test_what_is_not_the_file_is_not_kept(
    desk: Desk, link: Link, answer: Callable[[httpx.Request], httpx.Response], words: str
) -> None:
    desk.vendor.links = [(link,)]
    desk.web.answer = answer
    download = await desk.fetch()
    assert (download.state, download.path) == (DownloadState.FAILED, None)
    assert words in str(download.message)
    assert "canary" not in str(download.message)
    assert desk.files() == {}
    assert len(desk.web.sent) == (6 if words == "sends on and on" else 1)


@pytest.mark.parametrize(
    ("name", "size", "media_type", "verified"),
    [
        pytest.param("out.zip", len(CONTENT), "application/zip", Verified.SIZE, id="called a zip by name and type"),
        pytest.param("out.csv", None, "application/json", Verified.SIZE, id="called JSON by a gateway"),
    ],
)
async def test_what_a_server_calls_it_is_a_guess(
    tmp_path: Path, name: str, size: int | None, media_type: str, verified: Verified
) -> None:
    desk = await Desk(tmp_path).open(Output(name))
    desk.vendor.links = [(Link(BARE.url, size=size),)]
    desk.web.answer = lambda request: whole(request, CONTENT, **{"Content-Type": media_type})
    assert (await desk.fetch()).verified is verified
    assert desk.files() == {name: CONTENT}
    await desk.close()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda _: httpx.Response(503), id="503"),
        pytest.param(lambda _: httpx.Response(429), id="429"),
        pytest.param(lambda _: httpx.Response(403), id="a link not known yet"),
        pytest.param(
            lambda _: httpx.Response(200, stream=Chunks([CONTENT[:9000], httpx.ReadError("reset")]), headers=LENGTH),
            id="broken off",
        ),
        pytest.param(lambda _: httpx.Response(200, stream=Chunks([CONTENT[:9000]])), id="short without a length"),
    ],
)
async def test_what_may_pass_is_tried_again_from_a_new_link(
    desk: Desk, answer: Callable[[httpx.Request], httpx.Response]
) -> None:
    fresh = Link("https://bucket.example/fresh", size=len(CONTENT), sha1=SHA1)
    desk.vendor.links = [(BARE,), (fresh,)]
    desk.web.answer = lambda request: whole(request) if request.url.path == "/fresh" else answer(request)
    download = await desk.fetch()
    assert (download.state, download.attempts, download.verified) == (DownloadState.DONE, 2, Verified.SHA1)
    assert desk.files() == {"out.bin": CONTENT}


async def test_after_some_tries_it_is_given_up_and_nothing_is_left(desk: Desk) -> None:
    desk.web.answer = lambda _: httpx.Response(200, stream=Chunks([CONTENT[:9000]]), headers=LENGTH)
    download = await desk.fetch()
    assert (download.state, download.attempts) == (DownloadState.FAILED, TRIES)
    assert "came short: 9000 of" in str(download.message)
    assert len(desk.web.sent) == TRIES
    assert desk.files() == {}
    assert desk.downloads.exit_code(download.id) is ExitCode.UNREACHABLE


async def test_the_vendors_wish_to_wait_is_kept(desk: Desk) -> None:
    desk.vendor.links = [AskError(ProblemKind.RATE_LIMITED, "slowly", retry_after=90), (BARE,)]
    assert (await desk.fetch()).state is DownloadState.DONE
    assert desk.clock.elapsed >= 90


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AskError(ProblemKind.GONE, "the vendor has deleted the file"), ExitCode.FAILED),
        (AskError(ProblemKind.AUTH, "refused"), ExitCode.CREDENTIALS),
        (CredentialsError("the password is missing"), ExitCode.CREDENTIALS),
        (DownloadError("not any more"), ExitCode.FAILED),
        (KeyError("a fault of ours"), ExitCode.FAILED),
    ],
)
async def test_a_link_that_cannot_be_had_ends_the_download(desk: Desk, error: Exception, code: ExitCode) -> None:
    desk.vendor.links = [error]
    download = await desk.fetch()
    assert download.state is DownloadState.FAILED
    assert download.message
    assert "a fault of ours" not in download.message
    assert desk.downloads.exit_code(download.id) is code


async def test_no_link_at_all_is_told(desk: Desk) -> None:
    desk.vendor.links = [()]
    assert "cannot be downloaded any more" in str((await desk.fetch()).message)


async def test_links_are_tried_in_their_order(desk: Desk) -> None:
    desk.vendor.links = [(Link("https://first.example/"), Link("https://second.example/"), BARE)]
    desk.web.answer = lambda request: whole(request) if request.url.host == "second.example" else httpx.Response(404)
    assert (await desk.fetch()).state is DownloadState.DONE
    assert [request.url.host for request in desk.web.sent] == ["first.example", "second.example"]


async def test_when_one_way_may_pass_later_it_is_tried_again(desk: Desk) -> None:
    desk.vendor.links = [(Link("https://down.example/"), Link("https://gone.example/"))]
    down = iter([True, False])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "gone.example":
            return httpx.Response(404)
        return httpx.Response(503) if next(down) else whole(request)

    desk.web.answer = answer
    assert (await desk.fetch()).state is DownloadState.DONE


async def test_a_file_in_pieces_is_put_together(desk: Desk) -> None:
    cut = [0, 300_000, 700_000, len(CONTENT)]
    parts = tuple(Part(f"https://b.example/{a}-{b}", a, b - 1) for a, b in pairwise(cut))
    desk.vendor.links = [(Link("", size=len(CONTENT), sha1=SHA1, parts=parts),)]

    def piece(request: httpx.Request) -> httpx.Response:
        first, last = map(int, request.url.path[1:].split("-"))
        return whole(request, CONTENT[first:last])

    desk.web.answer = piece
    download = await desk.fetch()
    assert (download.state, download.verified) == (DownloadState.DONE, Verified.SHA1)
    desk.web.answer = lambda request: whole(request, b"short")
    assert "came short" in str((await desk.fetch()).message)
    desk.vendor.links = [(Link("", parts=(parts[0], parts[2])),)]
    desk.web.answer = piece
    assert "has a hole" in str((await desk.fetch()).message)
    assert list(desk.files()) == ["out.bin"]


async def test_without_a_size_and_a_hash_nothing_is_claimed(tmp_path: Path) -> None:
    desk = await Desk(tmp_path, lambda _: httpx.Response(200, stream=Chunks([b"any"]))).open(Output("out.bin"))
    desk.vendor.links = [(Link(BARE.url),)]
    download = await desk.fetch()
    assert (download.verified, download.size) == (Verified.NONE, 3)
    await desk.close()


async def test_packed_bytes_are_taken_only_where_the_vendor_says_what_is_due(tmp_path: Path) -> None:
    """An object may be stored packed; a proxy that packs on the way would leave something else under the name."""
    desk = await Desk(tmp_path, lambda r: whole(r, CONTENT, **{"Content-Encoding": "gzip"})).open(Output("out.bin"))
    desk.vendor.links = [(Link(BARE.url),), (BARE,)]
    assert "packs the bytes" in str((await desk.fetch()).message)
    assert desk.files() == {}
    assert (await desk.fetch()).verified is Verified.SHA1
    await desk.close()


async def test_a_web_page_that_is_the_output_is_kept(tmp_path: Path) -> None:
    desk = await Desk(tmp_path, lambda request: whole(request, b"<html>", **{"Content-Type": "text/html"})).open(
        Output("report.HTML")
    )
    desk.vendor.links = [(Link(BARE.url),)]
    assert (await desk.fetch()).state is DownloadState.DONE
    await desk.close()


async def test_only_files_can_be_queued(tmp_path: Path) -> None:
    desk = await Desk(tmp_path).open(OUT, Output("link", OutputKind.LINK))
    for name in ("link", "nothing"):
        with pytest.raises(DownloadError, match=f"no file named {name}") as caught:
            await desk.fetch(name)
        assert caught.value.hint == "its files: out.bin"
    assert len(await desk.fetch_all()) == 1
    await desk.close()


async def test_a_full_disk_pauses_and_says_what_is_missing(small_disk: Path, tmp_path: Path) -> None:
    desk = await Desk(tmp_path).open(OUT)
    desk.folder = small_disk
    download = await desk.fetch()
    assert download.state is DownloadState.PAUSED
    assert "is full: 791 kB are missing; make room" in str(download.message)
    assert desk.files() == {}
    assert desk.downloads.exit_code(download.id) is ExitCode.FAILED
    await desk.close()


async def test_a_folder_that_takes_nothing_is_told(read_only_folder: Path, tmp_path: Path) -> None:
    desk = await Desk(tmp_path).open(OUT)
    desk.folder = read_only_folder
    assert "--to DIR" in str((await desk.fetch()).message)
    await desk.close()


async def test_a_job_that_was_taken_off_is_not_fetched(desk: Desk) -> None:
    desk.vendor.links = [AskError(ProblemKind.UNREACHABLE, "later"), (BARE,)]
    queued = await desk.downloads.queue(desk.board.job(KEY), (), desk.folder)
    await desk.board.remove([KEY])
    while desk.board.downloads[queued[0].id].state is not DownloadState.FAILED:
        await desk.clock.advance(1)
    assert "not on the board any more" in str(desk.board.downloads[queued[0].id].message)
    assert issubclass(DownloadError, JobdeckError)
