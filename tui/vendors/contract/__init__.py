"""What a vendor must say about itself, and what it may ask for.

A vendor is pure at its heart: functions from a `Reply` to model objects. Around it stands a thin async part
that sends requests through the `Session` it is given. It never sees the screen, the store or the clock on the
wall; what it *can* do beyond the minimum is said by small protocols.
"""

from __future__ import annotations

from tui.vendors.contract.asking import (
    AsksMany,
    CountsBy,
    Discovers,
    Discovery,
    ExplainsWaits,
    Lags,
    Limited,
    NeedsClock,
    Reports,
    TellsKinds,
)
from tui.vendors.contract.changing import (
    Cancels,
    Order,
    PostsBack,
    RefrainsFromCancel,
    Resets,
    Submits,
    TitlesOrders,
)
from tui.vendors.contract.files import (
    Browses,
    ExplainsFiles,
    HandOver,
    HandsOver,
    Link,
    ListsArchives,
    NamesOutputs,
    Packed,
    Part,
    Reveals,
    Shelf,
)
from tui.vendors.contract.session import Reply, Session, retry_after, said_at
from tui.vendors.contract.vendor import ChoosesSecrets, LinksElsewhere, Pasted, Secrets, Vendor

__all__ = [
    "AsksMany",
    "Browses",
    "Cancels",
    "ChoosesSecrets",
    "CountsBy",
    "Discovers",
    "Discovery",
    "ExplainsFiles",
    "ExplainsWaits",
    "HandOver",
    "HandsOver",
    "Lags",
    "Limited",
    "Link",
    "LinksElsewhere",
    "ListsArchives",
    "NamesOutputs",
    "NeedsClock",
    "Order",
    "Packed",
    "Part",
    "Pasted",
    "PostsBack",
    "RefrainsFromCancel",
    "Reply",
    "Reports",
    "Resets",
    "Reveals",
    "Secrets",
    "Session",
    "Shelf",
    "Submits",
    "TellsKinds",
    "TitlesOrders",
    "Vendor",
    "retry_after",
    "said_at",
]
