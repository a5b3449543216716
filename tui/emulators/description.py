"""What the emulated world says of itself: the line that `jobdeck emulate --json` prints first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tui.emulators.site import SiteDescription


@dataclass(frozen=True, slots=True)
class WorldDescription:
    """All five vendors, by their words in config.toml."""

    sites: Mapping[str, SiteDescription]

    def __getitem__(self, vendor: str) -> SiteDescription:
        return self.sites[vendor]

    def to_json(self) -> str:
        """One line of JSON (CONTRACT section 6). It holds the secrets of the emulated accounts."""
        return json.dumps({vendor: _as_json(site) for vendor, site in self.sites.items()})


def _as_json(site: SiteDescription) -> dict[str, object]:
    document: dict[str, object] = {
        "base_url": site.base_url,
        "connection": dict(site.connection),
        "secrets": dict(site.secrets),
        "jobs": list(site.jobs),
    }
    for name, values in (("outputs", site.outputs), ("titles", site.titles)):
        if values:
            document[name] = list(values)
    if site.rsa_public_key is not None:
        document["rsa_public_key"] = site.rsa_public_key
    return document
