"""What is due next: any order of putting in, moving, dropping and taking out, against a sorted list."""

from __future__ import annotations

import math
import random
from weakref import WeakSet

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.engine.polling.due_times import NOW, DueTimes
from tui.model import JobKey


class Moment(float):
    """A time of which a test can see whether somebody holds it."""


KEYS = [JobKey(f"lab:{number}") for number in range(6)]
moves = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(KEYS), st.integers(0, 9)),
    st.tuples(st.just("drop"), st.sampled_from(KEYS), st.just(0)),
    st.tuples(st.just("put together"), st.sampled_from(KEYS), st.integers(0, 9)),
    st.tuples(st.just("take"), st.sampled_from(KEYS), st.integers(0, 9)),
)


@settings(max_examples=60)
@given(st.lists(moves, max_size=40))
def test_it_is_a_sorted_list_that_costs_less(steps: list[tuple[str, JobKey, int]]) -> None:
    due, plain = DueTimes(), dict[JobKey, float]()
    for what, key, at in steps:
        if what == "put":
            due.put(key, float(at))
            plain.pop(key, None)
            plain[key] = float(at)
        elif what == "put together":
            some = [key, *(one for one in KEYS[::2] if one != key)]
            due.put_together(some, float(at))
            plain = {one: then for one, then in plain.items() if one not in some} | dict.fromkeys(some, float(at))
        elif what == "drop":
            due.drop(key)
            plain.pop(key, None)
        else:
            most = KEYS.index(key)
            expected = sorted((one for one in plain if plain[one] <= at), key=lambda one: plain[one])[:most]
            assert due.take(at, most) == expected
            for one in expected:
                del plain[one]
        assert due.soonest == min(plain.values(), default=math.inf)
        assert sorted(due.all_times()) == sorted(plain.values())
        assert all((key in due) is (key in plain) and due.at(key) == plain.get(key, math.inf) for key in KEYS)


def test_of_those_due_now_the_smaller_rank_is_first_then_the_older() -> None:
    due = DueTimes()
    due.put(KEYS[0], 3.0)
    due.put(KEYS[1], NOW)
    due.put(KEYS[2], NOW)
    due.put(KEYS[3], NOW, rank=0)
    assert [due.ahead_of(key) for key in (*KEYS[3:4], *KEYS[1:3], KEYS[0], KEYS[5])] == [0, 1, 2, 3, 0]
    assert due.take(5.0, 2) == [KEYS[3], KEYS[1]]
    assert due.take(5.0, 3) == [KEYS[2], KEYS[0]]


def test_what_moves_for_ever_takes_no_room() -> None:
    due, held = DueTimes(), WeakSet[Moment]()
    for at in range(10_000):
        moment = Moment(at)
        held.add(moment)
        due.put(KEYS[at % 6], moment)
    assert len(held) < 100


def test_late_ones_are_spread_and_others_stay() -> None:
    due = DueTimes()
    late = [JobKey(f"lab:late{number}") for number in range(100)]
    for place, key in enumerate(late):
        due.put(key, float(place))
    due.put(KEYS[0], 150.0)
    due.put(KEYS[1], NOW)
    due.spread(100.0, 48.0, 4, random.Random(1))
    assert [due.at(key) for key in late[:4]] == [0.0, 1.0, 2.0, 3.0]
    spread = [due.at(key) for key in late[4:]]
    assert spread == sorted(spread)
    assert all(100 + 0.5 * place <= at <= 100.5 + 0.5 * place for place, at in enumerate(spread))
    assert (due.at(KEYS[0]), due.at(KEYS[1])) == (150.0, NOW)
