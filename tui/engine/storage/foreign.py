"""Two programs on one state folder: whose word on a job counts when both wrote at the same time.

An answer of ours replaces an older one of theirs; what a user said or sent there, and a report, is never lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from tui.engine.storage.batch import Batch, News
from tui.engine.storage.rounds import Round
from tui.model import Job, JobKey


def with_foreign(ours: Job, theirs: Job) -> Job:
    """Our newer version of a job with what a user said of it, or sent to its vendor, in another program."""
    outputs = tuple(dict.fromkeys((*theirs.ref.outputs, *ours.ref.outputs)))
    ref = replace(theirs.ref, outputs=outputs)
    if _is_later(
        theirs.begun_anew_at, ours.begun_anew_at
    ):  # our answer is of the run before; it is asked again at once
        return replace(theirs, ref=ref)
    return replace(
        ours,
        ref=ref,
        given_title=theirs.given_title,
        alert=theirs.alert,
        report=ours.report or theirs.report,
        sent=ours.sent or theirs.sent,
    )


def with_unseen(batch: Batch, theirs: Mapping[JobKey, Job]) -> tuple[tuple[Job, ...], tuple[Round, ...]]:
    """Our updates and rounds, merged with what another program wrote of these jobs and we have not read yet.

    A job of which it wrote something is updated by itself, in no round.
    """
    if not theirs:
        return batch.updated, batch.rounds
    asked = {key: job for key, job in batch.asked.items() if key in theirs}
    ours = asked | {job.key: job for job in batch.updated}
    updated = tuple(with_foreign(job, theirs[key]) if key in theirs else job for key, job in ours.items())
    rounds = (Round({key: job for key, job in one.jobs.items() if key not in theirs}) for one in batch.rounds)
    return updated, tuple(one for one in rounds if one.jobs)


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)


def without_ours(news: News, batches: Iterable[Batch], board: Mapping[JobKey, Job]) -> News:
    """The news as the board may take them; `batches` were on their way to the disk while the news were read."""
    batches = tuple(batches)
    added = {job.key for batch in batches for job in batch.added}
    changed = added | {job.key for batch in batches for job in (*batch.updated, *batch.asked.values())}
    removed = {key for batch in batches for key in batch.removed}
    moved = {download.id for batch in batches for download in batch.downloads}
    jobs: list[Job] = []
    for theirs in news.jobs:
        ours = board.get(theirs.key)
        if ours is not None and theirs.key in changed:
            jobs.append(with_foreign(ours, theirs))
        elif theirs.key not in removed:
            jobs.append(theirs)
    gone = news.removed
    if news.is_whole:
        there = {job.key for job in news.jobs}
        gone = tuple(key for key in board if key not in there)
    return News(
        jobs=tuple(jobs),
        removed=tuple(key for key in gone if key not in added),
        downloads=tuple(download for download in news.downloads if download.id not in moved),
    )
