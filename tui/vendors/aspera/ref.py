"""Aspera: what names a work order or a step (CONTRACT section 2, dossier sections 1 and 4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from tui.errors import UsageError
from tui.model import Reference


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """One run of a workflow."""

    id: int


@dataclass(frozen=True, slots=True)
class NamedStep:
    """A step of a work order, by its display name."""

    order: int
    name: str


@dataclass(frozen=True, slots=True)
class StepRun:
    """One run of a step, by the id of the run (not of the step in the design)."""

    id: int


Target = WorkOrder | NamedStep | StepRun

_NUMBER = r"\d{1,18}"
_ORDER = re.compile(_NUMBER, re.ASCII)
_STEP = re.compile(rf"step:\s*({_NUMBER})", re.ASCII | re.IGNORECASE)
_NAMED = re.compile(rf"({_NUMBER})/(.{{1,200}})", re.ASCII)
_CALL = re.compile(r"/api/([a-z_]+)(?:/([^/]*))?/?$")
_SUFFIX = re.compile(r"\.(?:json|xml|txt)$")

_ORDER_CALLS = frozenset({"work_order_status", "work_order_output", "work_order_cancel", "work_order_reset"})
_STEP_CALLS = frozenset({"work_step_status", "work_step_cancel", "workstep_reset"})
_HINT = "give a work order id, WORKORDER/STEP NAME, step:ID, or the URL of its status"


def ref_of_text(text: str) -> Reference | None:
    """`WORKORDER`, `WORKORDER/STEP NAME` or `step:ID`; None for all else."""
    text = text.strip()
    if _ORDER.fullmatch(text):
        return _reference(WorkOrder(int(text)))
    step = _STEP.fullmatch(text)
    if step:
        return _reference(StepRun(int(step[1])))
    named = _NAMED.fullmatch(text)
    if named and _is_name(named[2].strip()):
        return _reference(NamedStep(int(named[1]), named[2].strip()))
    return None


def ref_of_url(url: str) -> Reference | None:
    """Any API URL that names a work order or a step; nothing of its query but the names is kept.

    Raises UsageError for an API URL that names neither.
    """
    parts = urlsplit(url)
    match = _CALL.search(_SUFFIX.sub("", parts.path))
    if match is None:
        return None
    call, argument = match[1], unquote(match[2] or "")
    query = dict(parse_qsl(parts.query))
    target = _target(call, argument, query)
    if target is None:
        raise UsageError("this Orchestrator URL names no work order and no step", hint=_HINT)
    return _reference(target)


def target_of(ref: Reference) -> Target:
    """What the vendor is asked for. Raises UsageError for an id that no `ref_of_…` makes."""
    order, slash, name = ref.id.partition("/")
    step = _STEP.fullmatch(ref.id)
    if step:
        return StepRun(int(step[1]))
    if not _ORDER.fullmatch(order):
        raise UsageError(f"{ref.id!a} names no work order", hint=_HINT)
    return NamedStep(int(order), name) if slash else WorkOrder(int(order))


def _target(call: str, argument: str, query: Mapping[str, str]) -> Target | None:
    order = argument if _ORDER.fullmatch(argument) else query.get("work_order_id") or query.get("id", "")
    name = query.get("step_name", "").strip()
    # The page's template of `status_only` leaves `work_step_status/` out of the path (section 4).
    by_name = call == "work_order" or (call in _STEP_CALLS and argument in ("work_order", "") and name)
    if by_name or call in _ORDER_CALLS:
        if not _ORDER.fullmatch(order) or (name and not _is_name(name)):
            return None
        return NamedStep(int(order), name) if name else WorkOrder(int(order))
    step = argument or query.get("id", "")
    return StepRun(int(step)) if call in _STEP_CALLS and _ORDER.fullmatch(step) else None


def _is_name(text: str) -> bool:
    return bool(text) and text.isprintable()


def _reference(target: Target) -> Reference:
    match target:
        case WorkOrder(id=number):
            return Reference(str(number))
        case NamedStep(order=number, name=name):
            return Reference(f"{number}/{name}")
        case StepRun(id=number):
            return Reference(f"step:{number}")
