"""Aspera: work orders, steps and variables as XML tells them: attributes, dashes, types (dossier section 5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, indent, tostring

from tui.redact import redact
from tui.text import safe_block
from tui.vendors._read import moment_of, names_zone, whole_of
from tui.vendors.aspera.document import child_of, name_of, words_in, words_of
from tui.vendors.aspera.mask import mask_xml
from tui.vendors.aspera.outputs import Variable
from tui.vendors.aspera.run import Run, percent_of


def order_of_xml(order: Element) -> Run:
    """A `work_order` element."""
    steps = child_of(order, "work_steps")
    status, details = _status_of_xml(order)
    times = child_of(order, "timestamps")
    return Run(
        id=whole_of(order.get("id")),
        name=words_in(order, "name"),
        status=status,
        details=details,
        created_at=_moment_in(times, "created_at"),
        started_at=_moment_in(times, "initiated_at"),
        has_zone=times is None or all(names_zone(words_in(times, name)) for name in ("created_at", "initiated_at")),
        finished_at=_moment_in(times, "completed_at"),
        updated_at=_moment_in(times, "updated_at"),
        steps=tuple(step_of_xml(step) for step in (steps if steps is not None else ()) if name_of(step) == "work_step"),
    )


def step_of_xml(step: Element) -> Run:
    """A `work-step` element, or a `work_step` inside a work order."""
    status, details = _status_of_xml(step)
    times = child_of(step, "timestamps")
    where = step if times is None else times
    return Run(
        id=whole_of(step.get("id") or words_in(step, "id")),
        name=words_in(step, "workstepname", "stepname", "name"),
        status=status,
        details=words_in(step, "statusdetails") or details,
        created_at=_moment_in(where, "created_at"),
        started_at=_moment_in(where, "activation_date", "initiated_at"),
        finished_at=_moment_in(where, "completion_date", "completed_at"),
        attempt=whole_of(words_in(step, "attempt")),
        percent=percent_of(words_in(step, "percent_complete")),
        kind=words_in(step, "step_type"),
    )


def _status_of_xml(element: Element) -> tuple[str | None, str | None]:
    """The state is an attribute and the text its detail, or the text is the state; there may be two such elements."""
    told = [child for child in element if name_of(child) == "status"]
    for status in told:
        if (status.get("state") or "").strip():
            return status.get("state"), words_of(status)
    return next((words for status in told if (words := words_of(status))), None), None


def variables_of_xml(parent: Element | None, name: str) -> Iterator[Variable]:
    """The variables in all elements of that name; nameless ones are left out."""
    for element in parent.iter() if parent is not None else ():
        if name_of(element) != name:
            continue
        known = words_in(element, "name", "variable_name") or element.get("name") or element.get("variable_name")
        if not known:
            continue
        # The child describes the value; the attribute mostly the element, but nothing forbids a `pwd` there.
        kind = words_in(element, "type", "value_type") or element.get("value_type") or element.get("type") or ""
        value = child_of(element, "value")
        text = words_of(value) if value is not None else element.get("value") or words_of(element)
        yield Variable(known, kind, text, words_in(element, "step_name", "step") or element.get("step_name"))


def _moment_in(parent: Element | None, *names: str) -> datetime | None:
    return moment_of(words_in(parent, *names)) if parent is not None else None


def raw_xml(root: Element) -> str:
    """The tree as text for the Raw tab; changes the tree, so it is called last."""
    mask_xml(root)
    indent(root)
    return safe_block(redact(tostring(root, encoding="unicode")))
