"""What the tabs say: pure functions from a job to lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.board.fakes import ago, make_job
from tests.clock import START
from tui.cli.as_json import job_json
from tui.engine.border import inert
from tui.model import (
    Download,
    DownloadState,
    Event,
    Job,
    JobKey,
    JobState,
    Output,
    Problem,
    ProblemKind,
    Safe,
    Snapshot,
    Stage,
    Usual,
    UsualStage,
)
from tui.text import safe_line
from tui.widgets.detail_outputs import outputs
from tui.widgets.detail_overview import overview
from tui.widgets.detail_text import OURS, history, raw_text
from tui.widgets.detail_timeline import timeline
from tui.widgets.glyphs import ASCII, UNICODE, Glyphs
from tui.widgets.lines import Line, Tone, width_of
from tui.widgets.rows import view_of

USUAL = Usual(12, 165, 190, (UsualStage(Safe("queued"), 2), UsualStage(Safe("run"), 150)))


def plain(lines: list[Line]) -> str:
    return "\n".join("".join(piece.text for piece in line) for line in lines)


def told(job: Job, why: str | None = None) -> str:
    return plain(overview(job, START, UNICODE, 100, why))


def a_run(ran: float = 125, **more: object) -> Job:
    return replace(make_job(1, started_at=ago(ran)), usual=USUAL, **more)  # type: ignore[arg-type]


def test_overview_tells_how_long_it_may_still_take_as_an_estimate() -> None:
    text = told(a_run())
    assert "for 2m, ~40s left by an estimate" in text
    assert "usually 2m45s, nine of ten within 3m10s (12 runs)" in text
    assert "longer than usual" in told(a_run(200))
    assert "for 5m: unusually slow" in told(a_run(300))
    assert "left" not in told(make_job(1, started_at=ago(125)))


def test_a_row_tells_it_too() -> None:
    stages = (Stage("queued", ago(130), ago(125)), Stage("run", ago(125)))
    said: Snapshot = a_run().snapshot
    job = replace(a_run(), snapshot=inert(replace(said, stages=stages)))
    assert view_of(job, START, UNICODE).note.text == "~40s left, run"
    slow = view_of(a_run(300), START, UNICODE).note
    assert (slow.text, slow.tone) == ("unusually slow", Tone.WARN)


def test_json_tells_it_for_programs() -> None:
    said = job_json(a_run(), START)
    assert said["eta"] == "2026-03-02T08:15:40Z"
    assert said["usual_seconds"] == 165
    said = job_json(make_job(1), START)
    assert said["eta"] is said["usual_seconds"] is None


def test_overview_tells_the_next_ask_or_why_there_is_none() -> None:
    job = replace(make_job(1), next_check_at=START + timedelta(seconds=9))
    assert "Next ask     at " in told(job)
    assert "Next ask     at " in told(job, "next ask in 9s"), "a moment stands still where seconds would tick"
    assert "throttled by the vendor until 12:03" in told(job, "throttled by the vendor until 12:03")


def test_overview_tells_outputs_and_downloads_in_short() -> None:
    made = tuple(Output(f"part-{number}.zip", size=1_000_000) for number in range(5))
    one = Download(1, JobKey("a:b"), Safe("part-0.zip"), Path("/x"), DownloadState.DONE)
    failed = replace(one, id=2, state=DownloadState.FAILED)
    text = told(make_job(1, JobState.SUCCEEDED, outputs=made, downloads=(one, failed)))
    assert "part-0.zip, part-1.zip, part-2.zip and 2 more  5.0 MB" in text
    assert "1 done, 1 failed" in text


def test_overview_compares_a_finished_run() -> None:
    job = make_job(1, JobState.SUCCEEDED, started_at=ago(400))
    ended = replace(job, snapshot=replace(job.snapshot, finished_at=ago(200)), usual=USUAL)
    assert "Took         3m20s, longer than nine of ten" in told(ended)
    quick = replace(ended, snapshot=replace(ended.snapshot, finished_at=ago(250)))
    assert "Took         2m30s, usual 2m45s" in told(quick)


@pytest.mark.parametrize("width", [40, 56, 80, 120])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_timeline_fits_and_compares_each_stage(width: int, glyphs: Glyphs) -> None:
    stages = (
        Stage("queued", ago(130), ago(120)),
        Stage("a stage with a very long name of its own", ago(120), ago(110)),
        Stage("run", ago(110)),
        Stage("upload"),
    )
    said: Snapshot = a_run().snapshot
    job = replace(a_run(), snapshot=inert(replace(said, stages=stages)))
    lines = timeline(job, START, glyphs, width)
    assert max(width_of(line) for line in lines) <= width
    text = plain(lines)
    assert "1m50s so far" in text
    assert "not yet" in text
    assert ("usual 2m30s" in text) is (width > 40)
    assert "~40s left by an estimate" in text
    slow = next(line for line in lines if line and "queued" in line[0].text)
    assert any(piece.tone is Tone.WARN and "10s" in piece.text for piece in slow), "five times its usual length"


def test_timeline_without_a_vendors_times_tells_what_was_seen() -> None:
    job = make_job(1, vendor="enos")
    job = replace(job, snapshot=replace(job.snapshot, submitted_at=None), tracked_at=ago(90))
    text = plain(timeline(job, START, UNICODE, 80))
    assert "tells no times" in text
    assert "tracked" in text
    text = plain(timeline(replace(job, seen_running_at=ago(30)), START, UNICODE, 80))
    assert "waiting" in text
    assert "running" in text
    assert "30s so far" in text
    over = replace(job.snapshot, state=JobState.SUCCEEDED)
    text = plain(timeline(replace(job, snapshot=over, seen_running_at=ago(60), changed_at=ago(10)), START, UNICODE, 80))
    assert "50s" in text
    assert "so far" not in text


def test_a_dying_link_is_counted_down() -> None:
    def at(seconds: float) -> str:
        output = Output("x.zip", expires_at=START + timedelta(seconds=seconds))
        return plain(outputs(make_job(1, JobState.SUCCEEDED, outputs=(output,)), START, UNICODE, 80))

    assert "link dies in 4:05  at " in at(245)
    assert "link dies in 0:59" in at(59)
    assert "link dies in 20m" in at(1200)
    assert "link is dead" in at(-1)


def test_history_tells_when_and_how_long_ago() -> None:
    key = JobKey("a:b")
    events = (
        Event(ago(7200), key, "tracked", Safe("tracked as b")),
        Event(ago(2), key, "problem", Safe("throttled: wait")),
    )
    lines = history(events, START, 80)
    assert lines[0][0].text.split()[2] == "now"
    assert "2h00 ago" in lines[1][0].text
    assert lines[0][1].tone is Tone.WARN
    assert "ago" not in plain(history(events, START, 56))
    assert "Nothing" in plain(history((), START, 80))


def test_raw_shows_what_was_read_where_the_reply_was_not_kept() -> None:
    text = raw_text(make_job(1, raw=""))
    assert text.startswith(OURS)
    assert '"vendor_status": "running"' in text
    assert "has not answered" in raw_text(replace(make_job(1), checked_at=None))


def test_a_stage_without_a_start_is_not_to_come_once_the_job_is_over() -> None:
    stages = (Stage("queued", ago(130), ago(125)), Stage("run", ago(125)), Stage("upload"))
    running = make_job(1, stages=stages)
    over = make_job(1, JobState.FAILED, stages=stages)
    assert "not yet" in plain(timeline(running, START, UNICODE, 80))
    text = plain(timeline(over, START, UNICODE, 80))
    assert "not yet" not in text
    assert "upload no time told" in text


def test_an_archived_job_says_since_when() -> None:
    assert "Archived" in told(replace(make_job(1, JobState.SUCCEEDED), archived_at=START))
    assert "Archived" not in told(make_job(1, JobState.SUCCEEDED))


def test_a_last_word_of_another_day_says_which() -> None:
    job = make_job(1, JobState.SUCCEEDED)
    assert "at 2026-" not in told(replace(job, checked_at=START))
    assert "at 2026-02-" in told(replace(job, checked_at=START - timedelta(days=9)))
    problem = Problem(ProblemKind.UNREACHABLE, safe_line("no answer"), START - timedelta(days=9))
    assert "since 2026-02-" in told(replace(job, problem=problem))
