"""The engine that is made after the first frame: what it answers before, and that nothing waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.five import SECRETS, five
from tests.engine.octoplant_web import A, PlayedOctoplant
from tui.engine.engine import Engine
from tui.engine.facts.jobs import Action, TrackWish
from tui.engine.host import EngineThread
from tui.engine.late import LateEngine
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.surroundings import Surroundings
from tui.errors import JobdeckError
from tui.model import Job

LIMIT = 60.0


@pytest.fixture
def plant() -> PlayedOctoplant:
    plant = PlayedOctoplant()
    plant.put(A, "STATE_SUCCEEDED", done=True)
    return plant


def around(plant: PlayedOctoplant) -> Surroundings:
    return Surroundings(environ=SECRETS, keyring=GuardedKeyring(trouble="none here"), transport=plant.transport)


@pytest.fixture
def job(tmp_path: Path, plant: PlayedOctoplant) -> Job:
    """A job that an earlier run has left on the disk."""
    before = EngineThread(Engine(five(), tmp_path / "board.sqlite", around(plant)))
    before.start()
    job = before.track(TrackWish(A, title="Export")).result(LIMIT)
    before.close(LIMIT)
    return job


@pytest.fixture
def late(tmp_path: Path, plant: PlayedOctoplant, job: Job) -> Iterator[LateEngine]:
    late = LateEngine(five(), tmp_path / "board.sqlite", around(plant))
    late.start()
    yield late
    late.close(LIMIT)
    assert not [thread for thread in threading.enumerate() if thread.name == "engine"]


def test_the_first_frame_is_told_what_the_engine_will_tell(late: LateEngine, job: Job) -> None:
    first = late.drain()
    assert [one.key for one in first.jobs] == [job.key]
    assert {one.name for one in first.connections} == set(five().connections)
    late.focus(job.key)
    before = ([late.why_not(action, job) for action in Action], late.offers(), late.saved_filters())
    was_made = late.is_made
    late.begin()
    late.history(job.key).result(LIMIT)
    assert (was_made, late.is_made) == (False, True)
    assert ([late.why_not(action, job) for action in Action], late.offers(), late.saved_filters()) == before


def test_a_wish_makes_the_engine(late: LateEngine, job: Job) -> None:
    assert late.find_archived(None).result(LIMIT) == 0
    assert late.is_made


def test_closed_before_it_has_begun_it_makes_no_engine(late: LateEngine, job: Job) -> None:
    late.close(LIMIT)
    late.begin()
    with pytest.raises(JobdeckError, match="closing"):
        late.history(job.key)
