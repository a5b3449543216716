"""Aspera: readers of the answers about work orders, steps and their outputs (dossier sections 5 and 6).

JSON and XML of one call are different documents (trap 3): each has a module of its own, and they meet in `Run`.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tui.errors import AskError
from tui.model import ProblemKind, Snapshot, Stat
from tui.vendors._order import outcome_unknown
from tui.vendors._read import raw_json
from tui.vendors.aspera.document import child_of, name_of, no_root, open_document, open_job, said_by, words_in
from tui.vendors.aspera.from_json import order_of_json, step_of_json, variables_of_json
from tui.vendors.aspera.from_xml import order_of_xml, raw_xml, step_of_xml, variables_of_xml
from tui.vendors.aspera.mask import mask_json
from tui.vendors.aspera.outputs import Found, found_in
from tui.vendors.aspera.run import Run, snapshot_of
from tui.vendors.contract import Reply


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer: the snapshot, the outputs with the addresses behind them, the id to cancel by, and the steps."""

    snapshot: Snapshot
    found: tuple[Found, ...] = ()
    id: int | None = None
    steps: tuple[Run, ...] = ()
    """A work order's steps; a step alone stands here itself."""


def read_order(reply: Reply, order: int) -> Reading:
    """The answer of `work_order_status`; its outputs are told by another call. Raises AskError."""
    document = open_job(reply)
    if isinstance(document, Element):
        if name_of(document) != "work_order":
            raise no_root(reply, "work_order")
        run, raw = order_of_xml(document), raw_xml(document)
    else:
        entry = document.get("work_order")
        if not isinstance(entry, dict):
            raise no_root(reply, "work_order")
        run, raw = order_of_json(entry), raw_json(mask_json(document))
    _check_id(run, order)
    return Reading(snapshot_of(run, raw, stats=(Stat("steps", len(run.steps)),)), id=order, steps=run.steps)


def read_step(reply: Reply, step: int | None = None) -> Reading:
    """The answer of `work_step_status`, its outputs included; `step` is the id asked for. Raises AskError."""
    document = open_job(reply)
    if isinstance(document, Element):
        entry = document if name_of(document) == "work_step" else child_of(document, "work_step")
        if entry is None or name_of(document) not in ("work_step_status", "work_step"):
            raise no_root(reply, "work_step")
        run, variables = step_of_xml(entry), list(variables_of_xml(child_of(document, "outputs"), "output"))
        raw = raw_xml(document)
    else:
        fields = document.get("work_step")
        if not isinstance(fields, dict):
            raise no_root(reply, "work_step")
        run, variables = step_of_json(fields), list(variables_of_json(document.get("outputs"), "output"))
        raw = raw_json(mask_json(document))
    if step is not None:
        _check_id(run, step)
    found = found_in(variables)
    stats = () if run.attempt is None else (Stat("attempt", run.attempt),)
    return Reading(snapshot_of(run, raw, stats=stats, found=found, is_step=True), found, run.id, (run,))


def read_order_outputs(reply: Reply) -> tuple[Found, ...]:
    """The answer of `work_order_output`, which comes as XML where the server does not know better."""
    document = open_document(reply)
    if isinstance(document, Element):
        if name_of(document) != "work_order_output":
            raise no_root(reply, "work_order_output")
        return found_in(variables_of_xml(document, "variable"))
    if "work_order_output" not in document:
        raise no_root(reply, "work_order_output")
    return found_in(variables_of_json(document["work_order_output"], "variable"))


def read_taken(reply: Reply) -> None:
    """The answer to a cancel: taken when it tells of the work order or the step. Raises AskError."""
    document = open_job(reply)
    roots = {name_of(document)} if isinstance(document, Element) else set(document)
    if not roots & {"work_order", "work_step", "work_step_status", "work_step_cancel", "work_order_cancel"}:
        raise no_root(reply, "work order or step")


def read_reset(reply: Reply) -> None:
    """The answer to a reset: a work order, or of a step `WorkStep_Reset` in XML (section 5).

    Raises AskError: what the server refused with; UNREACHABLE when a good answer does not say whether it was done.
    """
    try:
        document = open_document(reply)
    except AskError as error:
        raise (outcome_unknown(error) if 200 <= reply.status < 300 else error) from None
    roots = {name_of(document)} if isinstance(document, Element) else set(document)
    if roots & {"work_order", "work_step", "work_step_status", "work_order_reset"}:
        return
    if isinstance(document, Element) and name_of(document) == "workstep_reset":
        if (words_in(document, "workstep_reset") or "").lower() != "false":
            return
        raise AskError(ProblemKind.BAD_REPLY, "the server did not reset the step", hint="reset its work order")
    wrong = no_root(reply, "work order or step")
    raise wrong if said_by(reply) else outcome_unknown(wrong)


def _check_id(run: Run, asked: int) -> None:
    if run.id not in (None, asked):
        raise AskError(
            ProblemKind.BAD_REPLY,
            f"the vendor was asked about {asked} and told of {run.id}",
            hint="give the id of the run, not that of the step in the design",
        )
