"""What can be done with a job now, and if not, why: asked by the board's keys and by the command alike."""

from __future__ import annotations

from tui.engine.door import Action
from tui.errors import JobdeckError
from tui.model import Job, JobState, OutputKind
from tui.vendors.contract import Cancels, Order, RefrainsFromCancel, Reports, Resets, Submits, Vendor


def why_not(action: Action, job: Job, vendor: Vendor | None, *, read_only: bool) -> str | None:
    """Why the action cannot be done, in a few words; None when it can. `vendor` is None without its connection."""
    if action is Action.UNTRACK:
        return None
    if job.outcome_unknown:
        return "nobody knows yet whether the vendor started it"
    if vendor is None:
        return f"the connection {job.connection} is not in config.toml"
    match action:
        case Action.CANCEL:
            reason = _why_no_cancel(job, vendor, read_only=read_only)
        case Action.RESET:
            reason = _why_no_reset(job, vendor, read_only=read_only)
        case Action.REPORT:
            reason = _why_no_report(job, vendor)
        case Action.DOWNLOAD:
            reason = _why_no_download(job)
        case Action.AGAIN:
            reason = _why_not_again(job, vendor, read_only=read_only)
        case Action.REFRESH:
            reason = None
    return reason


def refuse_if(action: Action, job: Job, vendor: Vendor | None, *, read_only: bool) -> None:
    """Raise JobdeckError when the action cannot be done."""
    if reason := why_not(action, job, vendor, read_only=read_only):
        raise JobdeckError(f"{job.title}: no {action} now: {reason}")


def _why_no_cancel(job: Job, vendor: Vendor, *, read_only: bool) -> str | None:
    if read_only:
        return "this is a read-only run"
    if not isinstance(vendor, Cancels):
        return f"{vendor.label} knows no cancel"
    if job.state.is_over:
        return f"the job is over: {job.snapshot.vendor_status or job.state}"
    if job.state is JobState.CANCELLING:
        return "the job is being cancelled already"
    if job.order_body is not None and isinstance(vendor, RefrainsFromCancel):
        return vendor.why_no_cancel(Order(job.order_body, job.order_place), job.state)
    return None


def _why_no_reset(job: Job, vendor: Vendor, *, read_only: bool) -> str | None:
    if read_only:
        return "this is a read-only run"
    if not isinstance(vendor, Resets):
        return f"{vendor.label} knows no reset"
    if job.state is JobState.EXPIRED:
        return "the vendor does not know the job any more"
    if not job.state.is_over:
        return f"the job is not over: {job.snapshot.vendor_status or job.state}"
    return None


def _why_not_again(job: Job, vendor: Vendor, *, read_only: bool) -> str | None:
    if read_only:
        return "this is a read-only run"
    if not isinstance(vendor, Submits):
        return f"{vendor.label} takes no orders from here"
    if job.order_body is None:
        return "it was not started from here, or its body held credentials, which are not kept"
    return None


def _why_no_report(job: Job, vendor: Vendor) -> str | None:
    if job.report:
        return None
    if not isinstance(vendor, Reports):
        return f"{vendor.label} keeps no report"
    if not job.snapshot.has_report:
        return "the vendor has no report yet" if not job.state.is_over else "the vendor has no report of this job"
    return None


def _why_no_download(job: Job) -> str | None:
    if not job.state.is_over:
        return "job still running" if job.state is not JobState.WAITING else "job still waiting"
    if job.state is JobState.EXPIRED:
        return "the vendor does not keep the result any more"
    kinds = {output.kind for output in job.snapshot.outputs}
    if OutputKind.FILE in kinds:
        return None
    if OutputKind.LINK in kinds:
        return "the job has no file to download; its links are for another program (o on the board, or show --reveal)"
    return "the job has no file to download"
