"""Into which folder a job's files go: `downloads.layout` filled in, every part of it made safe."""

from __future__ import annotations

import re
from pathlib import Path

from tui.config import Downloads
from tui.engine.fetching.names import safe_name
from tui.model import Job
from tui.template import filled


def folder_of(job: Job, settings: Downloads) -> Path:
    """The folder; the same for a job whenever it is asked for, so that a later try finds what an earlier one left.

    A value never makes a folder of its own: its slashes become `_`.
    """
    day = (job.snapshot.submitted_at or job.tracked_at).astimezone()
    values = {
        "connection": job.connection,
        "vendor": job.vendor,
        "title": job.title,
        "id": job.ref.id,
        "date": day.strftime("%Y-%m-%d"),
    }
    flat = {name: re.sub(r"[/\\]", "_", value) for name, value in values.items()}
    *folders, _file = settings.layout.split("/")
    return settings.folder.joinpath(*(safe_name(filled(one, flat)) for one in folders))
