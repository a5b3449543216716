"""What cannot be done is told with its reason, and with what to do instead."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from tests.clock import START
from tui import vendors
from tui.engine.abilities import refuse_if, why_not
from tui.engine.border import inert
from tui.engine.facts.jobs import Action
from tui.errors import JobdeckError
from tui.model import Job, JobState, LostStart, Output, OutputKind, Reference, Snapshot

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
        job = Job("one", name, Reference("1"), START, snapshot=inert(Snapshot(state, outputs=outputs)))
        found |= reasons(job, name)
    assert len(found) >= 8
    for reason in found:
        why, _, instead = reason.partition("; ")
        assert why, reason
        assert instead, reason


def test_what_is_fetched_by_name_only_is_no_result() -> None:
    debug = (Output("debug.zip", only_by_name=True),)
    job = Job("one", "autodesk", Reference("1"), START, snapshot=inert(Snapshot(JobState.FAILED, outputs=debug)))
    vendor = vendors.load("autodesk")
    told = why_not(Action.DOWNLOAD, job, vendor, read_only=False)
    assert told == "its files are fetched by name only; choose one (o on the board), or name it with --output"
    assert why_not(Action.DOWNLOAD_NAMED, job, vendor, read_only=False) is None


def test_a_file_that_is_named_is_refused_in_the_words_of_a_download() -> None:
    job = Job("one", "autodesk", Reference("1"), START)
    with pytest.raises(JobdeckError, match="1: no download now: job still running"):
        refuse_if(Action.DOWNLOAD_NAMED, job, vendors.load("autodesk"), read_only=False)


def test_a_start_whose_outcome_is_unknown_can_only_be_untracked() -> None:
    job = Job("one", "octoplant", Reference("1"), START, outcome_unknown=True)
    told = {action: why_not(action, job, vendors.load("octoplant"), read_only=False) for action in Action}
    assert told.pop(Action.UNTRACK) is None
    assert told.pop(Action.REFRESH) == "octoplant cannot list its jobs; look there before it is sent again"
    assert "it is on the board" in (told.pop(Action.BRING_BACK) or "")
    assert set(told.values()) == {"nobody knows yet whether the vendor started it; look there before it is sent again"}


def test_a_lost_start_is_looked_up_and_sent_again_only_when_it_was_not_started() -> None:
    job = Job("one", "autodesk", Reference("1"), START, outcome_unknown=True, order_body="{}", lost=LostStart("a.B+c"))
    vendor = vendors.load("autodesk")
    assert why_not(Action.REFRESH, job, vendor, read_only=True) is None
    assert "nobody knows yet" in (why_not(Action.AGAIN, job, vendor, read_only=False) or "")
    missing = replace(job, lost=LostStart("a.B+c", not_started=True))
    assert why_not(Action.AGAIN, missing, vendor, read_only=False) is None
    assert "read-only" in (why_not(Action.AGAIN, missing, vendor, read_only=True) or "")
    assert "credentials" in (why_not(Action.AGAIN, replace(missing, order_body=None), vendor, read_only=False) or "")
    assert "nobody knows yet" in (why_not(Action.CANCEL, missing, vendor, read_only=False) or "")


def test_a_read_only_run_refuses_what_changes_a_vendor_and_nothing_else() -> None:
    job = Job("one", "aspera", Reference("1"), START, snapshot=inert(Snapshot(JobState.FAILED)))
    vendor = vendors.load("aspera")
    told = {action for action in Action if "read-only" in (why_not(action, job, vendor, read_only=True) or "")}
    assert told == {action for action in Action if action.changes_vendor} == {Action.CANCEL, Action.RESET, Action.AGAIN}


def test_what_is_not_asked_for_now_is_not_refreshed() -> None:
    job, vendor = Job("one", "aspera", Reference("1"), START), vendors.load("aspera")
    for one in (job, replace(job, outcome_unknown=True, lost=LostStart("a"))):
        assert why_not(Action.REFRESH, one, vendor, read_only=False, not_asked="it is paused") == "it is paused"
        assert why_not(Action.UNTRACK, one, vendor, read_only=False, not_asked="it is paused") is None
        with pytest.raises(JobdeckError, match="no refresh now: it is paused"):
            refuse_if(Action.REFRESH, one, vendor, read_only=False, not_asked="it is paused")
