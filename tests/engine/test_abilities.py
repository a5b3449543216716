"""What cannot be done is told with its reason, and with what to do instead."""

from __future__ import annotations

from itertools import product

import pytest

from tests.clock import START
from tui import vendors
from tui.engine.abilities import why_not
from tui.engine.facts.jobs import Action
from tui.model import Inert, Job, JobState, Output, OutputKind, Reference, Snapshot

_OUTPUTS = ((), (Output("a.zip"),), (Output("link", OutputKind.LINK),), (Output("n", OutputKind.VALUE, value="1"),))


def reasons(job: Job, name: str) -> set[str]:
    vendor = vendors.load(name)
    told = {
        why_not(action, job, known, read_only=read_only)
        for action, known, read_only in product(Action, (vendor, None), (False, True))
    }
    return {reason for reason in told if reason is not None}


@pytest.mark.parametrize("name", vendors.names())
def test_each_reason_says_what_to_do_instead(name: str) -> None:
    found: set[str] = set()
    for state, outputs in product(JobState, _OUTPUTS):
        job = Job("one", name, Reference("1"), START, snapshot=Inert(Snapshot(state, outputs=outputs)))
        found |= reasons(job, name)
    assert len(found) >= 8
    for reason in found:
        why, _, instead = reason.partition("; ")
        assert why, reason
        assert instead, reason


def test_an_order_whose_outcome_is_unknown_can_only_be_untracked() -> None:
    job = Job("one", "octoplant", Reference("1"), START, outcome_unknown=True)
    told = {action: why_not(action, job, vendors.load("octoplant"), read_only=False) for action in Action}
    assert told.pop(Action.UNTRACK) is None
    assert "it is on the board" in (told.pop(Action.BRING_BACK) or "")
    assert set(told.values()) == {"nobody knows yet whether the vendor started it; look there before it is sent again"}
