"""What can be done with a job now, and if not, why: asked by the board's keys and by the command alike.

Behind the reason stands what to do instead, where there is something.
"""

from __future__ import annotations

from tui.engine.facts.jobs import Action
from tui.errors import JobdeckError
from tui.model import Job, JobState, OutputKind
from tui.vendors.contract import Cancels, NamesOutputs, Order, RefrainsFromCancel, Reports, Resets, Submits, Vendor

_OF_THE_BOARD = frozenset({Action.UNTRACK, Action.ARCHIVE, Action.BRING_BACK})
_NOBODY_KNOWS = "nobody knows yet whether the vendor started it; look there before it is sent again"
_READ_ONLY = "this is a read-only run; start jobdeck without --read-only"


def why_not(
    action: Action, job: Job, vendor: Vendor | None, *, read_only: bool, not_asked: str | None = None
) -> str | None:
    """Why the action cannot be done, in a few words; None when it can.

    `vendor` is None without its connection. `not_asked` is why the job is not to be asked for now, whatever it is.
    """
    if read_only and action.changes_vendor:
        return _READ_ONLY
    if action in _OF_THE_BOARD or job.archived_at:
        return _why_not_here(action, job)
    if vendor is None:
        return f"the connection {job.connection} is not in config.toml; add it, or untrack the job"
    if action is Action.REFRESH and not_asked:
        return not_asked
    if job.outcome_unknown:
        return _why_not_lost(action, job, vendor)
    return _why_not_there(action, job, vendor)


def refuse_if(
    action: Action, job: Job, vendor: Vendor | None, *, read_only: bool, not_asked: str | None = None
) -> None:
    """Raise JobdeckError when the action cannot be done; see `why_not`."""
    if reason := why_not(action, job, vendor, read_only=read_only, not_asked=not_asked):
        raise JobdeckError(f"{job.title}: no {action.word} now: {reason}")


def _why_not_here(action: Action, job: Job) -> str | None:
    """What is done on this machine alone, and all that is done with an archived job."""
    reason = None
    if action is Action.BRING_BACK:
        reason = None if job.archived_at else "it is on the board; the filter is:archived shows what is not"
    elif job.archived_at:
        is_kept = action is Action.REPORT and job.report is not None
        reason = None if is_kept else "it is archived; bring it back to the board first"
    elif action is Action.ARCHIVE and job.outcome_unknown:
        reason = _NOBODY_KNOWS
    elif action is Action.ARCHIVE and not job.state.is_over:
        reason = "the job is not over; untrack takes it off the board"
    elif action is Action.ARCHIVE and not all(one.state.is_over for one in job.downloads):
        reason = "its files are still coming; wait for them, or stop them"
    return reason


def _why_not_there(action: Action, job: Job, vendor: Vendor) -> str | None:
    """What is asked of a vendor about a job that is known to it."""
    match action:
        case Action.CANCEL:
            return _why_no_cancel(job, vendor)
        case Action.RESET:
            return _why_no_reset(job, vendor)
        case Action.REPORT:
            return _why_no_report(job, vendor)
        case Action.DOWNLOAD | Action.DOWNLOAD_NAMED:
            return _why_no_download(job, vendor, by_name=action is Action.DOWNLOAD_NAMED)
        case Action.AGAIN:
            return _why_not_again(job, vendor)
    return None


def _why_not_lost(action: Action, job: Job, vendor: Vendor) -> str | None:
    """A start whose reply was lost can be looked up, and sent again once its vendor's list says that it was not."""
    if action is Action.REFRESH:
        return None if job.lost else f"{vendor.label} cannot list its jobs; look there before it is sent again"
    if action is Action.AGAIN and job.lost and job.lost.not_started:
        return _why_not_again(job, vendor)
    return _NOBODY_KNOWS


def _why_no_cancel(job: Job, vendor: Vendor) -> str | None:
    if not isinstance(vendor, Cancels):
        return f"{vendor.label} knows no cancel; untrack only takes it off the board"
    if job.state.is_over:
        return f"the job is over: {job.snapshot.vendor_status or job.state}; there is nothing to cancel"
    if job.state is JobState.CANCELLING:
        return "the job is being cancelled already; wait for its end"
    if job.order_body is not None and isinstance(vendor, RefrainsFromCancel):
        return vendor.why_no_cancel(Order(job.order_body, job.order_place), job.state)
    return None


def _why_no_reset(job: Job, vendor: Vendor) -> str | None:
    if not isinstance(vendor, Resets):
        return f"{vendor.label} knows no reset; start a new job instead"
    if job.state is JobState.EXPIRED:
        return "the vendor does not know the job any more; start a new one"
    if not job.state.is_over:
        return f"the job is not over: {job.snapshot.vendor_status or job.state}; cancel it first, or wait for its end"
    return None


def _why_not_again(job: Job, vendor: Vendor) -> str | None:
    if not isinstance(vendor, Submits):
        return f"{vendor.label} takes no orders from here; start it at the vendor"
    if job.order_body is None:
        return "it was not started from here, or its body held credentials, which are not kept; submit the body anew"
    return None


def _why_no_report(job: Job, vendor: Vendor) -> str | None:
    if job.report:
        return None
    if not isinstance(vendor, Reports):
        return f"{vendor.label} keeps no report; what it says is in the details"
    if not job.snapshot.has_report:
        if not job.state.is_over:
            return "the vendor has no report yet; wait a little"
        return "the vendor has no report of this job; refresh it to look once more"
    return None


def _why_no_download(job: Job, vendor: Vendor, *, by_name: bool) -> str | None:
    if not job.state.is_over:
        doing = "waiting" if job.state is JobState.WAITING else "running"
        return f"job still {doing}; wait for its end"
    if job.state is JobState.EXPIRED:
        return "the vendor does not keep the result any more; start the job again"
    kinds = {output.kind for output in job.snapshot.outputs}
    if OutputKind.FILE in kinds:
        names_one = "its files are fetched by name only; choose one (o on the board), or name it with --output"
        return None if by_name or job.results else names_one
    if OutputKind.LINK in kinds:
        return "the job has no file to download; its links are for another program (o on the board, or show --reveal)"
    if isinstance(vendor, NamesOutputs):
        return "no output of the job is named yet; track it with --output, or attach some on the board"
    return "the job has no file to download; its details say what it gave"
