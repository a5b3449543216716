"""The command that is told of ends: what it is given, when it is not run, and that two programs run it once."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.clock import START, FakeClock, settle
from tests.engine.inline import inline_store
from tests.engine.waiting import until
from tui.config import Notify
from tui.config.quiet_hours import QuietHours, read_hours
from tui.engine.board import Board
from tui.engine.border import inert
from tui.engine.next_ask import NextAsk
from tui.engine.telling.notice import GATHER_SECONDS, Ends, notices, to_tell
from tui.engine.telling.notifying import NotifyCommand
from tui.model import Job, JobKey, JobState, Reference, Safe, Snapshot

SHOW = ("sh", "-c", 'printf "%s|" "$@" "$JOBDECK_SECRET_X" >>"$SAID"; echo >>"$SAID"', "sh")
FIELDS = ("{title}", "{state}", "{job}", "{connection}", "{vendor_status}")


def job(number: int, state: JobState = JobState.RUNNING, *, alert: bool = False, title: str = "Nightly") -> Job:
    snapshot = Snapshot(state, vendor_status=f"word {state}")
    return Job(
        "plant", "octoplant", Reference(str(number)), START, Safe(f"{title} {number}"), inert(snapshot), alert=alert
    )


@dataclass
class Lab:
    """A board on the disk, as one program has it, and the command."""

    home: Path
    clock: FakeClock = field(default_factory=FakeClock)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = inline_store(self.home / "board.sqlite")
        self.board = Board(self.store, self.clock)
        self.said = self.home / "said"

    def open(self, notify: Notify) -> NotifyCommand:
        environ = {"PATH": os.environ["PATH"], "SAID": str(self.said), "JOBDECK_SECRET_X": "canary"}
        command = NotifyCommand(notify, environ, self.board, self.store, self.clock, self.told.append)
        command.start()
        return command

    async def end(self, key: JobKey, state: JobState = JobState.SUCCEEDED) -> None:
        said: Snapshot = self.board.jobs[key].snapshot
        said = replace(said, state=state, vendor_status=f"word {state}")
        await self.board.answered(key, said, lambda _: NextAsk(None, None))

    async def gather(self) -> None:
        await settle()
        await self.clock.advance(GATHER_SECONDS)

    def lines(self) -> list[str]:
        return self.said.read_text().splitlines() if self.said.exists() else []


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


async def test_it_is_told_of_an_end_once_without_secrets_and_no_title_is_an_option(lab: Lab) -> None:
    one = job(1, title="--urgency=\x1b]9;x; $(id)")
    await lab.board.add([one], "tracked")
    command = lab.open(Notify(command=(*SHOW, *FIELDS)))
    await lab.end(one.key, JobState.FAILED)
    await lab.end(one.key, JobState.FAILED)
    await lab.gather()
    await until(lab.lines)
    await command.close()
    assert lab.lines() == [f" --urgency=␛]9;x; $(id) 1|failed|{one.key}|plant|word failed||"]
    assert [event.text for event in await lab.store.events(one.key) if event.kind == "notified"] == [
        "the command is told: failed"
    ]


async def test_many_are_told_as_one(lab: Lab) -> None:
    jobs = [job(number) for number in range(5)]
    await lab.board.add(jobs, "tracked")
    command = lab.open(Notify(command=(*SHOW, "{title}: {state}", "{job}")))
    for one in jobs:
        await lab.end(one.key, JobState.FAILED if one.ref.id == "3" else JobState.SUCCEEDED)
    await lab.gather()
    await until(lab.lines)
    await command.close()
    assert lab.lines() == ["5 jobs are over: 1 failed, 4 succeeded|||"]


async def test_two_programs_tell_once(lab: Lab) -> None:
    await lab.board.add([job(1)], "tracked")
    other = Lab(lab.home)
    await other.board.load()
    notify = Notify(command=(*SHOW, "{title}"))
    commands = [lab.open(notify), other.open(notify)]
    await lab.end(job(1).key)
    await other.board.look()
    for one in (lab, other, lab):
        await one.gather()
    await until(lab.lines)
    for command in commands:
        await command.close()
    assert lab.lines() == ["Nightly 1||"]


async def test_a_failure_is_told_once(lab: Lab) -> None:
    await lab.board.add([job(1), job(2)], "tracked")
    command = lab.open(Notify(command=("/nowhere/at-all",)))
    await lab.end(job(1).key)
    await lab.gather()
    await until(lambda: lab.told)
    await lab.end(job(2).key)
    await lab.gather()
    await command.close()
    assert lab.told == ["notify.command: at-all cannot be run: No such file or directory"]


def test_what_was_over_when_it_came_is_no_news_and_an_end_is_told_once() -> None:
    ends = Ends()
    over = job(1, JobState.FAILED)
    assert ends.ended([over]) == ()
    assert ends.ended([job(1)]) == ()
    assert ends.ended([over]) == (over,)
    assert ends.ended([over]) == ()


@pytest.mark.parametrize("alert", [True, False])
def test_a_job_with_an_alert_of_which_nothing_was_known_is_told_of(alert: bool) -> None:
    ends = Ends()
    ended = job(1, JobState.FAILED, alert=alert)
    ends.ended([job(1, JobState.UNKNOWN, alert=alert)])
    assert ends.ended([ended]) == ((ended,) if alert else ())


def test_quiet_hours_and_watched_only() -> None:
    jobs = (job(1), job(2, alert=True))
    local = START.astimezone().time()
    around = QuietHours(local.replace(hour=(local.hour - 1) % 24), local.replace(hour=(local.hour + 1) % 24))
    assert to_tell(jobs, Notify(), START) == jobs
    assert to_tell(jobs, Notify(when="alert"), START) == jobs[1:]
    assert to_tell(jobs, Notify(quiet=around), START) == ()


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [("22:00-07:00", ["22:00", "23:59", "00:00", "06:59"], ["07:00", "21:59"]), ("9:30 - 10:00", ["09:30"], ["10:00"])],
)
def test_hours_go_past_midnight(text: str, inside: list[str], outside: list[str]) -> None:
    hours = read_hours(text)
    assert hours is not None
    local = START.astimezone()
    for told, expected in ((inside, True), (outside, False)):
        for one in told:
            hour, minute = map(int, one.split(":"))
            assert hours.hold(local.replace(hour=hour, minute=minute)) is expected
    assert not QuietHours().hold(local)


@pytest.mark.parametrize("text", ["22-07", "24:00-07:00", "22:00", "22:60-07:00", ""])
def test_what_is_no_hours(text: str) -> None:
    assert read_hours(text) is None


def test_a_notice_says_how_it_ended_and_where() -> None:
    assert [one.outcome for one in notices([job(1, JobState.FAILED)])] == ["failed (plant)"]
