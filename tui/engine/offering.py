"""What each connection can do beyond asking for jobs, as far as config.toml and the vendors' own words tell."""

from __future__ import annotations

from collections.abc import Mapping

from tui import vendors
from tui.config import Config
from tui.engine.facts.jobs import Offers
from tui.engine.hand_over import fetcher_of
from tui.vendors.contract import Browses, Discovers, HandsOver, Submits


def offers_of(config: Config, environ: Mapping[str, str], *, read_only: bool) -> tuple[Offers, ...]:
    """One for each connection; without orders where nothing may be changed."""
    found = ((connection, vendors.load(connection.vendor)) for connection in config.connections.values())
    return tuple(
        Offers(
            connection=connection.name,
            vendor=connection.vendor,
            form=vendor.order_form if isinstance(vendor, Submits) and not read_only else None,
            discover=isinstance(vendor, Discovers),
            browse=isinstance(vendor, Browses),
            fetcher=fetcher_of(vendor, environ) if isinstance(vendor, HandsOver) else None,
        )
        for connection, vendor in found
    )
