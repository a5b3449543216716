"""Aspera: the calls, in the format that the connection asks for (dossier sections 3 and 4)."""

from __future__ import annotations

from collections.abc import Mapping

from tui.vendors.aspera.read import Reading, read_order, read_step
from tui.vendors.aspera.ref import NamedStep, StepRun, Target, WorkOrder
from tui.vendors.contract import Reply, Session


async def call(
    session: Session,
    path: str,
    query: Mapping[str, str] | None = None,
    *,
    as_json: bool = True,
    method: str = "GET",
    json_body: object = None,
    changes: bool | None = None,
) -> Reply:
    """Send one call below `api/`. Raises AskError when no readable answer came.

    `changes` is that of `contract.Session.send`: these calls are plain GETs all (trap 1).
    """
    fields, headers = dict(query or {}), {}
    style = session.connection.option("format") if as_json else ""
    if style == "header":
        headers["Accept"] = "application/json"
    elif style == "ext":
        path += ".json"
    elif as_json:
        fields["format"] = "json"
    return await session.send(
        method, f"api/{path}", query=fields or None, json_body=json_body, headers=headers or None, changes=changes
    )


async def status_of(session: Session, target: Target) -> Reading:
    """The status of a work order with its steps, or of one step with its outputs. Raises AskError."""
    match target:
        case WorkOrder(id=order):
            return read_order(await call(session, f"work_order_status/{order}"), order)
        case NamedStep(order=order, name=name):
            query = {"work_order_id": str(order), "step_name": name}
            return read_step(await call(session, "work_step_status/work_order", query))
        case StepRun(id=step):
            return read_step(await call(session, f"work_step_status/{step}"), step)


async def order_outputs(session: Session, order: WorkOrder) -> Reply:
    """All outputs of a work order; the vendor's own client always asks for XML here (section 3)."""
    return await call(session, f"work_order_output/{order.id}", as_json=False)
