"""The calls of the emulated Design Automation (dossier autodesk.md, section 3)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from aiohttp import web

from tui.emulators.autodesk import workitems
from tui.emulators.autodesk.gateway import Gateway
from tui.emulators.autodesk.report import report
from tui.emulators.autodesk.workitems import BUCKET, OWNER, AutodeskOptions, WorkItem
from tui.emulators.content import TextContent
from tui.emulators.roster import Roster
from tui.emulators.script import Run
from tui.emulators.site import Surroundings

MOST_AT_ONCE = 50
REPORT_LIFE = 3600
REPORTS = "das-reports"
_LARGEST = 16_384
_PAGE = 20
_OLDEST = 5 * 86_400
_ACTIVITY = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\+[A-Za-z0-9_-]+\Z")
_URN = re.compile(r"urn:adsk\.objects:os\.object:([-_.a-z0-9]{3,128})/(.+)\Z", re.DOTALL)


class Automation:
    """The WorkItem calls; `keep` is told of WorkItems that are submitted."""

    def __init__(
        self,
        around: Surroundings,
        gateway: Gateway,
        items: Roster[str, WorkItem],
        options: AutodeskOptions,
        keep: Callable[[WorkItem], None],
    ) -> None:
        self._around = around
        self._time = around.time
        self._gateway = gateway
        self._items = items
        self._options = options
        self._keep = keep
        self._submitted = 0

    def routes(self) -> list[web.RouteDef]:
        """Its calls."""
        root = "/{slash:/?}da/us-east/v3/workitems"
        guard, quota = self._gateway.guard, self._gateway.automation_quota
        return [
            web.get(root, guard("code:all", quota, self._list)),
            web.post(root, guard("code:all", quota, self._submit)),
            web.post(f"{root}/status", guard("code:all", quota, self._many)),
            web.get(f"{root}/{{id}}", guard("code:all", quota, self._one)),
            web.delete(f"{root}/{{id}}", guard("code:all", quota, self._cancel)),
        ]

    async def _one(self, request: web.Request) -> web.Response:
        job = self._items.find(request.match_info["id"])
        return web.json_response(self._status(job)) if job else web.Response(status=404)

    async def _many(self, request: web.Request) -> web.Response:
        try:
            ids = json.loads(await request.read())
        except ValueError:
            ids = None
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            return web.json_response({"workItemIds": ["The body must be an array of ids."]}, status=400)
        if len(ids) > MOST_AT_ONCE:
            return web.json_response({"workItemIds": [f"At most {MOST_AT_ONCE} ids are allowed."]}, status=400)
        found = [job for job in map(self._items.find, sorted(set(ids))) if job]
        known = {job.id for job in found}
        errors = {one: "Not found" for one in ids if one not in known}
        return web.json_response({"results": [self._status(job) for job in found], "errors": errors})

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
        job.run.cancel(self._time.seconds())
        return web.Response(status=204)

    async def _submit(self, request: web.Request) -> web.Response:
        raw = await request.read()
        if len(raw) > _LARGEST:
            return web.Response(status=413)
        try:
            body = json.loads(raw)
        except ValueError:
            return web.json_response({"body": ["The body is not JSON."]}, status=400)
        activity = body.get("activityId") if isinstance(body, dict) else None
        match = _ACTIVITY.match(activity) if isinstance(activity, str) else None
        if match is None:
            return web.json_response({"activityId": ["A qualified Owner.Activity+alias is needed."]}, status=400)
        if match.group(1) != OWNER:
            text = f"User={OWNER} cannot access a resource owned by Owner={match.group(1)}."
            return web.json_response(text, status=403)
        job = self._make(match.group(0), _outputs(body.get("arguments")))
        self._keep(job)
        status = workitems.status(job, self._time, self._options)
        return web.json_response({name: status[name] for name in ("status", "stats", "id")})

    def _make(self, activity: str, outputs: list[tuple[str, str]]) -> WorkItem:
        """A WorkItem that delivers to the first wished output; it fails if the bucket is not ours."""
        self._submitted += 1
        rng = self._around.rng("autodesk", "submitted", self._submitted)
        ends_as = "success" if all(bucket == BUCKET for bucket, _ in outputs) else "failedUpload"
        run = Run(workitems.script(self._time.seconds(), 2.0, 6.0, ends_as))
        made = workitems.workitem(rng, run, 300_000, ends_as=ends_as, activity=activity)
        bucket, key = outputs[0] if outputs else (BUCKET, made.key)
        return WorkItem(made.id, activity, run, key, made.content, ends_as, bucket=bucket)

    def _status(self, job: WorkItem) -> workitems.Json:
        """The status document; its report's link is signed anew each time."""
        document = workitems.status(job, self._time, self._options)
        beat = job.run.beat(self._time.seconds())
        if beat.phase.is_over:
            store = self._around.store
            key = f"workItem/{OWNER}/{job.id}/report.txt"
            if store.find(REPORTS, key) is None:
                text = report(job, beat, self._time, store)
                store.put(REPORTS, key, TextContent("report.txt", text.encode()))
            document["reportUrl"] = store.presign(REPORTS, key, expires=REPORT_LIFE)
        return document

    def _last_change(self, job: WorkItem) -> int:
        beat = job.run.beat(self._time.seconds())
        latest = beat.ended if beat.ended is not None else max([job.run.script.born, *beat.entered])
        return int(self._time.moment(latest).timestamp())


def _outputs(arguments: object) -> list[tuple[str, str]]:
    """Bucket and key of each output that is an OSS URN."""
    found = []
    for argument in arguments.values() if isinstance(arguments, dict) else ():
        if isinstance(argument, dict) and argument.get("verb") in ("put", "post", "patch"):
            match = _URN.match(str(argument.get("url", "")))
            if match:
                found.append((match.group(1), match.group(2)))
    return found
