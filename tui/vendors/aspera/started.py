"""Finding the work order of an initiate whose reply was lost: in the list of its workflow (dossier section 4).

Orchestrator repeats the workflow and the work order's name. A name that the order itself gave is a proof: a work order
of that workflow which began as we sent and bears it is the one. The default name, or a time alone, proves nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from xml.etree.ElementTree import Element

from tui.errors import AskError
from tui.model import LostStart, Reference
from tui.vendors._read import whole_of
from tui.vendors.aspera.calls import call
from tui.vendors.aspera.document import open_document
from tui.vendors.aspera.from_json import entries_of
from tui.vendors.aspera.lists import read_orders
from tui.vendors.aspera.order import Start
from tui.vendors.aspera.run import Run
from tui.vendors.contract import Reply, Session
from tui.vendors.contract.lost_starts import Lookalike, Lookalikes, clocks_apart, was_started_then


def lost_start(start: Start) -> LostStart:
    """What the work order would be known by: its workflow, and the name that it was given."""
    return LostStart(kind=str(start.workflow), name=start.name)


async def find_start(session: Session, lost: LostStart, sent_at: datetime, known: Collection[str]) -> Lookalikes:
    """The work orders of its workflow that began then, and bear its name if it has one. Raises AskError."""
    reply = await call(session, f"work_orders_list/{lost.kind}")
    runs = [run for run in read_orders(reply) if run.id is not None]

    def may_be(run: Run) -> bool:
        began = _began(run)
        is_then = began is not None and was_started_then(began, sent_at, session.connection)
        return is_then and str(run.id) not in known and _is_named_so(run, lost)

    is_sure = lost.name is not None
    found = [Lookalike(Reference(str(run.id)), is_sure) for run in runs if may_be(run)]
    if any(_began(run) is None for run in runs):
        return Lookalikes(tuple(found), "its list tells no times")
    if not all(run.has_zone for run in runs):
        return Lookalikes(tuple(found), "the times in its list name no time zone")
    return Lookalikes(tuple(found), clocks_apart(reply) or await _gap(session, lost, len(runs)))


async def _gap(session: Session, lost: LostStart, listed: int) -> str | None:
    """Nobody says whether the list is whole; the workflow's counts of work orders do (section 4)."""
    try:
        there = read_count(await call(session, f"workflow_details/{lost.kind}"))
    except AskError:
        there = None
    if there is None:
        return "nothing tells whether its list is whole"
    return None if listed >= there else f"it lists {listed} of {there} work orders"


def read_count(reply: Reply) -> int | None:
    """How many work orders the answer of `workflow_details` counts; None where it counts none. Raises AskError."""
    document = open_document(reply)
    told: list[object]
    if isinstance(document, Element):
        told = [each.get("count") for each in document.iter() if "count" in each.attrib]
    else:
        workflows = entries_of(document.get("workflows"), "workflow")
        told = [each.get("count") for one in workflows for each in entries_of(one.get("statuses"), "status")]
    counts = [count for each in told if (count := whole_of(each)) is not None]
    return sum(counts) if counts and len(counts) == len(told) else None


def _began(run: Run) -> datetime | None:
    return run.created_at or run.started_at


def _is_named_so(run: Run, lost: LostStart) -> bool:
    return lost.name is None or (run.name or "").strip() == lost.name.strip()
