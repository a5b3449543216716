"""Finding the WorkItem of a submit whose reply was lost: in the list call, before anything is sent again (trap 9).

Nothing that Autodesk tells is a proof (dossier 3.2, 3.5). The list holds ids and times; the status tells the activity
and when the WorkItem was queued. Neither repeats an argument, a callback or any key of ours, and one client id may
serve many programs and people. So a WorkItem of the same activity that was queued as we sent looks like ours, no more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from tui.errors import AskError
from tui.model import Connection, LostStart, Reference, Snapshot
from tui.vendors._read import Json
from tui.vendors.autodesk.calls import LISTED, moved_since
from tui.vendors.autodesk.names import outputs_of_body
from tui.vendors.contract import Session
from tui.vendors.contract.lost_starts import SKEW, Lookalike, Lookalikes, was_started_then

_KEPT = timedelta(days=3)
"""So long after its end a WorkItem is known (dossier 3.2)."""
_MOST = 500
_AT_ONCE = 50

AskMany = Callable[[Session, Sequence[Reference]], Awaitable[Mapping[str, Snapshot | AskError]]]


def lost_start(body: Json) -> LostStart:
    """What the WorkItem of this body would be known by: its activity."""
    return LostStart(kind=str(body["activityId"]), outputs=outputs_of_body(body))


async def find_start(
    session: Session, ask_many: AskMany, lost: LostStart, sent_at: datetime, known: Collection[str]
) -> Lookalikes:
    """The WorkItems of its activity that were queued then, by their status. Raises AskError."""
    age = session.clock.now() - sent_at
    if age > LISTED:
        return Lookalikes(gap="Autodesk lists the last five days only")
    moved = await moved_since(session, sent_at - 2 * SKEW)
    unknown = [Reference(one, outputs=lost.outputs) for one in moved.items if one not in known]
    found, untold = list[Lookalike](), 0
    for first in range(0, min(len(unknown), _MOST), _AT_ONCE):
        some = unknown[first : first + _AT_ONCE]
        told = await ask_many(session, some)
        untold += sum(isinstance(told[ref.id], AskError) for ref in some)
        found += [Lookalike(ref) for ref in some if _may_be(told[ref.id], lost, sent_at, session.connection)]
    gap = moved.gap
    if len(unknown) > _MOST:
        gap = f"more than {_MOST} others moved since"
    elif untold:
        gap = f"the status of {untold} that moved since cannot be told"
    elif age > _KEPT:
        gap = "Autodesk forgets a WorkItem three days after its end"
    return Lookalikes(tuple(found), gap)


def _may_be(told: Snapshot | AskError, lost: LostStart, sent_at: datetime, connection: Connection) -> bool:
    """Older answers lack the activity (dossier 3.2); what is not told does not speak against it."""
    if isinstance(told, AskError) or (told.title and _ownerless(told.title) != _ownerless(lost.kind)):
        return False
    return told.submitted_at is None or was_started_then(told.submitted_at, sent_at, connection)


def _ownerless(activity: str) -> str:
    """Activity and alias: an owner may be written as its nickname or as its client id."""
    return activity.partition(".")[2]
