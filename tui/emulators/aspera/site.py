"""The emulated Orchestrator: one operator, the work orders, and a download server."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Middleware

from tui.emulators.aspera import cast
from tui.emulators.aspera.calls import Calls
from tui.emulators.aspera.login import USER, Login
from tui.emulators.aspera.orders import COMPLETE, AsperaOptions, WorkOrder, order_state
from tui.emulators.roster import Roster
from tui.emulators.site import Arrival, Site, SiteDescription, Surroundings
from tui.emulators.spoiling import Spoiling

ROOT = "/aspera/orchestrator"
_DOWNLOADS = "/media"


class AsperaSite(Site):
    """An Orchestrator with one operator; `options` may be changed while it runs."""

    name = "aspera"

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self.options = AsperaOptions()
        self.spoiling = Spoiling()
        self.login = Login(self.time, self.options)
        self.orders: Roster[int, WorkOrder] = Roster(self.time, self.retention)
        self._maker = cast.Maker(f"{self.store.base_url}{_DOWNLOADS}")
        self._cast: dict[str, str] = {}
        for role, order in cast.opening(around.rng(self.name), self._maker).items():
            self.orders.add(order.id, order)
            self._cast[role] = self._ref(role, order)
        self._calls = Calls(around, self.orders, self._maker, self.login, self.options)

    def _ref(self, role: str, order: WorkOrder) -> str:
        """The order's REF, in different forms for different roles."""
        api = f"{self.base_url}{ROOT}/api"
        if role == "fasp":
            return f"{order.id}/{order.steps[-1].name}"
        if role == "parent":
            return f"step:{order.steps[1].id}"
        if role == "failing":
            return f"{api}/work_order_status/{order.id}?format=json"
        if role == "asking":
            return f"{api}/work_step_status/work_order?work_order_id={order.id}&step_name=approve"
        return str(order.id)

    def describe(self) -> SiteDescription:
        """How to reach it."""
        base_url = f"{self.base_url}{ROOT}"
        connection: dict[str, str | float] = {"vendor": self.name, "base_url": base_url, "username": USER}
        connection |= {"auth": "basic", "min_interval": 0.5}
        found = {"password": self.login.password, "api_key": self.login.api_key}
        return SiteDescription(self.name, base_url, connection, found, dict(self._cast))

    def newcomer(self, number: int, born: float) -> Arrival:
        """Let one order of the stream appear."""
        order = cast.newcomer(self.around.rng(self.name, number), self._maker, born)
        self.orders.add(order.id, order)
        return Arrival(self.name, str(order.id))

    def forget(self) -> None:
        """Drop old orders."""
        self.orders.forget()

    def revoke_tokens(self) -> None:
        """End all logins by token."""
        self.login.tokens.revoke()

    def routes(self) -> list[web.RouteDef]:
        """Its calls; each takes any method."""
        return self._calls.routes(f"{ROOT}/api")

    def middlewares(self) -> list[Middleware]:
        """The switch that spoils answers."""
        return [self.spoiling.middleware()]

    def inner_routes(self) -> list[web.RouteDef]:
        """What the site's download server has, for anybody who reaches it."""
        return [web.get(f"{_DOWNLOADS}/{{order:\\d+}}/{{file}}", self._download)]

    async def _download(self, request: web.Request) -> web.StreamResponse:
        order = self.orders.find(int(request.match_info["order"]))
        sums = order.files.get(request.match_info["file"]) if order else None
        state = order_state(order, order.run.beat(self.time.seconds()), self.options)[0] if order else ""
        if sums is None or state != COMPLETE:
            return web.Response(status=404, text="not found")
        return await self.store.sender.send(request, sums)
