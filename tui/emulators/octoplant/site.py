"""The calls of the emulated octoplant server."""

from __future__ import annotations

import json
import secrets
from http import HTTPStatus
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from tui.emulators.octoplant import orders
from tui.emulators.octoplant.orders import Archive, OctoplantOptions, Order, SpoiltArchive
from tui.emulators.roster import Roster
from tui.emulators.script import Phase, Script
from tui.emulators.site import Arrival, Site, SiteDescription, Surroundings
from tui.emulators.tokens import Account, Tokens, bearer

USER = "versiondog"
CLIENT_ID = "public-api"
CLIENT_SECRET = "ff99971a-f8c3-4d21-5345-f7cb021b4b54"  # noqa: S105  # the constant that the vendor publishes
_HTTP_OF_GRPC = {3: 400, 5: 404, 9: 400, 12: 501, 13: 500, 14: 503, 16: 401}
CONTENT_NAMES = (
    *("projectTree", "jobList", "jobResults", "unequalJobResults", "userManagement", "componentTypes", "componentLog"),
    *("eventLog", "adminLog", "standardLibraryManagement", "componentsWithStdLibAssignments", "assetState"),
    "usageInformation",
)
"""What an order may ask for (section 3.1)."""


class OctoplantSite(Site):
    """An octoplant server with one account; `options` may be changed while it runs."""

    name = "octoplant"

    def __init__(self, around: Surroundings, ca_file: Path) -> None:
        super().__init__(around)
        self.options = OctoplantOptions()
        self._password = secrets.token_urlsafe(12)
        self.account = Account(USER, self._password)
        self.tokens = Tokens(self.time, 3600)
        self.personal_token = secrets.token_hex(24)
        """A personal access token of the account; not ended by `revoke_tokens`."""
        self.orders: Roster[str, Order] = Roster(self.time, self.retention)
        self._ca_file = ca_file
        self._submitted = 0
        self._cast: dict[str, str] = {}
        opening = orders.opening(around.rng(self.name))
        self._titles = tuple(job.title for job in opening.values())
        for role, job in opening.items():
            self.orders.add(job.name, job)
            self._cast[role] = self._ref(role, job)

    def _ref(self, role: str, job: Order) -> str:
        """The job's REF, in different forms for different roles."""
        if role == "tree":
            return f"{self.base_url}/v1/order/{job.name}"
        if role == "failing":
            return json.dumps(orders.operation(job, job.run.beat(0), self.options))
        return job.name

    def describe(self) -> SiteDescription:
        """How to reach it."""
        connection: dict[str, str | float] = {"vendor": self.name, "base_url": self.base_url, "username": USER}
        connection |= {"ca_file": str(self._ca_file), "min_interval": 0.5}
        found = {"password": self._password, "client_secret": CLIENT_SECRET}
        return SiteDescription(self.name, self.base_url, connection, found, dict(self._cast), titles=self._titles)

    def newcomer(self, number: int, born: float) -> Arrival:
        """Let one order of the stream appear."""
        job = orders.newcomer(self.around.rng(self.name, number), born)
        self.orders.add(job.name, job)
        return Arrival(self.name, job.name, title=job.title)

    def forget(self) -> None:
        """Drop old orders."""
        self.orders.forget()

    def revoke_tokens(self) -> None:
        """Forget all logins, as a restart of the master service does."""
        self.tokens.revoke()

    def middlewares(self) -> list[Middleware]:
        """gRPC's words for unknown paths and wrong verbs."""
        return [_grpc_routing]

    def routes(self) -> list[web.RouteDef]:
        """Its calls."""
        return [
            web.post("/v1/oauth2/token", self._token),
            web.get("/v1/status/api_version", self._version),
            web.get("/v1/status/maintenance_mode", self._maintenance),
            web.post("/v1/order", self._signed_in(self._create)),
            web.get("/v1/order/{name}", self._signed_in(self._poll)),
            web.post("/v1/order/{name}/cancel", self._signed_in(self._cancel)),
            web.get("/v1/order/{name}/download", self._signed_in(self._download)),
        ]

    def _signed_in(self, handler: Handler) -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            token = bearer(request.headers)
            if token != self.personal_token and (token is None or self.tokens.find(token) is None):
                return self._error(16, "token is invalid or expired")
            return await handler(request)

        return checked

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        if fields.get("grant_type") != "password":
            return _oauth_error("unsupported_grant_type", "grant_type must be password", 400)
        if (fields.get("client_id"), fields.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _oauth_error("invalid_client", "unknown client", 401)
        if not self.account.admits(fields.get("username", ""), fields.get("password", "")):
            text = "account is locked" if self.account.is_locked else "wrong user name or password"
            return _oauth_error("invalid_grant", text, 400)
        reply: dict[str, object] = {"access_token": self.tokens.issue()}
        if not self.options.bare_tokens:
            more = {"token_type": "Bearer", "expires_in": int(self.tokens.lifetime)}
            reply |= {**more, "refresh_token": secrets.token_hex(16)}
        return web.json_response(reply)

    async def _version(self, _: web.Request) -> web.Response:
        return web.json_response({"version": "1.2"})

    async def _maintenance(self, _: web.Request) -> web.Response:
        active = self.options.maintenance
        return web.json_response({"active": active, "reason": "nightly backup" if active else ""})

    async def _create(self, request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.read())
        except ValueError:
            return self._error(3, "the body is not JSON")
        contents = body.get("exportContents") if isinstance(body, dict) else None
        if not isinstance(contents, dict) or not contents:
            return self._error(3, "exportContents must name at least one content")
        unknown = next((name for name in contents if name not in CONTENT_NAMES), None)
        if unknown is not None:
            return self._error(3, f'unknown field "{unknown}"')
        if self.options.maintenance:
            return self._error(14, "the service is unavailable")
        self._submitted += 1
        rng = self.around.rng(self.name, "submitted", self._submitted)
        stages = tuple(rng.uniform(2, 6) for _ in contents)
        job = orders.order(rng, Script(self.time.seconds(), 2.0, stages), 200_000 * len(contents))
        self.orders.add(job.name, job)
        return self._operation(job)

    async def _poll(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        job = self.orders.find(name)
        if job is not None:
            return self._operation(job)
        if self.options.unknown_is_unspecified:
            return web.json_response(orders.unspecified(name))
        return self._error(5, f"order {name} was not found")

    async def _cancel(self, request: web.Request) -> web.Response:
        job = self.orders.find(request.match_info["name"])
        if job is None:
            return self._error(5, "order was not found")
        if not job.run.cancel(self.time.seconds()):
            return self._error(9, "order is finished already")
        return web.json_response({})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        job = self.orders.find(request.match_info["name"])
        if job is None:
            return self._error(5, "order was not found", stream=True)
        if job.run.beat(self.time.seconds()).phase is not Phase.SUCCEEDED:
            return self._error(9, "order has no result to download", stream=True)
        how = self.options.archive
        if how is Archive.ERROR_FIRST:
            return self._error(13, "the archive cannot be packed", stream=True)
        content = job.content if how is Archive.WHOLE else SpoiltArchive(job.content, how)
        return await self.sender.stream(request, content)

    def _error(self, code: int, message: str, *, stream: bool = False) -> web.Response:
        return grpc_error(code, message, stream=stream, older=self.options.older_gateway)

    def _operation(self, job: Order) -> web.Response:
        return web.json_response(orders.operation(job, job.run.beat(self.time.seconds()), self.options))


def grpc_error(code: int, message: str, *, stream: bool = False, older: bool = False) -> web.Response:
    """An error as grpc-gateway writes it; one level deeper for streams, otherwise by a v1 gateway (section 4)."""
    http = HTTPStatus(_HTTP_OF_GRPC[code])
    status: dict[str, object] = {"code": code, "message": message, "details": []}
    if older:
        deep = {"grpc_code": code, "http_code": http, "message": message, "http_status": http.phrase}
        body: dict[str, object] = {"error": deep} if stream else {"error": message, "code": code, "message": message}
    else:
        body = {"error": status} if stream else status
    headers = {"WWW-Authenticate": message} if code == 16 else {}
    return web.json_response(body, status=http, headers=headers)


def _oauth_error(error: str, text: str, status: int) -> web.Response:
    return web.json_response({"error": error, "error_description": text}, status=status)


@web.middleware
async def _grpc_routing(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return grpc_error(5, HTTPStatus(404).phrase)
    except web.HTTPMethodNotAllowed:
        return grpc_error(12, HTTPStatus(405).phrase)
