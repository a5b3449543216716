"""Asking, listing and cancelling in the emulated Design Automation (dossier autodesk.md, section 3)."""

from __future__ import annotations

import json

from aiohttp import web

from tui.emulators.autodesk import workitems
from tui.emulators.autodesk.gateway import Gateway
from tui.emulators.autodesk.report import report
from tui.emulators.autodesk.workitems import OWNER, AutodeskOptions, WorkItem
from tui.emulators.content import TextContent
from tui.emulators.roster import Roster
from tui.emulators.site import Surroundings

MOST_AT_ONCE = 50
REPORT_LIFE = 3600
REPORTS = "das-reports"
_PAGE = 20
_OLDEST = 5 * 86_400


class Automation:
    """Asking for WorkItems, listing and cancelling them."""

    def __init__(
        self,
        around: Surroundings,
        gateway: Gateway,
        items: Roster[str, WorkItem],
        options: AutodeskOptions,
    ) -> None:
        self._around = around
        self._time = around.time
        self._gateway = gateway
        self._items = items
        self._options = options

    def routes(self) -> list[web.RouteDef]:
        """Its calls."""
        root = "/{slash:/?}da/us-east/v3/workitems"
        guard, quota = self._gateway.guard, self._gateway.automation_quota
        return [
            web.get(root, guard("code:all", quota, self._list)),
            web.post(f"{root}/status", guard("code:all", quota, self._many)),
            web.get(f"{root}/{{id}}", guard("code:all", quota, self._one)),
            web.delete(f"{root}/{{id}}", guard("code:all", quota, self._cancel)),
        ]

    async def _one(self, request: web.Request) -> web.Response:
        job = self._items.find(request.match_info["id"])
        return web.json_response(self.status(job)) if job else web.Response(status=404)

    async def _many(self, request: web.Request) -> web.Response:
        try:
            ids = json.loads(await request.read())
        except ValueError:
            ids = None
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            return web.json_response({"workItemIds": ["The body must be an array of ids."]}, status=400)
        if len(ids) > MOST_AT_ONCE:
            return web.json_response({"workItemIds": [f"At most {MOST_AT_ONCE} ids are allowed."]}, status=400)
        now = self._time.seconds() - self._options.lag
        found = [job for job in map(self._items.find, sorted(set(ids))) if job and job.run.script.born <= now]
        known = {job.id for job in found}
        errors = {one: "Not found" for one in ids if one not in known}
        return web.json_response({"results": [self.status(job, now) for job in found], "errors": errors})

    async def _list(self, request: web.Request) -> web.Response:
        text = request.query.get("startAfterTime", "")
        now = self._time.now().timestamp()
        if not text.isdecimal() or not now - _OLDEST <= int(text) <= now + 86_400:
            return web.json_response({"startAfterTime": ["Seconds within the last 5 days are needed."]}, status=400)
        changed = [(job.id, self._last_change(job)) for job in self._items]
        listed = [{"id": one, "lastModifiedInUTCEpochSecond": at} for one, at in changed if at > int(text)]
        page = request.query.get("page", "0")
        first = int(page) if page.isdecimal() else 0
        rest = len(listed) > first + _PAGE
        token = str(first + _PAGE) if rest else None
        return web.json_response({"paginationToken": token, "data": listed[first : first + _PAGE]})

    async def _cancel(self, request: web.Request) -> web.Response:
        job = self._items.find(request.match_info["id"])
        if job is None:
            return web.Response(status=404)
        if self._options.cancel_conflicts:
            return web.json_response("The WorkItem cannot be cancelled now.", status=409)
        job.run.cancel(self._time.seconds())
        return web.Response(status=204)

    def status(self, job: WorkItem, now: float | None = None) -> workitems.Json:
        """The status document as of `now`; its report's link is signed anew each time, the debug archive's never."""
        now = self._time.seconds() if now is None else now
        document = workitems.status(job, self._time, self._options, now)
        store = self._around.store
        beat = job.run.beat(now)
        if beat.phase.is_over:
            key = f"workItem/{OWNER}/{job.id}/report.txt"
            if store.find(REPORTS, key) is None:
                text = report(job, beat, self._time, store)
                store.put(REPORTS, key, TextContent("report.txt", text.encode()))
            dead = self._time.moment(now - REPORT_LIFE - 1) if self._options.dead_links else None
            document["reportUrl"] = store.presign(REPORTS, key, expires=REPORT_LIFE, at=dead)
        if job.has_debug:
            submitted = self._time.moment(job.run.script.born)
            document["debugInfoUrl"] = store.presign(REPORTS, debug_key(job), expires=REPORT_LIFE, at=submitted)
        return document

    def _last_change(self, job: WorkItem) -> int:
        beat = job.run.beat(self._time.seconds())
        latest = beat.ended if beat.ended is not None else max([job.run.script.born, *beat.entered])
        return int(self._time.moment(latest).timestamp())


def debug_key(job: WorkItem) -> str:
    """Where the archive of a WorkItem's folder lies."""
    return f"workItem/{OWNER}/{job.id}/debug.zip"
