"""The jobs' order and groups: one change is put in its place, and comes out as if all had been sorted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.board.fakes import ago, make_job
from tests.board.test_rows import download
from tests.clock import START
from tui import config
from tui.filter import parse
from tui.model import DownloadState, Job, JobKey, JobState, Output, Safe
from tui.widgets.columns import ALWAYS, Column, chosen_columns
from tui.widgets.lineup import Lineup, heading, is_heading
from tui.widgets.order import GroupBy, Order, SortBy, sort_key
from tui.widgets.roster import Roster


def titles(roster: Roster) -> list[str]:
    return [key[1:] if is_heading(key) else roster.rows[key].job.title for key in roster.lines([])]


def rostered(*jobs: Job, order: Order) -> list[str]:
    roster = Roster()
    roster.use_order(order, START)
    for job in jobs:
        roster.put(job, START)
    return titles(roster)


FILE = Output("a.zip", size=5)
A = make_job(1, title="a", submitted=10, progress=0.2, checked=9)
B = make_job(2, JobState.FAILED, title="B", connection="plant", submitted=30, checked=50)
C = make_job(3, JobState.WAITING, title="c", connection="enos", submitted=20, checked=5)
D = make_job(4, JobState.SUCCEEDED, title="d", submitted=40, outputs=(FILE,))
E = make_job(
    5, JobState.SUCCEEDED, title="e", submitted=50, outputs=(FILE,), downloads=(download(0, DownloadState.DONE),)
)
F = make_job(6, title="f", submitted=60, progress=0.7, downloads=(download(0, DownloadState.RUNNING),))


@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        (SortBy.ACTIVITY, "acfBde"),
        (SortBy.TITLE, "aBcdef"),
        (SortBy.CONNECTION, "adefcB"),
        (SortBy.STATE, "Bafcde"),
        (SortBy.PROGRESS, "facBde"),
        (SortBy.AGE, "fedBca"),
        (SortBy.SEEN, "acfBde"),
        (SortBy.OUTPUT, "fdeaBc"),
    ],
)
def test_every_column_can_be_sorted_by_and_turned_round(by: SortBy, wanted: str) -> None:
    jobs: tuple[Job, ...] = (E, C, A, F, D, B)
    if by is SortBy.SEEN:
        jobs = tuple(replace(job, checked_at=ago(60 - place)) for place, job in enumerate((A, C, F, B, D, E)))
    assert "".join(rostered(*jobs, order=Order(by))) == wanted
    assert "".join(rostered(*jobs, order=Order(by, reverse=True))) == wanted[::-1]
    assert by.first


def test_what_is_fetched_by_name_only_does_not_wait() -> None:
    debug = Output("debug.zip", only_by_name=True)
    outputs, here = (FILE, debug), (download(0, DownloadState.DONE),)
    job = make_job(5, JobState.SUCCEEDED, title="e", submitted=50, outputs=outputs, downloads=here)
    assert sort_key(SortBy.OUTPUT, job) == sort_key(SortBy.OUTPUT, E)


def test_groups_have_headings_and_are_never_turned_round() -> None:
    jobs = (A, B, C, D)
    grouped = Order(SortBy.TITLE, group=GroupBy.CONNECTION)
    assert rostered(*jobs, order=grouped) == ["aps-prod", "a", "d", "enos", "c", "plant", "B"]
    turned = replace(grouped, reverse=True)
    assert rostered(*jobs, order=turned) == ["aps-prod", "d", "a", "enos", "c", "plant", "B"]
    by_state = Order(SortBy.TITLE, group=GroupBy.STATE)
    assert rostered(*jobs, order=by_state) == ["failed", "B", "running", "a", "waiting", "c", "succeeded", "d"]
    assert turned.words == "title, reversed, grouped by connection"


def test_choosing_the_same_once_more_turns_it_round() -> None:
    order = Order().chosen(SortBy.AGE)
    assert (order.by, order.reverse) == (SortBy.AGE, False)
    assert order.chosen(SortBy.AGE).reverse
    assert not order.chosen(SortBy.AGE).chosen(SortBy.TITLE).reverse
    assert not order.chosen(SortBy.AGE).next.reverse


spots = st.tuples(
    st.tuples(st.integers(0, 1), st.sampled_from(["", "x"])),
    st.tuples(st.integers(0, 2), st.just(0.0), st.sampled_from("ab")),
)


@given(st.lists(st.tuples(st.sampled_from([f"k{number}" for number in range(30)]), st.none() | spots), max_size=60))
@settings(max_examples=60)
def test_changes_one_by_one_and_all_at_once_give_the_same_lines(changes: list[tuple[str, object]]) -> None:
    few, many = Lineup(), Lineup()
    for key, made in changes:
        spot = None if made is None else (made[0], (*made[1], JobKey(key)))  # type: ignore[index]
        few.put(JobKey(key), spot)
        many.put(JobKey(key), spot)
        few.lines(reverse=False)
    assert few.lines(reverse=False) == many.lines(reverse=False)


class Counted(str):
    """A text that counts how often it is compared."""

    compared = 0
    __hash__ = str.__hash__

    def __lt__(self, other: str) -> bool:
        Counted.compared += 1
        return str.__lt__(self, other)

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str.__eq__(self, other)


def test_one_change_costs_a_search_and_not_a_sort() -> None:
    lineup = Lineup()

    def put(number: int, text: str) -> None:
        key = JobKey(f"a:{number}")
        lineup.put(key, ((0, ""), (0, 0.0, Counted(text), key)))

    for number in range(4000):
        put(number, f"{number:05}")
    before = lineup.lines(reverse=False)
    Counted.compared = 0
    put(17, "02000b")
    after = lineup.lines(reverse=False)
    assert Counted.compared < 200
    assert after.index(JobKey("a:17")) == 2000
    assert sorted(after) == sorted(before)


def test_a_job_put_in_without_a_spot_is_out_of_sight() -> None:
    roster = Roster()
    roster.use_filter(parse("state:failed"), START)
    roster.put(A, START)
    roster.put(B, START)
    assert titles(roster) == ["B"]
    roster.put(replace(A, snapshot=replace(A.snapshot, state=JobState.FAILED)), START)
    assert titles(roster) == ["a", "B"]
    roster.discard(B.key)
    assert titles(roster) == ["a"]


def test_what_is_new_goes_to_the_end_while_marks_hold_the_order() -> None:
    roster = Roster()
    roster.use_order(Order(SortBy.TITLE, group=GroupBy.CONNECTION), START)
    for job in (B, C, D):
        roster.put(job, START)
    before = roster.lines([])
    roster.marks[C.key] = None
    roster.put(A, START)
    roster.discard(B.key)
    roster.put(replace(D, given_title=Safe("zz"), connection="aps-prod"), START)
    held = roster.lines(before)
    assert held == [heading("aps-prod"), D.key, heading("enos"), C.key, heading("new, the order is held"), A.key]
    roster.put(make_job(9, title="0"), START)
    assert roster.lines(held)[-2:] == [A.key, make_job(9).key]


def test_marked_and_unseen_jobs_can_be_asked_for() -> None:
    roster = Roster()
    for job in (A, B):
        roster.put(job, START)
    roster.marks[A.key] = None
    roster.unseen.add(B.key)
    for text, wanted in (("is:marked", ["a"]), ("is:unseen", ["B"]), ("-is:unseen", ["a"]), ("is:marked,unseen", None)):
        roster.use_filter(parse(text), START)
        shown = [roster.rows[key].job.title for key in roster.lines_let_go()]
        assert shown == (wanted or ["a", "B"]), text


def test_the_longest_word_is_forgotten_with_its_last_job() -> None:
    roster = Roster()
    roster.put(make_job(1, status="short"), START)
    roster.put(make_job(2, status="failedUploadOptional"), START)
    assert roster.longest_word == 20
    roster.put(make_job(2, status="done"), START)
    assert roster.longest_word == 5
    roster.discard(make_job(1).key)
    assert roster.longest_word == 4


def test_a_job_that_was_never_seen_is_first_of_the_seen() -> None:
    never = replace(A, checked_at=None)
    assert rostered(C, never, order=Order(SortBy.SEEN)) == ["a", "c"]


def test_the_columns_of_config_toml_are_those_of_the_table() -> None:
    assert tuple(column.value.casefold() for column in Column) == config.COLUMNS
    assert chosen_columns(()) == tuple(Column)
    assert chosen_columns(("seen", "job")) == (Column.STATE, Column.SEEN, Column.JOB)
    assert set(ALWAYS) <= set(chosen_columns(("age", "size of a newer jobdeck")))


def test_ages_follow_the_submission() -> None:
    old = replace(A, tracked_at=START - timedelta(days=9), snapshot=replace(A.snapshot, submitted_at=None))
    assert rostered(A, old, order=Order(SortBy.AGE))[0] == "a"
