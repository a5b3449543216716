"""What is changed in the cheap way is as `replace` makes it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from tests.clock import START
from tui.engine.changed import changed
from tui.model import Download, DownloadState, Job, Reference, Safe

JOB = Job("plant", "octoplant", Reference("A"), START)
DOWNLOAD = Download(1, JOB.key, Safe("x"), Path("/x"), DownloadState.RUNNING)


def test_it_is_as_replaced_and_as_frozen() -> None:
    job, download = changed(JOB, alert=True), changed(DOWNLOAD, bytes=5)
    assert (job, download) == (replace(JOB, alert=True), replace(DOWNLOAD, bytes=5))
    assert (type(job), hash(job), repr(job)) == (Job, hash(replace(JOB, alert=True)), repr(replace(JOB, alert=True)))
    assert (JOB.alert, DOWNLOAD.bytes) == (False, 0)
    with pytest.raises(FrozenInstanceError):
        job.alert = False  # type: ignore[misc]
    with pytest.raises(KeyError):
        changed(JOB, colour="red")
