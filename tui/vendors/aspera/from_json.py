"""Aspera: work orders, steps and variables as JSON tells them (dossier section 5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tui.vendors._read import Json, moment_of, names_zone, text_of, whole_of
from tui.vendors.aspera.outputs import Variable
from tui.vendors.aspera.run import Run, percent_of

_STARTED = ("activation_date", "initiated_at", "started_at")


def order_of_json(order: Json) -> Run:
    """A `work_order` object; its names are not documented, so database and XML spellings are tried."""
    steps = tuple(step_of_json(step) for step in entries_of(order.get("work_steps"), "work_step"))
    return _run_of_json(order, ("name", "work_order_name", "workOrderName"), steps)


def step_of_json(step: Json) -> Run:
    """A `work_step` object."""
    return _run_of_json(step, ("workStepName", "stepName", "name"))


def _run_of_json(fields: Json, names: tuple[str, ...], steps: tuple[Run, ...] = ()) -> Run:
    status, details = _status_of_json(fields.get("status"))
    times = fields.get("timestamps")
    all_fields = {**times, **fields} if isinstance(times, dict) else fields
    return Run(
        id=whole_of(fields.get("id")),
        name=_first(fields, *names),
        status=status,
        details=_first(fields, "statusDetails", "status_details") or details,
        created_at=_moment(all_fields, "created_at"),
        started_at=_moment(all_fields, *_STARTED),
        has_zone=all(names_zone(all_fields.get(name)) for name in ("created_at", *_STARTED)),
        finished_at=_moment(all_fields, "completion_date", "completed_at"),
        attempt=whole_of(fields.get("attempt")),
        percent=percent_of(fields.get("percent_complete")),
        updated_at=_moment(all_fields, "updated_at"),
        kind=_first(fields, "step_type", "stepType"),
        steps=steps,
    )


def _status_of_json(status: object) -> tuple[str | None, str | None]:
    """The state and the detail, from a string, an object with `state`, or several of these."""
    if isinstance(status, list):
        told = [_status_of_json(each) for each in status if not isinstance(each, list)]
        return next((each for each in told if each[0]), (None, None))
    if isinstance(status, dict):
        return _first(status, "state", "status"), _first(status, "details", "text", "value", "message")
    return text_of(status), None


def entries_of(value: object, name: str) -> list[Json]:
    """The objects of a list; one object alone is a list of one (trap 7), `{name: …}` is looked into."""
    if isinstance(value, dict):
        inner = value.get(name, value.get(name + "s"))
        value = [value] if inner is None else inner if isinstance(inner, list) else [inner]
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def variables_of_json(value: object, name: str) -> Iterator[Variable]:
    """The variables in a list, or behind `name` in an object; nameless ones are left out."""
    for entry in entries_of(value, name):
        known = _first(entry, "name", "variable_name")
        if known:
            kind = _first(entry, "type", "value_type") or ""
            yield Variable(known, kind, entry.get("value"), _first(entry, "step_name", "step"))


def _first(fields: Json, *names: str) -> str | None:
    return next((text for name in names if (text := text_of(fields.get(name)))), None)


def _moment(fields: Json, *names: str) -> datetime | None:
    return next((moment for name in names if (moment := moment_of(fields.get(name)))), None)
