from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import START
from tui.engine.border import inert
from tui.filter import EVERYTHING, FilterError, Known, age_of, is_unfinished, parse, spelt_out
from tui.model import Download, DownloadState, Job, JobKey, JobState, Reference, Safe, Snapshot

JOB = Job(
    connection="plant",
    vendor="octoplant",
    ref=Reference("0F3C-77"),
    tracked_at=START - timedelta(hours=2),
    given_title=Safe("Export Line 3"),
    snapshot=inert(Snapshot(JobState.RUNNING, "In Progress")),
    checked_at=START - timedelta(minutes=6),
    fresh_until=START - timedelta(minutes=5),
)
FETCHED = replace(
    JOB,
    snapshot=inert(Snapshot(JobState.SUCCEEDED, "Finished", submitted_at=START - timedelta(minutes=3))),
    downloads=(Download(1, JobKey("plant:0F3C-77"), Safe("a"), Path("/tmp"), DownloadState.DONE),),
)


@pytest.mark.parametrize(
    ("text", "running", "fetched"),
    [
        ("", True, True),
        ("line", True, True),
        ("LINE export", True, True),
        ('"line 3"', True, True),
        ('"3 line"', False, False),
        ("0f3c", True, True),
        ("progress", True, False),
        ("plant", True, True),
        ("aspera", False, False),
        ("-progress", False, True),
        ("state:running", True, False),
        ("state:failed,Succeeded", False, True),
        ("State:RUNNING -VENDOR:enos", True, False),
        ("-state:running", False, True),
        ("vendor:octoplant", True, True),
        ("vendor:aspera,enos", False, False),
        ("connection:PLANT", True, True),
        ("id:0f3", True, True),
        ("id:f3", False, False),
        ("age:>1h", True, False),
        ("age:<2w", True, True),
        ("age:<5m", False, True),
        ("age:<1.5h", False, True),
        ("seen:>5m", True, True),
        ("seen:<300s", False, False),
        ("is:active", True, False),
        ("is:stale", True, False),
        ("is:downloaded", False, True),
        ("is:active,downloaded", True, True),
        ("-is:stale line", False, True),
        ("state:running age:>1h line", True, False),
    ],
)
def test_what_matches(text: str, *, running: bool, fetched: bool) -> None:
    chosen = parse(text)
    assert chosen.matches(JOB, START) is running
    assert chosen.matches(FETCHED, START) is fetched
    assert bool(chosen) is bool(text)


def test_a_job_that_was_never_seen_was_seen_long_ago() -> None:
    assert parse("seen:>9999d").matches(replace(JOB, checked_at=None), START)


@pytest.mark.parametrize(
    ("text", "column", "length", "words"),
    [
        ("line sate:failed", 5, 11, "sate: is no key"),
        ("state:nope", 0, 10, "nope is no state"),
        ("state:", 0, 6, "needs a value"),
        ("state:,", 0, 7, "is no state"),
        ("a age:1h", 2, 6, "1h is no length of time"),
        ("age:>1x", 0, 7, "no length of time"),
        ("age:>", 0, 5, "no length of time"),
        ("is:nothing", 0, 10, "is not known"),
        ("x @none", 2, 5, "there is no saved filter @none"),
        ("-@", 0, 2, "there is no saved filter @"),
        ('x "open', 2, 5, "closing quote"),
        ("x -", 2, 1, "a lone -"),
        ("  -is:what", 2, 8, "is not known"),
    ],
)
def test_a_wrong_term_is_told_with_its_place(text: str, column: int, length: int, words: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert (caught.value.column, caught.value.length) == (column, length)
    assert words in caught.value.message


def test_which_filters_time_alone_can_change() -> None:
    assert [parse(text).moves for text in ("line", "state:failed", "age:>1h", "-seen:>1m", "is:stale")] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_unfinished_keys() -> None:
    assert is_unfinished("line st")
    assert is_unfinished("-connection")
    assert not is_unfinished("state:failed")
    assert not is_unfinished("state ")
    assert not is_unfinished("")


def test_age_is_since_submission_or_tracking_and_never_negative() -> None:
    assert age_of(JOB, START) == 7200
    assert age_of(FETCHED, START) == 180
    assert age_of(JOB, START - timedelta(days=1)) == 0


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(words)
def test_any_text_is_read_or_refused_at_a_place_inside_it(text: str) -> None:
    wrong: FilterError | None = None
    try:
        assert parse(text).matches(JOB, START) in (True, False)
    except FilterError as error:
        wrong = error
    if wrong is not None:
        assert 0 <= wrong.column < wrong.column + wrong.length <= len(text)


@given(st.text("abcdefghij ", min_size=1, max_size=20))
def test_a_negated_word_matches_what_the_word_does_not(text: str) -> None:
    for word in text.split():
        assert parse(word).matches(JOB, START) is not parse(f"-{word}").matches(JOB, START)


@given(st.lists(st.sampled_from(["line", "state:running", "-aspera", "is:active", '"line 3"', "zzz"]), max_size=5))
def test_all_terms_must_hold(terms: list[str]) -> None:
    together = parse(" ".join(terms)).matches(JOB, START)
    assert together is all(parse(term).matches(JOB, START) for term in terms)


SAVED = {"over": "-is:active", "old-and-over": "@over age:>1m", "round": "@round", "bad": "line age:x"}


def test_a_saved_filter_stands_for_its_terms() -> None:
    assert parse("@over", SAVED).matches(FETCHED, START)
    assert not parse("@over", SAVED).matches(JOB, START)
    assert parse("line -@old-and-over", SAVED).matches(JOB, START)
    assert not parse("-@old-and-over", SAVED).matches(FETCHED, START)
    assert parse("@old-and-over", SAVED).moves
    assert parse('"@over"', SAVED).matches(replace(JOB, given_title=Safe("a @over b")), START)


def test_a_saved_filter_that_is_wrong_or_leads_to_itself_is_told_by_its_name() -> None:
    for text, column, words in (("x @bad", 2, "@bad: x is no length of time"), ("@round", 0, "no saved filter @round")):
        with pytest.raises(FilterError) as caught:
            parse(text, SAVED)
        assert caught.value.column == column
        assert words in caught.value.message


def test_a_saved_filter_that_changes_makes_another_text() -> None:
    assert spelt_out("line", SAVED) == "line"
    assert spelt_out("a -@over", SAVED) != spelt_out("a -@over", {"over": "state:failed"})


def test_what_does_not_stand_in_the_job_is_asked_of_what_is_known() -> None:
    known = Known(marked={JOB.key}, unseen={FETCHED.key})
    assert parse("is:marked").matches(JOB, START, known)
    assert not parse("is:marked").matches(JOB, START)
    assert not parse("is:unseen").matches(JOB, START, Known(marked={JOB.key}))


def test_everything_matches_everything() -> None:
    assert EVERYTHING.matches(JOB, START)
    assert not EVERYTHING


def test_watched_jobs_are_found() -> None:
    assert [parse("is:alert").matches(one, START) for one in (JOB, replace(JOB, alert=True))] == [False, True]
