"""Aspera: the work orders that ran lately, workflow by workflow (dossier section 4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from tui.errors import AskError
from tui.model import ProblemKind, Reference
from tui.vendors._errors import one_line
from tui.vendors._read import whole_of
from tui.vendors.aspera.calls import call
from tui.vendors.aspera.document import name_of, no_root, open_document, words_in
from tui.vendors.aspera.from_json import entries_of, order_of_json
from tui.vendors.aspera.from_xml import order_of_xml
from tui.vendors.aspera.run import Run
from tui.vendors.contract import Discovery, Reply, Session

MOST_WORKFLOWS = 50
MOST_ORDERS = 500
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_GO_ON = (ProblemKind.FORBIDDEN, ProblemKind.GONE, ProblemKind.BAD_REPLY)
"""Problems of one workflow alone, e.g. one that this user may not see."""


async def orders_since(session: Session, since: datetime) -> tuple[Discovery, ...]:
    """Work orders that moved after `since`, newest first; those whose time is not told come last. Raises AskError."""
    found: dict[str, Discovery] = {}
    problem, answered = None, False
    for workflow in await _workflows(session):
        try:
            runs = read_orders(await call(session, f"work_orders_list/{workflow}"))
        except AskError as error:
            if error.kind not in _GO_ON:
                raise
            problem = error
            continue
        answered = True
        found |= {one.reference.id: one for run in runs if (one := _discovery(run)) and (one.at or since) >= since}
    if problem and not answered:
        raise problem
    return tuple(sorted(found.values(), key=lambda one: one.at or _LONG_AGO, reverse=True)[:MOST_ORDERS])


async def _workflows(session: Session) -> tuple[int, ...]:
    named = session.connection.option("workflows").replace(",", " ").split()
    chosen = tuple(number for word in named if (number := whole_of(word)))
    return chosen or read_workflows(await call(session, "workflows_list"))[:MOST_WORKFLOWS]


def read_workflows(reply: Reply) -> tuple[int, ...]:
    """The ids of the workflows in the answer of `workflows_list`. Raises AskError."""
    document = open_document(reply)
    if isinstance(document, Element):
        if name_of(document) != "workflows":
            raise no_root(reply, "workflows")
        told = (whole_of(each.get("id") or words_in(each, "id")) for each in document if name_of(each) == "workflow")
    else:
        if "workflows" not in document:
            raise no_root(reply, "workflows")
        told = (whole_of(each.get("id")) for each in entries_of(document["workflows"], "workflow"))
    return tuple(number for number in told if number)


def read_orders(reply: Reply) -> tuple[Run, ...]:
    """The work orders in the answer of `work_orders_list`. Raises AskError."""
    document = open_document(reply)
    if isinstance(document, Element):
        if name_of(document) != "work_orders":
            raise no_root(reply, "work_orders")
        return tuple(order_of_xml(each) for each in document if name_of(each) == "work_order")
    if "work_orders" not in document:
        raise no_root(reply, "work_orders")
    return tuple(order_of_json(each) for each in entries_of(document["work_orders"], "work_order"))


def _discovery(run: Run) -> Discovery | None:
    if run.id is None:
        return None
    return Discovery(Reference(str(run.id)), one_line(run.name) or None, max(_times(run), default=None))


def _times(run: Run) -> Iterator[datetime]:
    yield from (each for each in (run.created_at, run.started_at, run.finished_at, run.updated_at) if each)
