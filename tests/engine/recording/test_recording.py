"""What is written down comes back, whole and at its moment; what is no recording is refused in a sentence."""

from __future__ import annotations

import gzip
import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clock import START, FakeClock
from tests.engine import strategies as wild
from tests.engine.recording.night import HEALTH, at, download, job, night, write
from tui.engine.border import inert
from tui.engine.facts.jobs import Changes
from tui.engine.present_run import with_downloads
from tui.engine.recording.growing_file import GrowingFile, RecordingEndError
from tui.engine.recording.lines import Asked, Head, Line, encoded, harmless
from tui.engine.recording.player import Player
from tui.engine.recording.reader import Recording, read_recording
from tui.engine.recording.scene import Scene, difference
from tui.engine.recording.writer import RecordingWriter
from tui.errors import ExitCode, UsageError
from tui.model import Event, Inert, Job, JobState, Safe, Snapshot, Stat
from tui.text import is_safe_line

FEW = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def packed(*lines: bytes) -> bytes:
    return gzip.compress(b"".join(lines), mtime=0)


def opened(path: Path) -> Recording | UsageError:
    try:
        return read_recording(path)
    except UsageError as error:
        return error


HEAD = encoded(Head(jobdeck_recording=1))


def test_the_file_is_its_owners_alone_and_never_over_another(tmp_path: Path) -> None:
    path = night(tmp_path / "night")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="already") as told:
        GrowingFile(path, 100)
    assert told.value.exit_code is ExitCode.USAGE
    with pytest.raises(UsageError, match="cannot be written"):
        GrowingFile(tmp_path / "nowhere" / "night", 100)


def test_what_was_recorded_is_found_again(tmp_path: Path) -> None:
    found = read_recording(night(tmp_path / "night"))
    assert found.head.filters == {"bad": "state:failed"}
    assert (found.moments[0], found.moments[-1]) == (at(0), at(10))
    assert found.ended == "the board was closed"
    assert [(turn.at, turn.key, turn.state) for turn in found.turns] == [
        (at(2), "plant:j1", JobState.FAILED),
        (at(3), "plant:j2", JobState.RUNNING),
        (at(8), "plant:j2", JobState.SUCCEEDED),
    ]
    assert [(when, event.text) for when, event in found.events] == [(at(0), "tracked"), (at(2), "failed (FAILED)")]


def test_the_whole_board_is_written_again_from_time_to_time_and_can_be_read_from_there(tmp_path: Path) -> None:
    found = read_recording(night(tmp_path / "night"))
    assert len(found.chapters) == 2
    first, texts = found.chapter_of(6)
    lines = found.lines(texts[:1])
    assert first == found.chapters[1].first
    assert lines[0].whole
    assert lines[0].at == at(6)
    assert [job.key for job in lines[0].jobs] == ["plant:j1", "plant:j2"]
    assert found.lines(found.chapter_of(0)[1])[0].whole


def test_a_job_that_was_only_asked_for_costs_little(tmp_path: Path) -> None:
    path, raw = tmp_path / "night", os.urandom(2000).hex()
    one = job(1, raw=raw)
    later = replace(one, checked_at=at(1), next_check_at=at(2), fresh_until=at(3))
    write(path, [(0, Changes(jobs=(one,)), ()), (1, Changes(jobs=(later,)), ())])
    last = gzip.decompress(path.read_bytes()).splitlines()[2]
    assert len(last) < 300
    found = read_recording(path)
    assert found.lines(found.chapter_of(1)[1])[1].asked == (Asked(one.key, at(1), at(2), at(3)),)
    player = Player(found, FakeClock())
    player.go_to(at(1))
    assert player.take().jobs == (later,)


def test_what_only_starting_again_needs_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "night"
    write(path, [(0, Changes(jobs=(replace(job(1), order_body='{"a": "marker"}', callback="ab"),)), ())])
    assert b"marker" not in gzip.decompress(path.read_bytes())


def test_an_archived_job_that_a_filter_shows_is_not_on_the_recorded_board(tmp_path: Path) -> None:
    path = tmp_path / "night"
    write(path, [(0, Changes(jobs=(replace(job(1), archived_at=START), job(2))), ())])
    assert [one.key for one in Player(read_recording(path), FakeClock()).take().jobs] == ["plant:j2"]


def test_a_clock_that_was_put_back_stands_still_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "night"
    write(path, [(5, Changes(jobs=(job(1),)), ()), (3, Changes(jobs=(job(2),)), ())])
    assert set(read_recording(path).moments) == {at(5)}


# ── files that end early, or are something else ──


def test_one_that_breaks_off_plays_to_where_it_ends(tmp_path: Path) -> None:
    whole = night(tmp_path / "night", ends=False).read_bytes()
    all_lines = len(read_recording(tmp_path / "night").moments)
    cut = tmp_path / "cut"
    lengths = set()
    for size in range(200, len(whole), 10):
        cut.write_bytes(whole[:size])
        found = opened(cut)
        if isinstance(found, UsageError):
            assert "is no recording" in found.message
            continue
        assert found.ended is None
        player = Player(found, FakeClock())
        player.go_to(found.moments[-1])
        assert player.take().jobs
        lengths.add(len(found.moments))
    assert lengths >= {1, 2, 5, all_lines - 1}


def test_every_line_can_be_read_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "night"
    file = GrowingFile(path, 100_000)
    writer = RecordingWriter(file, {})
    for minutes in range(9):
        writer.write(at(minutes), Changes(jobs=(job(minutes),)))
        assert len(set(read_recording(path).moments)) == minutes + 1
    file.close()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is no recording"),
        (b"root:x:0:0", "is no recording"),
        (packed(b"hello\n"), "is no recording"),
        (packed(HEAD), "is no recording"),
        (packed(HEAD, encoded(Line(at=START))), "is no recording"),  # no whole board to begin with
        (packed(HEAD, encoded(Line(at=START, whole=True)), b"{}\n"), "is damaged behind"),
        (packed(HEAD, encoded(Line(at=at(1), whole=True)), encoded(Line(at=at(0)))), "is damaged behind"),
        (packed(HEAD, encoded(Line(at=START, whole=True)))[:-8] + bytes(8), "damaged where it begins"),
        (packed(HEAD, encoded(Line(at=START, whole=True))) + b"rubbish", "is damaged behind"),
        (packed(HEAD, encoded(Line(at=START, whole=True))) + packed(b"half"), "is damaged behind"),
        (packed(encoded(Head(jobdeck_recording=2, by="9.1"))), "was recorded by a newer jobdeck (9.1)"),
    ],
)
def test_what_is_no_recording_is_refused_in_a_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="file") as told:
        read_recording(path)
    assert says in told.value.message
    assert told.value.hint


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(UsageError, match="cannot be read"):
            read_recording(path)


def test_a_file_that_changes_while_it_is_played_stops_the_play_and_is_told(tmp_path: Path) -> None:
    path = night(tmp_path / "night")
    player = Player(read_recording(path), FakeClock())
    path.write_bytes(b"")
    path.unlink()
    assert "cannot be played on" in player.take().told[0]
    assert player.is_paused
    assert not player.take()


@FEW
@given(st.binary(max_size=60) | st.lists(st.binary(max_size=20)).map(lambda lines: packed(HEAD, *lines)))
def test_any_bytes_are_a_recording_or_a_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(UsageError):
        read_recording(path)


@FEW
@given(st.integers(0), st.integers(0, 255))
def test_a_byte_that_is_another_is_told_or_does_no_harm(tmp_path: Path, place: int, value: int) -> None:
    lines = bytearray(gzip.decompress(night(tmp_path / f"night{len(list(tmp_path.iterdir()))}").read_bytes()))
    lines[place % len(lines)] = value
    path = tmp_path / "other"
    path.write_bytes(packed(bytes(lines)))
    found = opened(path)
    if isinstance(found, Recording):
        player = Player(found, FakeClock())
        player.go_to(found.moments[-1])
        player.take()


def test_a_strangers_recording_says_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    """Not written by us: escapes in every kind of text, and figures and times beyond all measure."""
    evil = "a\x1b]52;c;!\x07\u202e\nb"
    snapshot = Inert(
        Snapshot(vendor_status=Safe(evil), raw=Safe(evil), stats=(Stat(Safe(evil), 1e308),), progress=9e99)
    )
    wicked = replace(job(1), given_title=Safe(evil), ref=replace(job(1).ref, id=evil), snapshot=snapshot)
    event = Event(START, wicked.key, evil, Safe(evil))
    line = Line(
        at=START, whole=True, jobs=(wicked,), told=(Safe(evil),), events=(event,), downloads=(download(1, wicked),)
    )
    path = tmp_path / "night"
    path.write_bytes(packed(encoded(Head(jobdeck_recording=1, by=evil, filters={evil: evil})), encoded(line)))
    found = read_recording(path)
    changes = Player(found, FakeClock()).take()
    (read,) = changes.jobs
    shown = [read.key, read.title, read.snapshot.vendor_status, found.head.by, *found.head.filters]
    shown += [*changes.told, found.events[0][1].text, changes.downloads[0].job, read.snapshot.stats[0].name]
    assert all(map(is_safe_line, shown))
    assert "\x1b" not in read.snapshot.raw
    assert "\n" in read.snapshot.raw
    assert read.snapshot.progress in (None, 1.0)
    assert read.downloads == changes.downloads

    for wrong in (
        replace(wicked, changed_at=START.replace(tzinfo=None)),
        replace(wicked, changed_at=START.replace(year=1)),
    ):
        path.write_bytes(packed(HEAD, encoded(replace_jobs(line, wrong))))
        player = Player(read_recording(path), FakeClock())
        assert "no time that a clock shows" in player.take().told[0]


def replace_jobs(line: Line, one: Job) -> Line:
    return Line(at=line.at, whole=True, jobs=(one,))


# ── an end that nobody wished ──


def test_it_ends_at_its_size_and_what_is_there_can_be_played(tmp_path: Path) -> None:
    path = tmp_path / "night"
    file = GrowingFile(path, 3000)
    writer = RecordingWriter(file, {})

    def write_on() -> None:
        for number in range(100):
            writer.write(at(number), Changes(jobs=(job(number, raw=os.urandom(200).hex()),)))

    with pytest.raises(RecordingEndError, match="has reached its 0 MB"):
        write_on()
    file.close()
    assert path.stat().st_size <= 3000
    assert len(read_recording(path).moments) > 3


def test_it_ends_when_its_file_is_removed(tmp_path: Path) -> None:
    file = GrowingFile(tmp_path / "night", 3000)
    (tmp_path / "night").unlink()
    with pytest.raises(RecordingEndError, match="was removed"):
        file.write(b"x")
    file.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
def test_a_full_disk_is_named(tmp_path: Path) -> None:
    file = GrowingFile(tmp_path / "night", 3000)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, file._file)
    os.close(full)
    with pytest.raises(RecordingEndError, match="the disk is full"):
        file.write(b"x")
    file.close()


# ── whatever the board may hold ──


@settings(FEW, max_examples=6)
@given(st.lists(st.lists(wild.jobs, max_size=3), min_size=1, max_size=4))
def test_every_board_comes_back_as_it_was(tmp_path: Path, rounds: list[list[Job]]) -> None:
    path = tmp_path / "night"
    path.unlink(missing_ok=True)
    told = [
        Changes(jobs=tuple(clean(one) for one in jobs), gone=tuple(clean(one).key for one in jobs[1:2]))
        for jobs in rounds
    ]
    told = [replace(one, gone=() if number == 0 else told[number - 1].gone) for number, one in enumerate(told)]
    write(path, [(number * 3.0, changes, ()) for number, changes in enumerate(told)])
    expected: dict[str, Job] = {}
    for changes in told:
        for key in changes.gone:
            expected.pop(key, None)
        expected |= {one.key: one for one in changes.jobs}
    player = Player(read_recording(path), FakeClock())
    player.go_to(at(100))
    assert {one.key: one for one in player.take().jobs} == expected


def clean(one: Job) -> Job:
    """As it comes through the border."""
    return harmless(Line(at=START, jobs=(replace(one, snapshot=inert(one.snapshot)),))).jobs[0]


def test_the_difference_of_two_scenes_makes_one_of_the_other() -> None:
    one, two = job(1), job(2)
    first, second = download(1, one), download(2, two, bytes=3)
    old = Scene({one.key: one, two.key: two}, {"plant": HEALTH}, {1: first, 2: second})
    newer = replace(two, alert=True)
    new = Scene({two.key: newer}, {}, {3: download(3, two)})
    changes = difference(old, new)
    assert changes.jobs == (with_downloads(newer, [download(3, two)]),)
    assert set(changes.gone) == {one.key, two.key}  # the second goes and comes: it has lost a download
    assert changes.connections_gone == ("plant",)
    assert not difference(new, new.copy())
    back = difference(new, old)
    assert {job.key: len(job.downloads) for job in back.jobs} == {one.key: 1, two.key: 1}
    assert back.connections == (HEALTH,)


def test_downloads_of_an_earlier_run_stay_out_of_the_job(tmp_path: Path) -> None:
    begun = replace(job(1), begun_anew_at=START + timedelta(seconds=1))
    old = download(int(START.timestamp() * 1_000_000), begun)
    write(tmp_path / "night", [(0, Changes(jobs=(begun,), downloads=(old,)), ())])
    changes = Player(read_recording(tmp_path / "night"), FakeClock()).take()
    assert changes.downloads == (old,)
    assert changes.jobs[0].downloads == ()
