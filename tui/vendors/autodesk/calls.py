"""Where Design Automation's calls are, and its list of WorkItems page by page (dossier sections 1 and 3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from tui.vendors.autodesk.lists import read_moved
from tui.vendors.autodesk.names import DEFAULT_REGION
from tui.vendors.contract import Discovery, Session
from tui.vendors.contract.lost_starts import clocks_apart

LISTED = timedelta(days=5) - timedelta(minutes=5)
"""How far back WorkItems are listed, less a margin: the two clocks may differ and the answer takes a while."""
_MOST_PAGES = 30


@dataclass(frozen=True, slots=True)
class Moved:
    """The WorkItems that moved after a time, by id; `gap` is why there may be more of them, in a few words."""

    items: Mapping[str, Discovery]
    gap: str | None = None


def automation(session: Session, *path: str) -> str:
    """The path of a call of Design Automation."""
    region = session.connection.option("region") or DEFAULT_REGION
    return "/".join(("/da", quote(region, safe=""), "v3", *(quote(part, safe="") for part in path)))


def workitems(session: Session, *path: str) -> str:
    """The path of a call about WorkItems."""
    return automation(session, "workitems", *path)


async def moved_since(session: Session, begin: datetime) -> Moved:
    """All pages of the list, up to thirty; `begin` is at most LISTED ago. Raises AskError."""
    query = {"startAfterTime": str(int(begin.timestamp()))}  # seconds, not milliseconds (trap 21)
    found: dict[str, Discovery] = {}
    seen: set[str] = set()
    for _ in range(_MOST_PAGES):
        reply = await session.send("GET", workitems(session), query=query)
        page, token = read_moved(reply)
        found |= {one.reference.id: one for one in page}
        if token is None:
            return Moved(found, clocks_apart(reply))
        if token in seen:
            break
        seen.add(token)
        query = {**query, "page": token}
    return Moved(found, "its list has no end")
