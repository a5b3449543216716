"""Autodesk's callbacks: jobdeck receives none, and minds those of others (autodesk dossier, section 3.6)."""

from __future__ import annotations

import json

import pytest

from tests.clock import START
from tui.engine.abilities import why_not
from tui.engine.border import inert
from tui.engine.facts.jobs import Action
from tui.model import Connection, Job, JobState, Reference, Snapshot
from tui.vendors.autodesk import VENDOR
from tui.vendors.contract import Pasted

ID = "0f3c9a1b2d4e4f60a1b2c3d4e5f60718"
APS = Connection("aps", "autodesk", "https://developer.api.autodesk.com", {"client_id": "cid", "region": "us-east"})
PROGRESS = {"onProgress": {"verb": "post", "url": "https://me.example/progress"}}


def why_no_cancel(arguments: object, state: JobState) -> str | None:
    body = json.dumps({"activityId": "acme.ExportFbx+prod", "arguments": arguments})
    job = Job("aps", "autodesk", Reference(ID), START, snapshot=inert(Snapshot(state, "said")), order_body=body)
    return why_not(Action.CANCEL, job, VENDOR, read_only=False)


def test_trap_26_a_running_job_that_posts_its_progress_is_not_cancelled() -> None:
    reason = why_no_cancel(PROGRESS, JobState.RUNNING)
    assert reason is not None
    assert "205" in reason
    assert why_no_cancel(PROGRESS, JobState.WAITING) is None


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"onComplete": {"verb": "post", "url": "https://me.example"}},
        {"Note": {"value": "onProgress"}},
        ["onProgress"],
    ],
)
def test_trap_26_all_others_may_be_cancelled(arguments: object) -> None:
    assert why_no_cancel(arguments, JobState.RUNNING) is None


def test_trap_29_a_pasted_callback_names_the_job_and_tells_nothing_of_it() -> None:
    told = {"id": ID, "status": "success", "reportUrl": "https://elsewhere.example/report", "stats": {}}
    found = VENDOR.read_ref(Pasted("", START, body=json.dumps(told)), APS)
    assert found == Reference(ID)
    assert Job("aps", "autodesk", found, START).state is JobState.UNKNOWN
