"""What a vendor's list of jobs means for a start whose reply was lost; the one place for the words of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from tui.model import Connection, Inert, Job, LostStart, Reference, Snapshot
from tui.vendors.contract import Vendor
from tui.vendors.contract.lost_starts import FindsStarts, Lookalikes, settles_in
from tui.wording import and_more

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """`is_it` is the job that it surely became, `candidates` are those that it may be; `again_at` is the next look."""

    notice: str
    is_it: Reference | None = None
    candidates: tuple[str, ...] = ()
    not_started: bool = False
    again_at: datetime | None = None


def first_notice(vendor: Vendor) -> str:
    """What is said of a start from its sending on, until its reply is there or the vendor's list was read."""
    if isinstance(vendor, FindsStarts):
        return "sent, outcome unknown: it is looked up in the vendor's list; do not send it again before that"
    return f"sent, outcome unknown: {vendor.label} cannot list its jobs; look there before you send it again"


def refused_notice(lost: LostStart, said: str | None) -> str | None:
    """What is said of a start when the vendor's list is refused for good; what was found before is still said."""
    if lost.candidates or lost.not_started:
        return said
    return "sent, outcome unknown: the vendor's list cannot be read; look there before you send it again"


def judge(told: Lookalikes, connection: Connection, sent_at: datetime, read_at: datetime, *, has_twin: bool) -> Verdict:
    """What the list, read at that moment, tells of a start; `has_twin` is whether a second lost one is just like it.

    Only a sure find that is the only one of a whole list is taken for it. Nothing found means that nothing was
    started only if the list is whole, and was read when an order on its way would have been in it.
    """
    found = tuple(one.reference.id for one in told.found)
    if len(found) == 1 and told.found[0].is_sure and told.gap is None and not has_twin:
        return Verdict(f"found at the vendor: {found[0]}", is_it=told.found[0].reference)
    settled_at = sent_at + settles_in(connection)
    again_at = settled_at if read_at < settled_at else None
    if found:
        return Verdict(_offer(found, connection.name), candidates=found, again_at=again_at)
    if again_at is not None:
        return Verdict(
            "sent, outcome unknown: not in the vendor's list yet; it is looked up once more", again_at=again_at
        )
    if told.gap is not None:
        rest = f"but {told.gap}; look there before you send it again"
        return Verdict(f"sent, outcome unknown: not in the vendor's list, {rest}")
    return Verdict("not started, as far as the vendor's list says: it can be sent again", not_started=True)


def is_another(job: Job, line: Job) -> bool:
    """Whether a job that we have is surely not what this start became: it was here before, or is another order's.

    One that came later, by its id or from what ran lately, may well be it.
    """
    return job.tracked_at <= line.tracked_at or job.order_body is not None


def is_found(job: Job, line: Job) -> bool:
    """Whether this job is what a lost start was found to be, here or by another program: it was sent at its moment."""
    return not job.outcome_unknown and (job.connection, job.tracked_at) == (line.connection, line.tracked_at)


def taken_over(line: Job, reference: Reference) -> Job:
    """The job that a lost start is at its vendor: the user's words and the order stay, nothing is known of it yet."""
    outputs = tuple(dict.fromkeys((*reference.outputs, *(line.lost.outputs if line.lost else ()))))
    return replace(
        line,
        ref=replace(reference, outputs=outputs),
        snapshot=Inert(Snapshot()),
        outcome_unknown=False,
        lost=None,
        sent=None,
        checked_at=None,
        next_check_at=None,
        problem=None,
    )


def _offer(found: tuple[str, ...], connection: str) -> str:
    how = f"jobdeck track -c {connection}"
    if len(found) == 1:
        return f"looks like {found[0]}, which was started then; outcome unknown. Take it over: {how} {found[0]}"
    named = f"{', '.join(found[:_MOST_NAMED])} {and_more(len(found) - _MOST_NAMED)}".rstrip()
    return f"one of {len(found)} jobs that were started then, or none: {named}. Take yours over: {how} ID"
