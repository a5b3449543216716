"""The emulated Autodesk host: one client, its WorkItems and its bucket."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from tui.emulators import parcels
from tui.emulators.autodesk import workitems
from tui.emulators.autodesk.automation import REPORTS, Automation, debug_key
from tui.emulators.autodesk.callbacks import Callbacks
from tui.emulators.autodesk.catalogue import Catalogue
from tui.emulators.autodesk.gateway import CLIENT_ID, Gateway
from tui.emulators.autodesk.oss import Storage
from tui.emulators.autodesk.submitting import Submitting
from tui.emulators.autodesk.workitems import OWNER, AutodeskOptions, WorkItem
from tui.emulators.roster import Roster
from tui.emulators.site import Arrival, Site, SiteDescription, Surroundings


class AutodeskSite(Site):
    """`options` and the gateway's quotas may be changed while it runs."""

    name = "autodesk"
    retention = 3 * 86_400.0

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self.options = AutodeskOptions()
        self.gateway = Gateway(self.time)
        self.items: Roster[str, WorkItem] = Roster(self.time, self.retention)
        self.storage = Storage(around, self.gateway, self.items, self.options, self.sender)
        self.automation = Automation(around, self.gateway, self.items, self.options)
        self.catalogue = Catalogue(self.time, self.gateway, self.items)
        self._callbacks = Callbacks(self.time, self.automation.status)
        self._submitting = Submitting(around, self.gateway, self.options, self._callbacks, self._keep)
        self._cast: dict[str, str] = {}
        self._outputs: list[str] = []
        for role, job in workitems.opening(around.rng(self.name)).items():
            self._keep(job)
            url = f"{self.base_url}/da/us-east/v3/workitems/{job.id}"
            self._cast[role] = url if role in ("failing", "optional", "slow") else job.id
            self._outputs.append(job.object_name)

    def describe(self) -> SiteDescription:
        """How to reach it. One client may ask 100 times a minute, so it is asked less often than the others."""
        connection: dict[str, str | float] = {"vendor": self.name, "base_url": self.base_url, "client_id": CLIENT_ID}
        connection |= {"region": "us-east", "min_interval": 1.0}
        found = {"client_secret": self.gateway.client_secret}
        outputs = tuple(self._outputs)
        return SiteDescription(self.name, self.base_url, connection, found, dict(self._cast), outputs)

    def newcomer(self, number: int, born: float) -> Arrival:
        """Let one WorkItem of the stream appear."""
        job = workitems.newcomer(self.around.rng(self.name, number), born)
        self._keep(job)
        return Arrival(self.name, job.id, (job.object_name,))

    def forget(self) -> None:
        """Drop old WorkItems with their outputs and reports."""
        for job in self.items.forget():
            self.storage.forget(job)
            self.store.forget(REPORTS, f"workItem/{OWNER}/{job.id}/report.txt")
            self.store.forget(REPORTS, debug_key(job))

    def revoke_tokens(self) -> None:
        """End all logins at once."""
        self.gateway.tokens.revoke()

    def routes(self) -> list[web.RouteDef]:
        """Its calls."""
        login = web.post("/{slash:/?}authentication/v2/token", self.gateway.token)
        calls = (self.automation, self._submitting, self.catalogue, self.storage)
        return [login, *(route for rooms in calls for route in rooms.routes())]

    async def close(self) -> None:
        """Post no callback any more."""
        await self._callbacks.close()

    def swap(self, one: str) -> None:
        """Put another object, of another size, in the place of a WorkItem's output."""
        job = self.items.find(one)
        if job is not None:
            self.storage.forget(job)
            content = parcels.mesh(f"swapped {job.id}", job.id[:8], job.content.size // 2)
            self._keep(replace(job, content=content))

    def _keep(self, job: WorkItem) -> None:
        self.items.add(job.id, job)
        self.storage.keep(job)
        if job.has_debug:
            self.store.put(REPORTS, debug_key(job), parcels.mesh(f"debug {job.id}", "job-folder", 40_000))
