"""Which connections a dialog can be about: those that can do what it is for, and how they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tui.engine.facts.jobs import Offers
from tui.model import ConnectionHealth


@dataclass(frozen=True, slots=True)
class Which:
    """One of these is to be chosen; `others` names the connections that cannot do it."""

    offers: Sequence[Offers]
    others: str
    chosen: str | None
    """The one under the cursor at first; None for no wish."""
    health: Mapping[str, ConnectionHealth]


def which_can(
    does: Callable[[Offers], bool],
    offers: Sequence[Offers],
    health: Mapping[str, ConnectionHealth],
    current: str | None,
) -> Which:
    """Those of the connections that do it; `current` is chosen, if it is one of them."""
    able = [offer for offer in offers if does(offer)]
    names = {offer.connection for offer in able}
    others = ", ".join(offer.connection for offer in offers if offer.connection not in names)
    return Which(able, others, current if current in names else None, health)
