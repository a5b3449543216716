"""What lives is looked through for garbage when nobody is at the keys, and garbage is found in the end."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from tui.cli import garbage
from tui.cli.main import run

USUAL = (700, 10, 10)


class Knot:
    """Garbage that only a look through everything finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*USUAL)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()
    gc.enable()


def make_due() -> None:
    gc.collect(1)


def test_nothing_is_looked_through_until_the_first_screen_is_painted() -> None:
    garbage.hold()
    assert not gc.isenabled()
    garbage.begin()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold() > USUAL


def test_every_command_looks_rarely() -> None:
    assert run(["completion", "bash"]) == 0
    assert gc.get_threshold() > USUAL


def test_what_stays_is_out_of_sight_until_a_sweep_is_due() -> None:
    knot = Knot()
    garbage.begin()
    seen = weakref.ref(knot)
    del knot
    gc.collect()
    garbage.sweep()
    assert seen() is not None
    make_due()
    garbage.sweep()
    assert seen() is None
    assert gc.get_freeze_count() > 0
