"""The command after a download: what it is given, how its end is told, and that it never changes the download."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.clock import START, FakeClock
from tests.engine.inline import inline_store
from tests.engine.waiting import until
from tui.engine.board import Board, BoardChange
from tui.engine.telling.after import LONGEST_SECONDS, AfterCommands
from tui.model import Download, DownloadState, Job, JobKey, Reference, Safe, Secret
from tui.redact import remember

KEY = JobKey("plant:1")


@dataclass
class Lab:
    """A board with one job, and the command that runs after each of its downloads."""

    home: Path
    clock: FakeClock = field(default_factory=FakeClock)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = inline_store(self.home / "board.sqlite")
        self.board = Board(self.store, self.clock)
        self.said = self.home / "said"

    async def open(self, *words: str, at_once: int = 3) -> AfterCommands:
        await self.board.add([Job("plant", "octoplant", Reference("1"), START, Safe("Line 3; rm -rf /"))], "tracked")
        environ = {"PATH": os.environ["PATH"], "JOBDECK_SECRET_PLANT_PASSWORD": "canary", "SAID": str(self.said)}
        after = AfterCommands(words, environ, self.board, self.clock, at_once=at_once)
        after.on_failure(self.told.append)
        return after

    def done(self, **changes: object) -> BoardChange:
        one = Download(7, KEY, Safe("out $(id).zip"), self.home, DownloadState.DONE, path=self.home / "out.zip")
        return BoardChange(downloads=(replace(one, **changes),))  # type: ignore[arg-type]

    async def events(self) -> list[str]:
        return [event.text for event in await self.store.events(KEY) if event.kind == "after"]


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


OURS: Callable[[int], bool] = lambda _: True  # noqa: E731  # every download is this program's
SHOW = ("sh", "-c", 'printf "%s\\n" "$@" "$JOBDECK_SECRET_PLANT_PASSWORD" >"$SAID"; cat >>"$SAID"', "sh")


async def test_it_is_given_what_it_asks_for_and_no_secret(lab: Lab) -> None:
    after = await lab.open(*SHOW, "{path}", "{job}", "{connection}", "{title}", "{output}", "{{x}}")
    after.hear(lab.done(), OURS)
    await after.finish()
    given = [str(lab.home / "out.zip"), KEY, "plant", "Line 3; rm -rf /", "out $(id).zip", "{x}", ""]
    assert lab.said.read_text().splitlines() == given
    assert (lab.told, await lab.events()) == ([], ["out $(id).zip: sh is done with it"])


@pytest.mark.parametrize(
    "changes",
    [{"state": state} for state in DownloadState if state is not DownloadState.DONE] + [{"path": None}],
    ids=str,
)
async def test_only_what_is_whole_and_checked_has_an_after(lab: Lab, changes: dict[str, object]) -> None:
    after = await lab.open(*SHOW)
    after.hear(lab.done(**changes), OURS)
    await after.finish()
    assert not lab.said.exists()


async def test_what_another_program_fetched_is_that_ones(lab: Lab) -> None:
    after = await lab.open(*SHOW)
    after.hear(lab.done(), lambda _: False)
    await after.finish()
    assert not lab.said.exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("sh", "-c", "echo first; echo no room >&2; exit 3"), "sh ended with 3: no room"),
        (("sh", "-c", "exit 1"), "sh ended with 1"),
        (("sh", "-c", "kill -9 $$"), "sh ended with -9"),
        (("/nowhere/at-all",), "at-all cannot be run: No such file or directory"),
    ],
)
async def test_a_failure_is_told_and_written_down(lab: Lab, words: tuple[str, ...], why: str) -> None:
    after = await lab.open(*words)
    after.hear(lab.done(), OURS)
    await after.finish()
    assert lab.told == await lab.events() == [f"out $(id).zip: {why}"]
    assert not lab.board.downloads


async def test_what_it_says_goes_to_the_log_without_secrets(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "jobdeck.after")
    remember(Secret("canary-of-the-after"))
    said = "head -c 9000 /dev/zero | tr '\\0' x; echo; echo key canary-of-the-after; printf '\\033[31mred\\n'; exit 1"
    after = await lab.open("sh", "-c", said)
    after.hear(lab.done(), OURS)
    await after.finish()
    assert "canary-of-the-after" not in caplog.text + lab.told[0]
    assert "key ***" in caplog.text
    assert "\x1b" not in caplog.text + lab.told[0]
    assert len(caplog.text) < 6000


async def test_it_is_ended_after_ten_minutes_with_all_that_it_started(lab: Lab) -> None:
    after = await lab.open("sh", "-c", 'sleep 900 & echo $! >"$SAID"; wait')
    after.hear(lab.done(), OURS)
    await until(lambda: lab.said.exists() and lab.said.read_text().strip())
    while not lab.told:
        await lab.clock.advance(LONGEST_SECONDS)
    assert lab.told == ["out $(id).zip: sh was ended after 10m00s"]
    child = Path(f"/proc/{lab.said.read_text().strip()}/stat")
    await until(lambda: not child.exists() or child.read_text().rsplit(")", 1)[1].split()[0] == "Z")


async def test_a_wait_that_begins_just_when_the_last_one_has_ended_ends_too(lab: Lab) -> None:
    after, told = await lab.open("sh", "-c", "exit 1"), asyncio.Event()
    after.on_failure(lambda _: told.set())
    after.hear(lab.done(), OURS)
    await told.wait()
    await after.finish()
    assert len(lab.told) == 1


async def test_it_goes_on_when_jobdeck_ends(lab: Lab) -> None:
    gate = lab.home / "gate"
    os.mkfifo(gate)
    after = await lab.open("sh", "-c", f'cat "{gate}" >"$SAID"')
    after.hear(lab.done(), OURS)
    writer = await asyncio.to_thread(os.open, gate, os.O_WRONLY)
    await after.close()
    os.write(writer, b"went on")
    os.close(writer)
    await until(lambda: lab.said.exists() and lab.said.read_text() == "went on")
    assert lab.told == []


async def test_so_many_run_at_the_same_time_as_files_do(lab: Lab) -> None:
    gate = lab.home / "gate"
    os.mkfifo(gate)
    after = await lab.open("sh", "-c", f'echo "{{output}}" >>"$SAID"; cat "{gate}"', at_once=1)
    for number in (1, 2):
        after.hear(lab.done(id=number, output=f"{number}.zip"), OURS)
    for lines in (["1.zip"], ["1.zip", "2.zip"]):
        os.close(await asyncio.to_thread(os.open, gate, os.O_WRONLY))
        assert lab.said.read_text().splitlines() == lines
        while len(await lab.events()) < len(lines):  # noqa: ASYNC110  # the disk knows no event
            await asyncio.sleep(0)
    await after.finish()
