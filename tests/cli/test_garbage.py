"""What lives is looked through for garbage when nobody is at the keys, and garbage is found in the end."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from tui.cli import garbage


class Knot:
    """Garbage that only a look through everything finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    usual = gc.get_threshold()
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()
    gc.enable()


def make_due() -> None:
    for _ in range(10):
        gc.collect(1)


def test_nothing_is_looked_through_until_the_first_screen_is_painted() -> None:
    garbage.hold()
    assert not gc.isenabled()
    garbage.begin()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[2] > 10


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
