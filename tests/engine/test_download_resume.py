"""What came stays: over a pause, a closed program, kill -9 and a full disk, and next to nothing is sent twice."""

from __future__ import annotations

import asyncio
import random
import signal
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine.fault_cases import CONTENT, OTHER, SIZE, THING
from tests.engine.fetching import KEY
from tests.engine.loopback_desk import LoopbackDesk, eventually, records_in
from tests.engine.misbehaving import BLOCK, Framing, Misbehaving, Script, Thing, Turn
from tui.model import Download, DownloadState, Output

OUT = Output("out.bin")
ROOT = Path(__file__).parent.parent.parent
LARGE = Thing(random.Random(4).randbytes(6 * 1024**2))
PROMISED = 1024**2 + len(LARGE.content) // 100
"""So much may be sent twice for one interruption."""
FIRST = 16 * 1024
_BLOCK = 1024
SENT_AGAIN = SIZE // 100


def hung(connections: int) -> Script:
    """Every connection of the first program gets its first bytes, and then nothing."""
    return Script((Turn(hang_after=FIRST),) * connections)


@pytest.fixture(params=[1, 4], ids=["single", "parallel"])
def connections(request: pytest.FixtureRequest) -> int:
    assert isinstance(request.param, int)
    return request.param


async def begun(home: Path, server: Misbehaving, connections: int) -> tuple[LoopbackDesk, Download]:
    """A download of which all connections have their first bytes."""
    desk = LoopbackDesk(home, server, connections=connections)
    await desk.open(OUT)
    (download,) = await desk.downloads.queue(desk.board.job(KEY), (), desk.folder)
    await eventually(lambda: written(desk.folder / "out.bin.part", CONTENT) >= connections * (FIRST - 2 * _BLOCK))
    return desk, download


async def taken_up(home: Path, server: Misbehaving, connections: int) -> tuple[LoopbackDesk, Download]:
    """How the download ended in the next program."""
    desk = LoopbackDesk(home, server, connections=connections)
    await desk.open()
    desk.downloads.take_up()
    (download,) = await desk.downloads.wait(tuple(desk.board.downloads))
    await desk.close()
    return desk, download


def written(part: Path, content: bytes) -> int:
    """How many bytes of the content are in the part, by whole blocks."""
    there = part.read_bytes() if part.exists() else b""
    blocks = range(0, len(there), _BLOCK)
    return sum(_BLOCK for at in blocks if there[at : at + _BLOCK] == content[at : at + _BLOCK])


async def test_the_next_program_goes_on_where_the_last_one_was_closed(tmp_path: Path, connections: int) -> None:
    with Misbehaving(THING, hung(connections)) as server:
        first, _ = await begun(tmp_path, server, connections)
        await first.close()
        files = first.files()
        desk, download = await taken_up(tmp_path, server, connections)
    assert set(files) == {"out.bin.part", "out.bin.part.json"}
    assert b"canary" not in files["out.bin.part.json"]
    assert b"127.0.0.1" not in files["out.bin.part.json"]
    assert download.state is DownloadState.DONE
    assert download.resumed_from > 0
    assert desk.files() == {"out.bin": CONTENT}
    assert server.sent - SIZE <= SENT_AGAIN


async def test_what_lies_there_is_for_nobody_else_to_read(tmp_path: Path) -> None:
    with Misbehaving(THING, hung(1)) as server:
        desk, _ = await begun(tmp_path, server, 1)
        await desk.close()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in desk.folder.iterdir()]
    assert modes == [0o600, 0o600]


async def test_the_next_program_starts_again_when_the_object_is_another(tmp_path: Path, connections: int) -> None:
    with Misbehaving(THING, hung(connections)) as server:
        first, _ = await begun(tmp_path, server, connections)
        await first.close()
        server.thing = Thing(OTHER, etag='"version-2"')
        desk, download = await taken_up(tmp_path, server, connections)
    assert download.state is DownloadState.DONE
    assert desk.files() == {"out.bin": OTHER}


@pytest.mark.parametrize("record", [b"", b"{}", b"[", b'{"there": [[0, 99999999999]]}', b"\xff" * 100])
async def test_a_damaged_record_never_makes_a_wrong_file(tmp_path: Path, record: bytes) -> None:
    with Misbehaving(THING, hung(4)) as server:
        first, _ = await begun(tmp_path, server, 4)
        await first.close()
        (first.folder / "out.bin.part.json").write_bytes(record)
        desk, download = await taken_up(tmp_path, server, 4)
    assert download.state is DownloadState.DONE
    assert desk.files()["out.bin"] == CONTENT


async def test_a_part_that_somebody_cut_short_is_made_whole(tmp_path: Path) -> None:
    with Misbehaving(THING, hung(4)) as server:
        first, _ = await begun(tmp_path, server, 4)
        await first.close()
        with (first.folder / "out.bin.part").open("r+b") as part:
            part.truncate(10_000)
        desk, download = await taken_up(tmp_path, server, 4)
    assert download.state is DownloadState.DONE
    assert desk.files() == {"out.bin": CONTENT}


async def test_a_pause_keeps_what_came(tmp_path: Path, connections: int) -> None:
    with Misbehaving(THING, hung(connections)) as server:
        desk, download = await begun(tmp_path, server, connections)
        await desk.downloads.pause(download.id)
        paused = desk.board.downloads[download.id]
        asked = len(server.asked)
        await desk.downloads.resume(download.id)
        (done,) = await desk.downloads.wait((download.id,))
        await desk.close()
    assert paused.state is DownloadState.PAUSED
    assert asked == connections
    assert done.state is DownloadState.DONE
    assert desk.files() == {"out.bin": CONTENT}
    assert server.sent - SIZE <= SENT_AGAIN


async def test_a_stop_removes_what_came(tmp_path: Path, connections: int) -> None:
    with Misbehaving(THING, hung(connections)) as server:
        desk, download = await begun(tmp_path, server, connections)
        await desk.downloads.stop(download.id)
        await desk.close()
    assert desk.files() == {}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The server, as another process knows it."""

    origin: str

    def sign(self, path: str = "/out.bin") -> str:
        return f"{self.origin}{path}?X-Amz-Signature=canary-of-a-child"


PROGRAM = """
import asyncio, sys
from pathlib import Path
from tests.engine.test_download_resume import run_program
asyncio.run(run_program(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
"""


async def run_program(home: Path, origin: str, connections: int) -> None:
    """A whole program: it takes up what there is, or begins."""
    desk = LoopbackDesk(home, Elsewhere(origin), connections=connections)
    await desk.open()
    if desk.board.downloads:
        desk.downloads.take_up()
    else:
        await desk.open(OUT)
        await desk.downloads.queue(desk.board.job(KEY), (), desk.folder)
    await desk.downloads.wait(tuple(desk.board.downloads))
    await desk.close()


async def test_kill_9_at_any_instant_costs_a_mebibyte_and_a_hundredth(tmp_path: Path, connections: int) -> None:
    rng = random.Random(connections)
    part = tmp_path / "got" / "out.bin.part"
    with Misbehaving(LARGE, Script(pace=0.0005)) as server:
        for _ in range(3):
            until_sent = server.sent + rng.randrange(300_000, 2_000_000)
            command = [sys.executable, "-c", PROGRAM, str(tmp_path), server.origin, str(connections)]
            process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=subprocess.PIPE)
            await eventually(lambda: server.sent >= until_sent or process.returncode is not None)  # noqa: B023
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            _, errors = await process.communicate()
            assert process.returncode == -signal.SIGKILL, errors
            (record,) = records_in(tmp_path / "got")
            kept = sum(end - first for first, end in record["there"])
            assert written(part, LARGE.content) - kept <= PROMISED
        desk, download = await taken_up(tmp_path, server, connections)
    assert download.state is DownloadState.DONE
    assert desk.files() == {"out.bin": LARGE.content}
    in_flight = 3 * connections * 4 * BLOCK
    assert server.sent - len(LARGE.content) <= 3 * PROMISED + in_flight


async def is_full(folder: Path, server: Misbehaving, home: Path, connections: int) -> tuple[LoopbackDesk, Download]:
    desk = LoopbackDesk(home, server, connections=connections)
    await desk.open(OUT)
    (queued,) = await desk.downloads.queue(desk.board.job(KEY), (), folder)
    (download,) = await desk.downloads.wait((queued.id,))
    return desk, download


@pytest.mark.parametrize(
    "script",
    [Script(), Script(rest=Turn(framing=Framing.CHUNKED, ignores_range=True, endless=True))],
    ids=["size known", "endless"],
)
async def test_a_full_disk_is_told_and_leaves_no_file(
    tmp_path: Path, small_disk: Path, connections: int, script: Script
) -> None:
    with Misbehaving(THING, script) as server:
        desk, download = await is_full(small_disk, server, tmp_path, connections)
        await desk.close()
    assert download.state in (DownloadState.PAUSED, DownloadState.FAILED)
    assert "small" in (download.message or "")
    assert "; " in (download.message or "")
    assert not (small_disk / "out.bin").exists()
    assert server.sent < 10_000_000


def has_grown(disk: Path) -> bool:
    command = ["mount", "-o", "remount,size=100m", str(disk)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


async def test_with_room_made_a_full_disk_is_no_loss(tmp_path: Path, small_disk: Path, connections: int) -> None:
    """The size is not known, so that only the disk itself can tell."""
    script = Script(rest=Turn(framing=Framing.CHUNKED, ignores_range=True))
    with Misbehaving(THING, script) as server:
        desk, download = await is_full(small_disk, server, tmp_path, connections)
        if not has_grown(small_disk):
            await desk.close()
            pytest.skip("the disk here cannot grow")
        await desk.downloads.resume(download.id)
        (done,) = await desk.downloads.wait((download.id,))
        await desk.close()
    assert done.state is DownloadState.DONE
    assert (small_disk / "out.bin").read_bytes() == CONTENT
