"""What is under way has an age in the footer; the user may call it back, and is told what is sent already."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

from tests.board.conftest import SMALL, Open
from tests.board.fakes import CONNECTIONS, FakeDoor, make_job, make_jobs
from tests.clock import START
from tui.engine.facts.jobs import Changes, Refreshed
from tui.errors import JobdeckError
from tui.model import Inert, JobState, Output, Problem, ProblemKind, Reference, Safe, Snapshot
from tui.screens.confirm import Confirm
from tui.screens.lift import LiftDialog
from tui.screens.outputs import OutputsDialog
from tui.screens.says import Says


async def test_it_is_shown_with_its_age_and_gone_when_it_is_done(lab: Open) -> None:
    door = FakeDoor(make_jobs(3))
    door.holds = True
    async with lab(door, SMALL, errand_seconds=0.001) as one:
        await one.press("space", "space", "space", "c", "y")
        while "cancelling" not in one.said("footer"):
            await one.pilot.pause(0.001)
        assert one.said("footer").startswith(" cancelling 3 jobs… 0s  Esc calls it back ")
        one.clock.jump(75)
        one.board.say()
        assert "cancelling 3 jobs… 1m15s" in one.said("footer")
        await one.press("R")
        while "asking for 3 jobs… 0s +1" not in one.said("footer"):
            await one.pilot.pause(0.001)
        door.release()
        await one.app.workers.wait_for_complete()
        assert "calls it back" not in one.said("footer")
        assert "the vendor took the cancel of 3 jobs" in one.toasts()


async def test_escape_calls_back_what_is_not_sent_and_tells_what_is(lab: Open) -> None:
    door = FakeDoor(make_jobs(6))
    door.holds, door.sent = True, frozenset({"cancel"})
    async with lab(door, SMALL, errand_seconds=0.001) as one:
        await one.press(*["space"] * 6, "c", "y")
        while "cancelling" not in one.said("footer"):
            await one.pilot.pause(0.001)
        await one.press("escape")
        assert one.table.marks
        assert "cancelling: 4 jobs already on its way; the outcome will be told; 2 jobs called back" in one.toasts()
        assert "cancelling" not in one.said("footer")
        door.release()
        await one.app.workers.wait_for_complete()
        assert door.names().count("cancel") == 4
        assert "the vendor took the cancel of 4 jobs" in one.toasts()


async def test_what_is_done_at_once_is_never_shown_and_many_failures_are_one_word(lab: Open) -> None:
    door = FakeDoor(make_jobs(3))
    door.refuses = JobdeckError("the vendor said no", hint="ask an admin")
    async with lab(door, SMALL, errand_seconds=3600) as one:
        await one.press("space", "space", "space", "c", "y")
        assert one.toasts().count("the vendor said no") == 1
        assert "job 0000: the vendor said no\nask an admin\n(and 2 more)" in one.toasts()
        assert "took" not in one.toasts()


async def test_read_only_is_lifted_by_a_word_and_put_back_by_a_key(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1)), SMALL, read_only=True) as one:
        await one.press("c")
        assert "cancel: job 0000: read-only; ! lifts that" in one.toasts()
        await one.press("exclamation_mark", "enter", "y", "enter")
        assert one.is_open(LiftDialog)
        assert "That was not write. Type write and Enter" in one.screen_text(), "also where there are no colours"
        await one.press("escape")
        assert "read-only" in one.said("header")
        await one.press("exclamation_mark", *"write", "enter")
        assert "read-only" not in one.said("header")
        await one.press("c", "y")
        await one.press("exclamation_mark", "c")
        assert one.top is one.board
        assert "read-only" in one.said("header")
        calls = [call for call in one.door.calls if call[0] in ("allow_changes", "cancel")]
        assert calls == [("allow_changes", True), ("cancel", make_job(0).key), ("allow_changes", False)]


async def test_long_lists_of_names_are_counted_and_scrolled(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(11)), SMALL) as one:
        await one.press(*["space"] * 11, "c")
        assert one.is_open(Confirm)
        assert one.top.query_one("#no").has_focus
        assert "Cancel 11 jobs at the vendor?" in one.screen_text()
        assert "and 3 more: PgDn" in one.screen_text()
        names = one.screen_text()
        assert "job 0007" in names
        await one.press("pagedown", "down")
        assert one.screen_text() != names
        assert one.top.query_one("#no").has_focus
        await one.press("enter")
        assert "cancel" not in one.door.names()


async def test_what_could_not_be_brought_back_can_be_another_time(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(3), CONNECTIONS), SMALL) as one:
        await one.press("u")
        one.board.take_news()
        one.door.refuses = JobdeckError("the disk is full")
        await one.press("z")
        assert "the disk is full" in one.toasts()
        await one.press("j", "k", "u")
        one.door.tell(Changes(gone=(make_job(1).key,)))
        one.board.take_news()
        assert "is gone: untracked elsewhere" in one.said("jobs-title")
        one.door.refuses = None
        await one.press("z")
        assert "job 0000 back on the board" in one.toasts()


async def test_many_warnings_at_once_are_counted(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(1)), SMALL) as one:
        await one.tell(told=tuple(f"file {number}: cp ended with 1" for number in range(100)))
        assert len(one.app._notifications) == 4
        assert one.toasts().endswith("file 2: cp ended with 1\nand 97 more like these")


async def test_an_answer_that_nobody_waits_for_any_more_is_not_copied(lab: Open) -> None:
    door = FakeDoor(make_jobs(1))
    door.holds = True
    async with lab(door, SMALL, errand_seconds=0.001) as one:
        await one.press("y", "c")
        while "Esc" not in one.said("footer"):
            await one.pilot.pause(0.001)
        await one.press("escape")
        door.release()
        await one.app.workers.wait_for_complete()
        assert one.toasts() == "waiting for the answer: called back"
        assert not one.app.clipboard


async def test_one_change_is_called_back_or_followed_to_its_end(lab: Open) -> None:
    door = FakeDoor(make_jobs(1))
    door.holds = True
    async with lab(door, SMALL, errand_seconds=0.001) as one:
        for sent in (False, True):
            door.sent = frozenset({"cancel"} if sent else ())
            await one.press("c", "y")
            while "calls it back" not in one.said("footer"):
                await one.pilot.pause(0.001)
            await one.press("escape")
            assert "cancelling" not in one.said("footer")
        assert "cancelling: 1 job called back" in one.toasts()
        assert "cancelling: 1 job already on its way; the outcome will be told" in one.toasts()
        door.release()
        await one.app.workers.wait_for_complete()
        assert one.toasts().count("the vendor took the cancel") == 1


async def test_escape_in_a_dialog_calls_back_its_question_first(lab: Open) -> None:
    door = FakeDoor([make_job(1, JobState.SUCCEEDED, outputs=(Output("a.zip"),))])
    async with lab(door, SMALL) as one:
        await one.press("o")
        door.holds = True
        await one.press("i")
        one.clock.jump(12)
        one.top.query_one(Says).tick()
        await one.settle()
        assert "Looking inside a.zip … 12s  (Escape calls it back)" in one.screen_text()
        await one.press("escape")
        assert one.is_open(OutputsDialog)
        assert "Looking inside a.zip: called back." in one.screen_text()
        await one.press("escape")
        assert one.top is one.board


async def test_a_report_that_nobody_looks_at_any_more_is_called_back(lab: Open) -> None:
    door = FakeDoor([make_job(number, JobState.SUCCEEDED, has_report=True) for number in range(2)])
    asked: list[Future[Safe]] = []
    async with lab(door) as one:
        door.holds = True
        real = door.report
        door.report = lambda key, *, again=False: asked.append(real(key, again=again)) or asked[-1]  # type: ignore[method-assign, func-returns-value, redundant-expr]
        await one.pilot.press("r", "escape", "j")
        while len(asked) < 2:
            await one.pilot.pause(0.001)
        assert [promise.cancelled() for promise in asked] == [True, False]
        door.release()


async def test_a_refresh_that_a_vendor_lets_hang_has_an_age_and_is_called_back(lab: Open) -> None:
    door = FakeDoor(make_jobs(3))
    door.holds = True
    async with lab(door, SMALL, errand_seconds=0.001) as one:
        await one.press("R", "R", "R")
        while "asking for job 0000… 0s  Esc calls it back" not in one.said("footer"):
            await one.pilot.pause(0.001)
        assert door.names().count("refresh") == 1
        await one.press("escape")
        await one.app.workers.wait_for_complete()
        assert "asking for job 0000: called back" in one.toasts()
        assert "asking for" not in one.said("footer")
        door.holds = False
        await one.press("R")
        assert door.names().count("refresh") == 2


async def test_a_long_title_hides_neither_its_age_nor_the_way_out(lab: Open) -> None:
    job = replace(make_job(0), given_title=Safe("0e75b007-62b6-497b-b7b7-be41d6ac1d2f 日本語"))
    door = FakeDoor([job])
    door.holds = True
    async with lab(door, (60, 20), errand_seconds=0.001) as one:
        await one.press("R")
        while "asking" not in one.said("footer"):
            await one.pilot.pause(0.001)
        assert "asking for 0e75b007-62b6-497b-b7b7-… 0s  Esc calls it back" in one.said("footer")
        door.release()


async def test_what_came_of_a_refresh_is_told_in_words(lab: Open) -> None:
    running = make_jobs(4)
    refused = Problem(ProblemKind.UNREACHABLE, Safe("no answer in 20 s"), START)
    broken = replace(running[2], problem=refused)
    ended = replace(running[0], snapshot=Inert(Snapshot(JobState.SUCCEEDED)), changed_at=START)
    named = replace(running[0], snapshot=Inert(Snapshot(JobState.RUNNING, outputs=(Output(Safe("a.zip")),))))
    lost = replace(running[0], outcome_unknown=True, snapshot=Inert(Snapshot(notice=Safe("not in the vendor's list"))))
    became = replace(running[0], ref=Reference("4711"), given_title=Safe("nightly"))
    door = FakeDoor(running)
    door.not_asked[running[3].key] = "throttled by the vendor until 14:32:10"
    cases = (
        (Refreshed(answered=(running[0],)), "job 0000: running, nothing new"),
        (Refreshed(answered=(ended,)), "job 0000: succeeded"),
        (Refreshed(answered=(named,)), "job 0000: running"),
        (Refreshed(answered=(lost,)), "job 0000: not in the vendor's list"),
        (Refreshed(answered=(became,)), "nightly: found at the vendor"),
        (Refreshed(answered=tuple(running)), "4 jobs asked: nothing new"),
        (Refreshed(answered=(ended, running[1])), "2 jobs asked: 1 with news"),
        (Refreshed(failed=(broken, running[1])), "job 0002: no answer in 20 s (and 1 more)"),
        (Refreshed(waiting=(running[3],)), "job 0003: throttled by the vendor until 14:32:10; first in line then"),
    )
    async with lab(door, SMALL) as one:
        await one.press(*["space"] * 4)
        for came, told in cases:
            door.refreshed = came
            await one.press("R")
            await one.app.workers.wait_for_complete()
            assert told in one.toasts().splitlines(), told
