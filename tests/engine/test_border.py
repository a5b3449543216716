"""Whatever a vendor said: behind the border it is harmless for the terminal and can be stored."""

from __future__ import annotations

import unicodedata
import uuid
import weakref
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

from hypothesis import given

from tests.engine.strategies import hostile_snapshots
from tui.engine.border import Border, event_of, inert, inert_error, inert_report, with_notice
from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.errors import AskError
from tui.model import Job, JobKey, JobState, Output, OutputKind, ProblemKind, Reference, Secret, Snapshot, Stage, Stat
from tui.redact import remember

NOW = datetime(2026, 3, 2, tzinfo=UTC)


class Said(Snapshot):
    """A snapshot of which a test can see whether somebody holds it."""


def texts(thing: object) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, tuple):
        for one in thing:
            yield from texts(one)
    elif is_dataclass(thing) and not isinstance(thing, type):
        for one in fields(thing):
            yield from texts(getattr(thing, one.name))


@given(hostile_snapshots)
def test_no_control_character_passes(hostile: Snapshot) -> None:
    for text in texts(inert(hostile)):
        assert {one for one in text if unicodedata.category(one) in ("Cc", "Cs")} <= {"\n", "\t"}


@given(hostile_snapshots)
def test_what_passed_once_passes_unchanged(hostile: Snapshot) -> None:
    assert inert(inert(hostile)) == inert(hostile)


@given(hostile_snapshots)
def test_a_snapshot_that_says_the_same_again_is_the_same(hostile: Snapshot) -> None:
    border, key = Border(), JobKey("plant:A")
    first = border.inert(key, hostile)
    assert first == inert(hostile)
    assert border.inert(key, first) is first
    assert border.inert(JobKey("plant:B"), hostile) == first


def test_a_secret_that_became_one_meanwhile_is_masked_in_what_says_the_same() -> None:
    border, key, word = Border(), JobKey("plant:A"), uuid.uuid4().hex
    told = Snapshot(title=word, raw=word)
    assert border.inert(key, told).title == word
    remember(Secret(word))
    assert border.inert(key, told).title == "***"
    assert border.inert(key, told).raw == "***"


def test_what_a_vendor_said_at_length_or_of_a_job_that_is_over_is_not_held_beside_what_came_of_it() -> None:
    border, key = Border(), JobKey("plant:A")
    for say, is_held in (
        (partial(Said, JobState.RUNNING, "running", raw="{}"), True),
        (partial(Said, JobState.RUNNING, "running", raw="x" * 100_001), False),
        (partial(Said, JobState.SUCCEEDED, "done", raw="{}"), False),
    ):
        said = say()
        watched = weakref.ref(said)
        assert border.inert(key, said) == border.inert(key, said)
        del said
        assert (watched() is not None) is is_held


def test_everything_that_passes_can_be_stored(tmp_path: Path) -> None:
    database = Database(tmp_path / "board.sqlite")

    @given(hostile_snapshots)
    def stored(hostile: Snapshot) -> None:
        job = Job("plant", "octoplant", Reference("X"), NOW, snapshot=inert(hostile))
        database.write([Batch(added=(job,))])
        assert database.load().jobs == (job,)

    stored()
    database.close()


def test_figures_that_nobody_can_keep_become_text_or_nothing() -> None:
    nan, huge = float("nan"), 10**40
    stats = (Stat("a", nan), Stat("b", huge), Stat("c", 1.5), Stat("d", 2**62))
    outputs = (Output("x", size=huge, sha1="none"), Output("y", size=-1, sha1="A" * 40), Output("z", size=0))
    safe = inert(Snapshot(progress=nan, stats=stats, outputs=outputs))
    assert safe.progress is None
    assert safe.stats == (Stat("a", "nan"), Stat("b", str(huge)), Stat("c", 1.5), Stat("d", 2**62))
    assert [(one.size, one.sha1) for one in safe.outputs] == [(None, None), (None, "A" * 40), (0, None)]
    assert inert(Snapshot(progress=1.5)).progress == 1.0
    assert inert(Snapshot(progress=-0.5)).progress == 0.0


def test_times_are_utc() -> None:
    east = timezone(timedelta(hours=5))
    safe = inert(
        Snapshot(
            submitted_at=NOW.astimezone(east),
            started_at=NOW.replace(tzinfo=None),
            finished_at=datetime.min.replace(tzinfo=east),
            stages=(Stage("run", NOW.astimezone(east)),),
        )
    )
    assert (safe.submitted_at, safe.started_at, safe.finished_at) == (NOW, NOW, None)
    assert safe.stages[0].started_at == NOW
    assert safe.stages[0].started_at.tzinfo is UTC


def test_a_live_secret_does_not_pass() -> None:
    canary = f"canary-{uuid.uuid4()}"
    remember(Secret(canary))
    said = f"login with {canary} failed"
    safe = inert(
        Snapshot(
            title=said,
            notice=said,
            stages=(Stage(said),),
            stats=(Stat("why", said),),
            outputs=(Output("link", value=said),),
            raw=said,
        )
    )
    assert canary not in repr(safe)
    assert repr(safe).count("login with *** failed") == 6
    assert inert_report(f"{said}\n\x1b[2J") == "login with *** failed\n␛[2J"
    error = AskError(ProblemKind.AUTH, said, hint="see https://h/p?sig=1 \x1b[2J")
    assert inert_error(error) == "login with *** failed; see https://h/p?… ␛[2J"


def test_lists_and_texts_have_an_end() -> None:
    long = "x" * 300_000
    safe = inert(
        Snapshot(
            vendor_status=long,
            title=long,
            raw=long,
            stages=(Stage("s"),) * 9000,
            stats=(Stat("s", long),) * 9000,
            outputs=(Output(long),) * 9000,
        )
    )
    assert len(repr(safe)) < 2_000_000


def test_everything_that_is_told_passes() -> None:
    told = Snapshot(
        state=JobState.RUNNING,
        vendor_status="a",
        title="b",
        notice="c",
        progress=0.5,
        submitted_at=NOW,
        started_at=NOW,
        finished_at=NOW,
        stages=(Stage("d", NOW, NOW),),
        stats=(Stat("e", 1), Stat("f", 0.5), Stat("g", "h")),
        outputs=(Output("i", OutputKind.LINK, 5, "A" * 40, "j", NOW, only_by_name=True),),
        has_report=True,
        raw="k",
    )
    assert all(getattr(told, one.name) != one.default for one in fields(Snapshot))
    assert all(getattr(told.outputs[0], one.name) != one.default for one in fields(Output))
    assert inert(told) == told


def test_a_notice_and_a_line_of_the_history_of_ours_are_harmless_too() -> None:
    said = inert(Snapshot(JobState.RUNNING, title="x", notice="the vendor's"))
    assert with_notice(said, None) == inert(Snapshot(JobState.RUNNING, title="x"))
    assert with_notice(said, "cancel: \x1b[2J\u202e").notice == "cancel: ␛[2J\ufffd"
    event = event_of(NOW, JobKey("plant:A"), "download", "a\x1b[2J\nb" + "x" * 9000)
    assert event.text.startswith("a␛[2J␊bx")
    assert len(event.text) == 5000
