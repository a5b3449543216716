"""One connection to each of the five vendors, as config.toml would have them."""

from __future__ import annotations

from pathlib import Path

from tui import config

TEXT = """
[connections.aps]
vendor = "autodesk"
client_id = "app"
[connections.windfarm]
vendor = "enos"
base_url = "https://gateway.example"
access_key = "key"
org_id = "o1"
[connections.orchestrator]
vendor = "aspera"
base_url = "https://orchestrator.example/aspera/orchestrator"
username = "ops"
[connections.sourcing]
vendor = "jaggaer"
base_url = "https://ees.example"
[connections.plant]
vendor = "octoplant"
base_url = "https://localhost:64023"
username = "versiondog"
"""

SECRETS = {
    f"JOBDECK_SECRET_{name}": "canary-of-the-environment"
    for name in (
        *("APS_CLIENT_SECRET", "WINDFARM_SECRET_KEY", "ORCHESTRATOR_PASSWORD", "ORCHESTRATOR_API_KEY"),
        *("SOURCING_API_KEY", "SOURCING_ACCESS_TOKEN", "SOURCING_CLIENT_SECRET"),
        *("PLANT_PASSWORD", "PLANT_CLIENT_SECRET"),
    )
}


def five(more: str = "") -> config.Config:
    return config.parse(TEXT + more, Path("five.toml"))
