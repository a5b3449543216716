"""The border: what a vendor said becomes inert here, once, before anybody else sees it.

Inert means: a terminal obeys none of it, no live secret is in it, and the store can keep every figure and time.
"""

from __future__ import annotations

import logging
import math
import re
from dataclasses import replace
from datetime import UTC, datetime

from tui.engine.few_files import no_more_files
from tui.errors import AskError, ConfigError, CredentialsError, JobdeckError
from tui.model import Event, Inert, JobKey, Output, ProblemKind, Safe, Snapshot, Stage, Stat
from tui.open_files import is_out_of_files
from tui.redact import mask_live, redact, secrets_changed
from tui.text import safe_block, safe_line

_RAW_LIMIT = 100_000
REPORT_LIMIT = 64_000_000
"""Characters of a report that are kept; no more of one is ever fetched."""
_LONGEST_EVENT = 5000
_MOST_WHOLE = 2**63
_SHA1 = re.compile(r"[0-9A-Fa-f]{40}")
_log = logging.getLogger("jobdeck.border")


def inert(snapshot: Snapshot) -> Inert:
    """The snapshot with every text and figure of the vendor's made harmless."""
    made = Snapshot(
        state=snapshot.state,
        vendor_status=safe_line(snapshot.vendor_status, 80),
        title=_line(snapshot.title, 200),
        notice=_line(snapshot.notice, 500),
        progress=_share(snapshot.progress),
        submitted_at=_moment(snapshot.submitted_at),
        started_at=_moment(snapshot.started_at),
        finished_at=_moment(snapshot.finished_at),
        stages=tuple(_stage(stage) for stage in snapshot.stages[:500]),
        stats=tuple(_stat(stat) for stat in snapshot.stats[:200]),
        outputs=tuple(inert_output(output) for output in snapshot.outputs[:1000]),
        has_report=snapshot.has_report,
        raw=safe_block(mask_live(snapshot.raw), _RAW_LIMIT),
    )
    return Inert(made)


class Border:
    """Makes snapshots inert; keeps each job's last one, so that an equal one costs a comparison."""

    def __init__(self) -> None:
        self._last: dict[JobKey, tuple[Snapshot, Inert]] = {}
        self._secrets = secrets_changed()

    def inert(self, key: JobKey, snapshot: Snapshot) -> Inert:
        """See `inert`. What is inert stays as it is when it crosses again, unless there are other secrets by now."""
        if self._secrets != (secrets := secrets_changed()):
            self._last.clear()
            self._secrets = secrets
        said, made = self._last.get(key, (None, None))
        if made is None or (said is not snapshot and made != snapshot):
            made = inert(snapshot)
            is_light = not snapshot.state.is_over and len(snapshot.raw) <= _RAW_LIMIT
            self._last[key] = (snapshot if is_light else made, made)  # what is held is held for every job
        return made

    def forget(self, key: JobKey) -> None:
        """The job is gone."""
        self._last.pop(key, None)


def inert_output(output: Output) -> Output[Safe]:
    """The output with its name and value made harmless. The name is not masked: the vendor is asked by it."""
    return Output(
        name=safe_line(output.name, 300),
        kind=output.kind,
        size=output.size if output.size is not None and 0 <= output.size < _MOST_WHOLE else None,
        sha1=safe_line(output.sha1) if output.sha1 and _SHA1.fullmatch(output.sha1) else None,
        value=_line(output.value, 2000),
        expires_at=_moment(output.expires_at),
        only_by_name=output.only_by_name,
    )


def inert_report(text: str) -> Safe:
    """A report's text, harmless and without live secrets."""
    return safe_block(mask_live(text[:REPORT_LIMIT]), REPORT_LIMIT)


def as_ask_error(error: Exception) -> AskError:
    """What went wrong while a vendor was asked, a fault of ours included, as one error."""
    if isinstance(error, AskError):
        return error
    if isinstance(error, CredentialsError | ConfigError):
        return AskError(ProblemKind.AUTH, error.message, hint=error.hint)
    if isinstance(error, JobdeckError):
        return AskError(ProblemKind.BAD_REPLY, error.message, hint=error.hint)
    if is_out_of_files(error):  # of a module that is loaded where it is first needed
        return no_more_files()
    _log.error("a fault while asking", exc_info=error)
    return AskError(
        ProblemKind.BAD_REPLY, f"jobdeck cannot read the answer ({type(error).__name__})", hint="please report it"
    )


def with_notice(snapshot: Inert, notice: str | None) -> Inert:
    """The snapshot with a notice of ours in the place of the vendor's."""
    said: Snapshot[Safe] = snapshot
    return Inert(replace(said, notice=_line(notice, 500)))


def event_of(at: datetime, job: JobKey, kind: str, text: str) -> Event:
    """A line of a job's history, harmless; the store masks the live secrets in it."""
    return Event(at, job, kind, safe_line(text, _LONGEST_EVENT))


def inert_error(error: AskError) -> Safe:
    """The error's sentence, harmless and without secrets."""
    return safe_line(redact(f"{error.message}; {error.hint}" if error.hint else error.message), 500)


def _line(text: str | None, limit: int) -> Safe | None:
    return None if text is None else _masked(text, limit)


def _masked(text: str, limit: int) -> Safe:
    return safe_line(mask_live(text), limit)


def _share(progress: float | None) -> float | None:
    if progress is None or not math.isfinite(progress):
        return None
    return min(max(progress, 0.0), 1.0)


def _moment(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo is None:
        return moment and moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first or the last day that there is, seen from another zone
        return None


def _stage(stage: Stage) -> Stage[Safe]:
    return Stage(_masked(stage.name, 120), _moment(stage.started_at), _moment(stage.finished_at))


def _stat(stat: Stat) -> Stat[Safe]:
    value, name = stat.value, _masked(stat.name, 80)
    if isinstance(value, float) and math.isfinite(value):
        return Stat(name, value)
    if isinstance(value, int) and abs(value) < _MOST_WHOLE:
        return Stat(name, value)
    return Stat(name, _masked(str(value), 200))
