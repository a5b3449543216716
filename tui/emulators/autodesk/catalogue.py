"""Activities and engines of the emulated Design Automation (dossier autodesk.md, section 3.5)."""

from __future__ import annotations

import math
from collections.abc import Iterable

from aiohttp import web

from tui.emulators.autodesk.gateway import Gateway
from tui.emulators.autodesk.workitems import OWNER, WorkItem
from tui.emulators.worldtime import WorldTime

WINDOW = 300.0
"""Seconds that an engine's queue times are told of."""
_ENGINES = {
    "3dsMax": "Autodesk.3dsMax+2024",
    "AutoCAD": "Autodesk.AutoCAD+24_3",
    "Fusion": "Autodesk.Fusion+Latest",
    "Inventor": "Autodesk.Inventor+2024",
    "Revit": "Autodesk.Revit+2024",
}
_PRODUCTS = {"RenderDwg": "AutoCAD", "RevitToIfc": "Revit", "InventorBom": "Inventor"}


class Catalogue:
    """What WorkItems run on, and how long they queue for it. `health` may be changed while it runs."""

    def __init__(self, time: WorldTime, gateway: Gateway, items: Iterable[WorkItem]) -> None:
        self.health = "Operational"
        self._time = time
        self._gateway = gateway
        self._items = items

    def routes(self) -> list[web.RouteDef]:
        """Its calls."""
        root = "/{slash:/?}da/us-east/v3"
        guard, quota = self._gateway.guard, self._gateway.automation_quota
        return [
            web.get(f"{root}/activities/{{id}}", guard("code:all", quota, self._activity)),
            web.get(f"{root}/health/{{engine}}", guard("code:all", quota, self._health)),
            web.get(f"{root}/health/{{engine}}/stats", guard("code:all", quota, self._queue)),
        ]

    async def _activity(self, request: web.Request) -> web.Response:
        named = request.match_info["id"]
        owner, dot, rest = named.partition(".")
        if not dot or "+" not in rest:
            return web.json_response({"id": ["A qualified Owner.Activity+alias is needed."]}, status=400)
        if owner != OWNER:
            text = f"User={OWNER} cannot access a resource owned by Owner={owner}."
            return web.json_response(text, status=403)
        line = ['$(engine.path)\\engine.exe "$(args[InputFile].path)"']
        return web.json_response({"id": named, "version": 1, "engine": _ENGINES[_product(named)], "commandLine": line})

    async def _health(self, request: web.Request) -> web.Response:
        if request.match_info["engine"] not in _ENGINES:
            return web.Response(status=404)
        return web.json_response({"Status": self.health})

    async def _queue(self, request: web.Request) -> web.Response:
        product, now = request.match_info["engine"], self._time.seconds()
        if product not in _ENGINES:
            return web.Response(status=404)
        scripts = [job.run.script for job in self._items if _product(job.activity) == product]
        waits = sorted(script.wait * 1000 for script in scripts if now - WINDOW <= script.starts <= now)
        half, most = _percentile(waits, 50), _percentile(waits, 95)
        return web.json_response({"p50QueueTimeMs": half, "p95QueueTimeMs": most})


def _product(activity: str) -> str:
    name = activity.partition(".")[2].partition("+")[0]
    return _PRODUCTS.get(name, "3dsMax")


def _percentile(values: list[float], percent: int) -> int:
    """By the nearest rank; -1 where nothing ran."""
    return round(values[math.ceil(len(values) * percent / 100) - 1]) if values else -1
