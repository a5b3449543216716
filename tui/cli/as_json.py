"""A job and a download as the JSON of CONTRACT section 6; the only room that knows these keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from tui.clock import rfc3339
from tui.model import Download, Job, Output, Problem, ReportInfo, Stage
from tui.usual import eta_of

Json = dict[str, object]


def job_json(job: Job, now: datetime, revealed: Mapping[str, str] | None = None) -> Json:
    """One job; `revealed` holds links with their tokens, by output name, where the user asked for them."""
    said = job.snapshot
    return {
        "key": job.key,
        "connection": job.connection,
        "vendor": job.vendor,
        "id": job.ref.id,
        "title": job.title,
        "state": said.state.value,
        "vendor_status": said.vendor_status,
        "notice": said.notice,
        "progress": said.progress,
        "submitted_at": rfc3339(said.submitted_at),
        "started_at": rfc3339(said.started_at),
        "finished_at": rfc3339(said.finished_at),
        "tracked_at": rfc3339(job.tracked_at),
        "archived_at": rfc3339(job.archived_at),
        "checked_at": rfc3339(job.checked_at),
        "next_check_at": rfc3339(job.next_check_at),
        "stale": job.is_stale(now),
        "alert": job.alert,
        "eta": rfc3339(eta_of(job, now)),
        "usual_seconds": None if job.usual is None else round(job.usual.seconds, 1),
        "problem": _problem(job.problem),
        "stages": [_stage(stage) for stage in said.stages],
        "stats": {stat.name: stat.value for stat in said.stats},
        "report": _report(job.report),
        "outputs": [_output(output, revealed or {}) for output in said.outputs],
        "downloads": [_download(download) for download in job.downloads],
    }


def fetched_json(download: Download) -> Json:
    """One line of `download --json`."""
    return {
        "job": download.job,
        "output": download.output,
        "path": None if download.path is None else str(download.path),
        "bytes": download.bytes,
        "sha256": download.sha256,
        "verified": download.verified.value if download.verified else None,
        "resumed_from": download.resumed_from,
        "attempts": download.attempts,
        "renewals": download.renewals,
        "seconds": round(download.seconds, 3),
    }


def one_line(value: object) -> str:
    """JSON on one line, every character as it is."""
    return json.dumps(value, ensure_ascii=False)


def _problem(problem: Problem | None) -> Json | None:
    if problem is None:
        return None
    return {
        "kind": problem.kind.value,
        "message": problem.message,
        "since": rfc3339(problem.since),
        "retry_at": rfc3339(problem.retry_at),
    }


def _stage(stage: Stage) -> Json:
    return {"name": stage.name, "started_at": rfc3339(stage.started_at), "finished_at": rfc3339(stage.finished_at)}


def _report(report: ReportInfo | None) -> Json | None:
    return None if report is None else {"read_at": rfc3339(report.read_at), "bytes": report.size}


def _output(output: Output, revealed: Mapping[str, str]) -> Json:
    return {
        "name": output.name,
        "kind": output.kind.value,
        "size": output.size,
        "sha1": output.sha1,
        "value": revealed.get(output.name, output.value),
    }


def _download(download: Download) -> Json:
    return {
        "output": download.output,
        "member": download.member,
        "path": None if download.path is None else str(download.path),
        "state": download.state.value,
        "bytes": download.bytes,
        "size": download.size,
        "verified": download.verified.value if download.verified else None,
        "message": download.message,
        "speed": None if download.speed is None else round(download.speed),
        "streams": download.streams,
        "attempts": download.attempts,
        "renewals": download.renewals,
        "resumed_from": download.resumed_from,
        "priority": download.priority,
    }
