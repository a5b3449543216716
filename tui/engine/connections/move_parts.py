"""Parts of files whose connection was renamed: their records name the job, which has another key now."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import msgspec

from tui.engine.fetching.record import read_record, write_record
from tui.model import Download


def move_parts(downloads: Iterable[Download], old: str) -> None:
    """Have downloads whose jobs were `old`'s find what came of them before; where that fails they start anew."""
    for download in downloads:
        if download.state.is_over and download.path:
            continue
        before = f"{old}:{download.job.partition(':')[2]}"
        for beside in download.folder.glob("*.part.json"):
            record = read_record(beside)
            if record is not None and (record.job, record.output) == (before, download.output):
                with suppress(OSError):
                    write_record(beside, msgspec.structs.replace(record, job=download.job))
