from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

from tests.board.conftest import SMALL, Open
from tests.board.demo import demo_door, demo_jobs
from tests.board.fakes import FakeDoor, ago, make_job, make_jobs
from tests.clock import START
from tui.engine.facts.archives import Inventory, PackedFile
from tui.errors import JobdeckError
from tui.model import Event, JobState, Problem, ProblemKind, Safe, Stat
from tui.widgets.detail_outputs import outputs
from tui.widgets.detail_overview import overview
from tui.widgets.detail_tabs import Tab
from tui.widgets.detail_text import raw_text
from tui.widgets.detail_timeline import timeline
from tui.widgets.glyphs import UNICODE
from tui.widgets.lines import Line, toned
from tui.widgets.textview import TextView


def plain(lines: list[Line]) -> str:
    return "\n".join("".join(piece.text for piece in line) for line in lines)


def test_overview_keeps_the_vendors_word_and_our_problem_apart() -> None:
    job = replace(
        make_job(1, status="inprogress", checked=125, fresh=-60),
        problem=Problem(ProblemKind.RATE_LIMITED, Safe("too many asks"), ago(60), ago(-300)),
    )
    text = plain(overview(job, START, UNICODE, 80))
    assert "◐ inprogress" in text
    assert "throttled: too many asks" in text
    assert "again at" in text
    assert ", stale" in text
    never = replace(job, problem=Problem(ProblemKind.AUTH, Safe(""), ago(60)))
    assert "not asked again" in plain(overview(never, START, UNICODE, 80))


def test_overview_makes_room_for_the_names_of_figures() -> None:
    stats = (Stat("finished_sub_processes", 3), Stat("bytes downloaded", 7), Stat("a" * 40, 1))
    wide = plain(overview(make_job(1, stats=stats), START, UNICODE, 80)).splitlines()
    assert " finished sub processes   3" in wide
    assert " bytes downloaded         7" in wide
    assert f" {'a' * 23}… 1" in wide
    short = plain(overview(make_job(1), START, UNICODE, 80)).splitlines()
    assert short[0] == " State        ◐ running"


def test_timeline_draws_stages_on_one_scale() -> None:
    rows = plain(timeline(demo_jobs()[0], START, UNICODE, 100)).splitlines()
    assert [row.split()[0] for row in rows] == ["queued", "download", "run"]
    assert rows[2].count("━") > 10 * rows[1].count("━")
    assert "2m05s so far" in rows[2]
    assert rows[0].index("━") < rows[2].index("━")


def test_timeline_without_stages_or_times() -> None:
    waited = make_job(1, JobState.SUCCEEDED, submitted=600, started_at=ago(500))
    text = plain(timeline(waited, START, UNICODE, 100))
    assert "waiting" in text
    assert "1m40s" in text
    nothing = make_job(1)
    nothing = replace(nothing, snapshot=replace(nothing.snapshot, submitted_at=None))
    assert "tells no times" in plain(timeline(nothing, START, UNICODE, 100))


def test_outputs_tell_where_the_files_are() -> None:
    text = plain(outputs(demo_jobs()[7], START, UNICODE, 100))
    assert "result.zip, 7.3 MB" in text
    assert "✓ done, zip checked, /home/ops/Downloads/jobdeck/result.zip" in text
    assert "No outputs yet" in plain(outputs(make_job(1), START, UNICODE, 80))


async def test_what_a_fetched_archive_holds_is_told_once_it_is_here(lab: Open) -> None:
    job = demo_jobs()[7]
    door = FakeDoor([replace(job, downloads=()), make_job(1)])
    door.inventories = (
        Inventory(
            3, (PackedFile(Safe("ProjectTree.json"), 2048, Safe("projectTree")), PackedFile(Safe("x.csv"), 7)), 40
        ),
    )
    async with lab(door) as one:
        one.table.select(job.key)
        await one.press("l", "l", "l")
        assert one.door.names() == [], "nothing is here yet"
        await one.tell(job)
        text = one.screen_text()
        assert "ProjectTree.json  2.0 kB  projectTree" in text
        assert "x.csv  7 B" in text
        assert "and 40 more" in text
        await one.tell(replace(job, checked_at=START))
        assert one.door.names() == ["inventory"]
        door.refuses = JobdeckError("the disk is gone")
        await one.press("l", "h")
        assert "result.zip, 7.3 MB" in one.screen_text()


def test_raw_json_is_indented_and_stays_inert() -> None:
    job = make_job(1, raw='{"a": {"b": "\\u001b[31m"}}')
    text = raw_text(job)
    assert '  "a": {' in text
    assert "\x1b" not in text
    assert raw_text(make_job(1, raw="{broken")) == "{broken"
    assert raw_text(make_job(1, raw="[" * 100_000)).startswith("[[[")


async def test_detail_follows_cursor_and_news_and_keeps_its_tab(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(3))) as one:
        await one.press("l", "l", "l", "l", "l")
        assert one.board.detail.tab is Tab.RAW
        await one.press("j")
        assert one.board.detail.job is not None
        assert one.board.detail.job.key == make_job(1).key
        assert one.board.detail.tab is Tab.RAW
        await one.tell(make_job(1, raw="the vendor's new words"))
        assert "the vendor's new words" in one.screen_text()


async def test_help_is_broken_to_its_width_at_once(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(3)), SMALL) as one:
        await one.press("question_mark", "G")
        assert "A secret is looked for in the environment, by its" in one.screen_text()
    text = TextView(UNICODE)
    text.show(lambda width: [(toned(f"{width}"),)])
    assert text.plain == "", "nothing is broken to a width that is not known yet"


async def test_report_and_history_are_asked_only_when_opened(lab: Open) -> None:
    async with lab(demo_door()) as one:
        one.table.select(demo_jobs()[0].key)
        await one.settle()
        assert one.door.names() == []
        await one.press("l", "l")
        assert one.door.names() == ["report"]
        await one.press("l", "l")
        assert one.door.names() == ["report", "history"]
        assert "tracked from a pasted URL" in one.screen_text()
        await one.tell(replace(demo_jobs()[0], checked_at=START))
        assert one.door.names() == ["report", "history"], "nothing happened to it"
        await one.tell(replace(demo_jobs()[0], changed_at=START))
        assert one.door.names() == ["report", "history", "history"]


async def test_a_late_answer_for_another_job_is_not_shown(lab: Open) -> None:
    late: Future[tuple[Event, ...]] = Future()
    late.set_running_or_notify_cancel()
    door = FakeDoor(make_jobs(2))
    door.events[make_job(1).key] = (Event(ago(5), make_job(1).key, "state", Safe("the right one")),)
    answer = door.history

    def slow(key: str) -> Future[tuple[Event, ...]]:
        return late if key == make_job(0).key else answer(make_job(1).key)

    door.history = slow  # type: ignore[method-assign]  # one answer comes late
    async with lab(door) as one:
        await one.pilot.press("h", "h")
        await one.pilot.pause()
        assert "Asking" in one.screen_text()
        await one.press("j")
        assert "the right one" in one.screen_text()
        late.set_result((Event(ago(5), make_job(0).key, "state", Safe("the wrong one")),))
        await one.settle()
        assert "the wrong one" not in one.screen_text()


async def test_a_big_report_is_cheap_to_show_and_keeps_its_scroll(lab: Open) -> None:
    job = make_job(1, JobState.SUCCEEDED, has_report=True)
    door = FakeDoor([job])
    door.report_text = "\n".join(f"line {number}" for number in range(100_000))
    async with lab(door) as one:
        await one.press("r", "G")
        assert "line 99999" in one.screen_text()
        await one.press("g", "j", "j")
        view = one.board.query_one("#detail-text", TextView)
        assert view.scroll_offset.y == 2
        door.report_text += "\nmore"
        await one.tell(replace(job, changed_at=START))
        assert view.scroll_offset.y == 2
        assert view.plain.endswith("more")
