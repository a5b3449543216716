"""Aspera: starting a work order, and what the server answers to that (dossier sections 4 and 7)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from tui.errors import AskError, UsageError
from tui.model import ProblemKind, Reference
from tui.untrusted_json import read_json
from tui.vendors._errors import one_line
from tui.vendors._order import body_of, object_of_checks, optional, outcome_unknown, refuse, text
from tui.vendors._read import Json, text_of, whole_of
from tui.vendors.aspera.document import name_of, no_root, open_document, said_by
from tui.vendors.aspera.from_json import order_of_json
from tui.vendors.aspera.from_xml import order_of_xml
from tui.vendors.contract import Order, Reply

EXAMPLE = '{"workflow_id": 5, "external_parameters": {"src": "/in/clip.mov"}}'


@dataclass(frozen=True, slots=True)
class Start:
    """One run to be started; `query` holds what is said of the work order itself."""

    workflow: int
    inputs: Json = field(repr=False)
    query: Mapping[str, str]
    name: str | None = None

    def as_fields(self) -> Mapping[str, str]:
        """The inputs as the GET form spells them."""
        return {f"external_parameters[{name}]": _plain(value) for name, value in self.inputs.items()}


def start_of(order: Order) -> Start:
    """What the body asks for. Raises UsageError for one that the server would refuse."""
    if order.place is not None:
        raise UsageError("Orchestrator has one place for orders", hint="leave the place away")
    body = body_of(order, EXAMPLE)
    _BODY(body, "")
    workflow, inputs = whole_of(body["workflow_id"]), body.get("external_parameters")
    names = {"name": "work_order[name]", "priority": "work_order[priority]", "tags": "tags"}
    query = {spelt: text for name, spelt in names.items() if (text := text_of(body.get(name)))}
    given = text_of(body.get("name"))
    return Start(workflow or 0, inputs if isinstance(inputs, dict) else {}, query, given)


def read_started(reply: Reply) -> Reference:
    """The work order that was started.

    Raises AskError: what the server refused with; UNREACHABLE when the answer does not say whether it started one.
    """
    missing = _missing(reply)
    if missing:
        words = ", ".join(missing)
        example = json.dumps({"external_parameters": dict.fromkeys(missing, "…")}, ensure_ascii=False)
        raise AskError(ProblemKind.BAD_REPLY, f"the workflow needs these inputs: {words}", hint=f"add {example}")
    try:
        document = open_document(reply)
    except AskError as error:
        raise _refused(reply, error) from None
    if isinstance(document, Element):
        run = order_of_xml(document) if name_of(document) == "work_order" else None
    else:
        entry = document.get("work_order")
        run = order_of_json(entry) if isinstance(entry, dict) else None
    if run is not None and run.id is not None:
        return Reference(str(run.id))
    if run is None and said_by(reply):
        raise no_root(reply, "work order")
    raise outcome_unknown(
        AskError(
            ProblemKind.BAD_REPLY,
            "the server took the order and names no work order",
            hint="look at the workflow's work orders (discover) before you send it again",
        )
    )


def _refused(reply: Reply, error: AskError) -> AskError:
    if 200 <= reply.status < 300:
        return outcome_unknown(error)
    if error.kind is ProblemKind.GONE:
        said = said_by(reply)
        return AskError(
            ProblemKind.BAD_REPLY,
            f"the server does not know this workflow ({reply.status}): {said}",
            hint="look at workflow_id; the workflow must be published",
        )
    return error


def _missing(reply: Reply) -> tuple[str, ...]:
    """The inputs that a refusal names as missing; it says so under any status (section 7)."""
    try:
        answer = read_json(reply.body) if reply.body[:1] == b"{" else None
    except ValueError:
        return ()
    listed = answer.get("missing_parameters") if isinstance(answer, dict) else None
    names = listed if isinstance(listed, list) else [listed]
    return tuple(name for each in names[:50] if (name := one_line(each, 80)))


def _workflow(value: object, where: str) -> None:
    if not whole_of(value) or isinstance(value, float):
        refuse(where, "must be the workflow's number, e.g. 5")


def _priority(value: object, where: str) -> None:
    if isinstance(value, bool) or value not in (1, 2, 3):
        refuse(where, "must be 1, 2 or 3 (3 is the highest)")


def _inputs(value: object, where: str) -> None:
    if not isinstance(value, dict):
        refuse(where, 'must be an object of inputs, e.g. {"src": "/in/clip.mov"}')
    for name, inner in value.items():
        if not name or name != name.strip() or '"' in name or "'" in name:
            refuse(f"{where}.{name}", "is no name of an input: write it without quotes and blanks around it")
        if inner is None:
            refuse(f"{where}.{name}", "is null: leave it away, or give it a value")


_BODY = object_of_checks(
    {
        "workflow_id": _workflow,
        "external_parameters": optional(_inputs),
        "name": optional(text),
        "priority": optional(_priority),
        "tags": optional(text),
    },
    required=("workflow_id",),
)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
