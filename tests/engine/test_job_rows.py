"""What a program knows of the rounds without reading them is what is on the disk, whoever writes there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clock import START
from tui.engine.border import inert
from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.engine.storage.rounds import Round
from tui.model import Job, JobKey, JobState, Reference, Snapshot

NAMES = "abcde"
OVER = inert(Snapshot(JobState.SUCCEEDED, "success"))


def asked(job: Job, minutes: int) -> Job:
    at = START + timedelta(minutes=minutes)
    times = (at, at + timedelta(seconds=50), at + timedelta(seconds=90))
    return replace(job, checked_at=times[0], next_check_at=times[1], fresh_until=times[2])


def jobs(names: str, minutes: int = 0) -> tuple[Job, ...]:
    return tuple(asked(Job("aps", "autodesk", Reference(one), START, snapshot=OVER), minutes) for one in names)


def told(job: Job, notice: str) -> Job:
    return replace(job, snapshot=inert(Snapshot(JobState.SUCCEEDED, "success", notice=notice)))


def round_of(*jobs: Job) -> Round:
    return Round({job.key: job for job in jobs})


@pytest.fixture
def open_one(tmp_path: Path) -> Iterator[Callable[[], Database]]:
    opened: list[Database] = []

    def open_it() -> Database:
        opened.append(Database(tmp_path / "board.sqlite"))
        opened[-1].load()
        return opened[-1]

    yield open_it
    for one in opened:
        one.close()


def statements(database: Database, write: Batch) -> list[str]:
    said: list[str] = []
    database._sql.set_trace_callback(said.append)
    database.write([write])
    database._sql.set_trace_callback(None)
    return said


def test_asked_again_a_round_costs_one_row_and_each_job_that_says_something_new_one(
    open_one: Callable[[], Database],
) -> None:
    database = open_one()
    database.write([Batch(added=jobs(NAMES))])
    for minutes in (1, 2):
        database.write([Batch(rounds=(round_of(*jobs(NAMES, minutes)),))])
    first, *others = jobs(NAMES, 3)
    new = told(first, "new")
    said = statements(database, Batch(updated=(new,), rounds=(round_of(new, *others),)))
    begin = ["BEGIN IMMEDIATE", "PRAGMA user_version", "SELECT current FROM revision", "UPDATE revision"]
    expected = [*begin, "UPDATE jobs SET body = ", "UPDATE rounds SET revision = ", "COMMIT"]
    assert [one[: len(start)] for one, start in zip(said, expected, strict=True)] == expected


def test_one_that_says_something_new_in_its_round_is_news_to_another_program_with_it(
    open_one: Callable[[], Database],
) -> None:
    database, other = open_one(), open_one()
    database.write([Batch(added=jobs("abc"))])
    database.write([Batch(rounds=(round_of(*jobs("ab", 1)),))])
    other.news()
    new, same = told(jobs("a", 2)[0], "new"), jobs("b", 2)[0]
    database.write([Batch(updated=(new,), rounds=(round_of(new, same),))])
    assert {*other.news().jobs} == {new, same}
    assert other.news().jobs == ()


def test_a_round_whose_number_was_given_away_is_not_taken_for_ours(open_one: Callable[[], Database]) -> None:
    database, other = open_one(), open_one()
    database.write([Batch(added=jobs("abcd"))])
    for minutes in (1, 2):
        database.write([Batch(rounds=(round_of(*jobs("ab", minutes)),))])
    other.news()
    other.write([Batch(updated=jobs("ab", 3))])
    other.tidy(START, None)
    other.write([Batch(rounds=(round_of(*jobs("cd", 4)),))])  # SQLite gives it the number of the one before
    database.news()
    database.write([Batch(rounds=(round_of(*jobs("ab", 5)),))])
    assert {*other.load().jobs} == {*jobs("cd", 4), *jobs("ab", 5)}


def test_a_round_that_went_with_its_jobs_takes_no_answers_that_come_late(open_one: Callable[[], Database]) -> None:
    database, other = open_one(), open_one()
    database.write([Batch(added=jobs("abcd"))])
    for minutes in (1, 2):
        database.write([Batch(rounds=(round_of(*jobs("ab", minutes)),))])
    other.news()
    other.write([Batch(removed=tuple(job.key for job in jobs("ab")))])
    other.tidy(START, None)
    other.write([Batch(rounds=(round_of(*jobs("cd", 4)),))])
    database.write([Batch(rounds=(round_of(*jobs("ab", 5)),))])
    assert {*other.load().jobs} == {*jobs("cd", 4)}


def test_a_round_that_was_not_kept_is_written_the_next_time(open_one: Callable[[], Database]) -> None:
    database, other = open_one(), open_one()
    database.write([Batch(added=jobs("ab"))])
    asked_twice = [Batch(rounds=(round_of(*jobs("ab", minutes)),)) for minutes in (1, 2)]
    with pytest.raises(UnicodeEncodeError):
        database.write([*asked_twice, Batch(report=(jobs("a")[0].key, "\ud800"))])
    assert {*other.load().jobs} == {*jobs("ab")}
    database.write(asked_twice)
    assert {*other.load().jobs} == {*jobs("ab", 2)}


# --- any steps of two programs; a third only reads, a fourth hears the news ---

Step = tuple[str, bool, int, int]
KINDS = ("ask", "tell", "alone", "off", "on", "archive", "back", "tidy", "break")
steps = st.lists(
    st.tuples(st.sampled_from(KINDS), st.booleans(), st.sampled_from((31, 7, 24, 3)), st.integers(0, 5)), max_size=16
)


class Four:
    """Two programs that write on one file, one that listens, and what should be there."""

    def __init__(self, one: Database, other: Database, listener: Database) -> None:
        self.one, self.other, self.listener = one, other, listener
        self.there = {job.key: job for job in jobs(NAMES)}
        self.heard: dict[JobKey, Job] = {}
        self.one.write([Batch(added=tuple(self.there.values()))])

    def go(self, number: int, step: Step) -> None:
        kind, is_one, some, first = step
        writer = self.one if is_one else self.other
        if first % 2:
            writer.news()
        keys = tuple(job.key for place, job in enumerate(jobs(NAMES)) if some >> place & 1)
        now = {key: asked(self.there[key], number) for key in keys if key in self.there}
        if kind in ("ask", "tell", "break") and now:
            new = {key: told(now[key], f"{number}") for key in list(now)[:first] if kind != "ask"}
            batch = Batch(updated=tuple(new.values()), rounds=(Round(now | new),))
            if kind == "break":
                with pytest.raises(UnicodeEncodeError):
                    writer.write([batch, batch, Batch(report=(keys[0], "\ud800"))])
                return
            writer.write([batch])
            self.there |= now | new
        elif kind == "alone":
            writer.write([Batch(updated=tuple(now.values()))])
            self.there |= now
        else:
            self._elsewise(kind, writer, keys, number)

    def _elsewise(self, kind: str, writer: Database, keys: tuple[JobKey, ...], number: int) -> None:
        if kind == "off":
            writer.write([Batch(removed=keys)])
            self.there = {key: job for key, job in self.there.items() if key not in keys}
        elif kind == "on":
            added = {job.key: job for job in jobs(NAMES, number) if job.key in keys}
            writer.write([Batch(added=tuple(added.values()))])
            self.there |= added
        elif kind == "archive":
            for key in writer.archive(keys, START):
                del self.there[key]
        elif kind == "back":
            self.there |= {job.key: job for job in writer.bring_back(keys, START)}
        else:
            writer.tidy(START, None)

    def listen(self) -> None:
        news = self.listener.news()
        self.heard = {} if news.is_whole else {key: job for key, job in self.heard.items() if key not in news.removed}
        self.heard |= {job.key: job for job in news.jobs}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(steps)
def test_whoever_writes_what_is_kept_and_told_is_what_was_written_last(
    tmp_path_factory: pytest.TempPathFactory, taken: list[Step]
) -> None:
    path = tmp_path_factory.mktemp("four") / "board.sqlite"
    with ExitStack() as opened:
        *writers, listener, reader = (opened.enter_context(closing(Database(path))) for _ in range(4))
        four = Four(writers[0], writers[1], listener)
        for number, step in enumerate(taken, 1):
            *_, first = step
            asked_twice: Step = ("ask", first > 2, 31, first)
            for turn, one_step in enumerate((step, asked_twice, asked_twice)):
                four.go(3 * number + turn, one_step)
            assert {job.key: job for job in reader.load().jobs} == four.there
            if number % 3 == 0:
                four.listen()
        four.listen()
        assert four.heard == four.there
