"""Starting WorkItems in the emulated Design Automation, one or many (dossier autodesk.md, sections 3.4 to 3.6)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

from aiohttp import web

from tui.emulators.autodesk import workitems
from tui.emulators.autodesk.callbacks import Callbacks
from tui.emulators.autodesk.gateway import Gateway
from tui.emulators.autodesk.workitems import BUCKET, OWNER, AutodeskOptions, WorkItem
from tui.emulators.script import Run
from tui.emulators.site import Surroundings

MOST_AT_ONCE = 100
_LARGEST = 16_384
_ACTIVITY = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\+[A-Za-z0-9_$-]+\Z")
_URN = re.compile(r"urn:adsk\.objects:os\.object:([-_.a-z0-9]{3,128})/(.+)\Z", re.DOTALL)


class Submitting:
    """The calls that start WorkItems; `keep` is told of each."""

    def __init__(
        self,
        around: Surroundings,
        gateway: Gateway,
        options: AutodeskOptions,
        callbacks: Callbacks,
        keep: Callable[[WorkItem], None],
    ) -> None:
        self._around = around
        self._time = around.time
        self._gateway = gateway
        self._options = options
        self._callbacks = callbacks
        self._keep = keep
        self._submitted = 0

    def routes(self) -> list[web.RouteDef]:
        """Its calls."""
        root = "/{slash:/?}da/us-east/v3/workitems"
        guard, quota = self._gateway.guard, self._gateway.automation_quota
        return [
            web.post(root, guard("code:all", quota, self._one)),
            web.post(f"{root}/batch", guard("code:all", quota, self._many)),
        ]

    async def _one(self, request: web.Request) -> web.Response:
        checked = _checked(await _read(request))
        return checked if isinstance(checked, web.Response) else web.json_response(self._start(checked))

    async def _many(self, request: web.Request) -> web.Response:
        bodies = await _read(request, MOST_AT_ONCE)
        if not isinstance(bodies, list) or not 1 <= len(bodies) <= MOST_AT_ONCE:
            return web.json_response({"workItems": [f"An array of 1 to {MOST_AT_ONCE} is needed."]}, status=400)
        orders = []
        for checked in map(_checked, bodies):
            if isinstance(checked, web.Response):
                return checked
            orders.append(checked)
        if len({order["activityId"] for order in orders}) > 1:
            return web.json_response({"activityId": ["All WorkItems must have the same activity."]}, status=400)
        started = [self._start(order) for order in orders]
        return web.json_response(started if len(started) > 1 else started[0])

    def _start(self, body: workitems.Json) -> workitems.Json:
        arguments = body.get("arguments")
        named = arguments if isinstance(arguments, dict) else {}
        debug = named.get("adskDebug")
        job = self._make(str(body["activityId"]), _outputs(named))
        job = replace(job, has_debug=isinstance(debug, dict) and debug.get("uploadJobFolder") is True)
        self._keep(job)
        self._callbacks.follow(job, _address(named, "onComplete"), _address(named, "onProgress"))
        status = workitems.status(job, self._time, self._options)
        return {name: status[name] for name in ("status", "stats", "id")}

    def _make(self, activity: str, outputs: list[tuple[str, str]]) -> WorkItem:
        """A WorkItem that delivers to the first wished output; it fails if the bucket is not ours."""
        self._submitted += 1
        rng = self._around.rng("autodesk", "submitted", self._submitted)
        ends_as = "success" if all(bucket == BUCKET for bucket, _ in outputs) else "failedUpload"
        run = Run(workitems.script(self._time.seconds(), 2.0, 6.0, ends_as))
        made = workitems.workitem(rng, run, 300_000, ends_as=ends_as, activity=activity)
        bucket, key = outputs[0] if outputs else (BUCKET, made.key)
        return WorkItem(made.id, activity, run, key, made.content, ends_as, bucket=bucket)


async def _read(request: web.Request, most: int = 1) -> object:
    """The body, None for what is not JSON. Refuses one that is too large for so many WorkItems."""
    raw = await request.read()
    if len(raw) > _LARGEST * most:
        raise web.HTTPRequestEntityTooLarge(_LARGEST * most, len(raw))
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _checked(body: object) -> workitems.Json | web.Response:
    """The order, or why it is refused."""
    if not isinstance(body, dict):
        return web.json_response({"body": ["The body is not a JSON object."]}, status=400)
    activity = body.get("activityId")
    match = _ACTIVITY.match(activity) if isinstance(activity, str) else None
    if match is None:
        return web.json_response({"activityId": ["A qualified Owner.Activity+alias is needed."]}, status=400)
    if match.group(1) != OWNER:
        text = f"User={OWNER} cannot access a resource owned by Owner={match.group(1)}."
        return web.json_response(text, status=403)
    return body


def _address(arguments: workitems.Json, name: str) -> str | None:
    callback = arguments.get(name)
    url = callback.get("url") if isinstance(callback, dict) else None
    return url if isinstance(url, str) else None


def _outputs(arguments: workitems.Json) -> list[tuple[str, str]]:
    """Bucket and key of each output that is an OSS URN."""
    found = []
    for argument in arguments.values():
        if isinstance(argument, dict) and argument.get("verb") in ("put", "post", "patch"):
            match = _URN.match(str(argument.get("url", "")))
            if match:
                found.append((match.group(1), match.group(2)))
    return found
