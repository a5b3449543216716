"""The calls of the emulated JAGGAER service, and of its authorization host."""

from __future__ import annotations

import json
import secrets
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Middleware

from tui.emulators.jaggaer import processes
from tui.emulators.jaggaer.processes import BUCKET, JaggaerOptions, Process, StartShape
from tui.emulators.roster import Roster
from tui.emulators.script import Run, Script
from tui.emulators.site import Arrival, Site, SiteDescription, Surroundings
from tui.emulators.spoiling import Spoiling
from tui.emulators.tokens import Tokens, basic, bearer

CLIENT_ID = "jobdeck-sourcing"
MEDIA_TYPE = "application/vnd.sciquest.com.ees+json"


class JaggaerSite(Site):
    """A JAGGAER EES host; `options` may be changed while it runs."""

    name = "jaggaer"

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self.options = JaggaerOptions()
        self.spoiling = Spoiling()
        self._told_late: set[str] = set()
        self.tokens = Tokens(self.time, 8 * processes.HOUR)
        self.access_token = secrets.token_hex(16)
        """A token that needs no client secret and lives until `revoke_tokens`."""
        self.processes: Roster[str, Process] = Roster(self.time, self.retention)
        self._client_secret = secrets.token_urlsafe(24)
        self._api_key = secrets.token_hex(20)
        self._submitted = 0
        self._cast: dict[str, str] = {}
        opening = processes.opening(around.rng(self.name))
        self._titles = tuple(job.title for job in opening.values())
        for role, job in opening.items():
            self._keep(job)
            url = self.status_url(job)
            self._cast[role] = json.dumps(self._started(job)) if role == "reply" else url

    def status_url(self, job: Process) -> str:
        """Where the process is asked for."""
        return f"{self.base_url}/asyncStatus/{quote(job.pid, safe='')}"

    def describe(self) -> SiteDescription:
        """How to reach it."""
        connection: dict[str, str | float] = {"vendor": self.name, "base_url": self.base_url, "client_id": CLIENT_ID}
        connection |= {"token_url": f"{self.base_url}/oauth/token", "min_interval": 0.5}
        found = {"client_secret": self._client_secret, "api_key": self._api_key}
        return SiteDescription(self.name, self.base_url, connection, found, dict(self._cast), titles=self._titles)

    def newcomer(self, number: int, born: float) -> Arrival:
        """Let one process of the stream appear."""
        job = processes.newcomer(self.around.rng(self.name, number), born)
        self._keep(job)
        return Arrival(self.name, self.status_url(job), title=job.title)

    def replace_result(self, pid: str) -> None:
        """Put another file behind the result's link of that process. Raises KeyError."""
        job = self.processes.find(pid)
        if job is None:
            raise KeyError(pid)
        processes.replace_result(self.store, job)

    def middlewares(self) -> list[Middleware]:
        """The switch that spoils answers."""
        return [self.spoiling.middleware()]

    def forget(self) -> None:
        """Drop old processes and their results."""
        for job in self.processes.forget():
            self._told_late.discard(job.pid)
            self.store.forget(BUCKET, job.key)

    def revoke_tokens(self) -> None:
        """End all logins at once."""
        self.tokens.revoke()
        self.access_token = secrets.token_hex(16)

    def routes(self) -> list[web.RouteDef]:
        """Its calls."""
        return [
            web.post("/oauth/token", self._token),
            web.get("/asyncStatus/{pid}", self._status),
            web.get("/{call:.+}/async", self._start),
            web.post("/{call:.+}/async", self._start),
        ]

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        login = basic(request.headers) or (form.get("client_id"), form.get("client_secret"))
        if login != (CLIENT_ID, self._client_secret):
            return web.json_response({"error": "invalid_client"}, status=401)
        token = self.tokens.issue()
        lifetime = int(self.tokens.lifetime)
        return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": lifetime})

    async def _status(self, request: web.Request) -> web.Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        job = self.processes.find(request.match_info["pid"])
        if job is None:
            return _error(404, "unknown process")
        if self.time.seconds() >= job.run.script.born + self.options.status_life:
            return _error(403, "the status URL has expired")
        document = processes.status(job, self.time, self.store, self.options)
        if self.options.late and document["status"] == "completed" and job.pid not in self._told_late:
            self._told_late.add(job.pid)
            self.store.hide(BUCKET, job.key, self.options.late)
        return web.json_response(document, content_type=MEDIA_TYPE)

    async def _start(self, request: web.Request) -> web.Response:
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        self._submitted += 1
        rng = self.around.rng(self.name, "submitted", self._submitted)
        job = processes.process(rng, Run(Script(self.time.seconds(), 0, (8.0,))), 250_000)
        self._keep(job)
        shape, headers = self.options.start_shape, {}
        document = self._started(job)
        if shape is not StartShape.URL:
            del document["asyncStatusUrl"]
        if shape is StartShape.PID:
            document["encodedAsyncPid"] = job.pid
        if shape is StartShape.LOCATION:
            headers["Location"] = self.status_url(job)
        return web.json_response(document, status=202, content_type=MEDIA_TYPE, headers=headers)

    def _started(self, job: Process) -> dict[str, object]:
        return {"asyncStatusUrl": self.status_url(job), "expiresInSeconds": self.options.status_life}

    def _keep(self, job: Process) -> None:
        self.processes.add(job.pid, job)
        processes.keep_result(self.store, job)

    def _refusal(self, request: web.Request) -> web.Response | None:
        token = bearer(request.headers)
        if token is None or (token != self.access_token and self.tokens.find(token) is None):
            return _error(401, "the token is missing or has expired")
        if request.headers.get("X-API-Key") != self._api_key:
            return _error(403, "the API key is not known")
        if self.options.strict and MEDIA_TYPE not in request.headers.get("Accept", ""):
            return _error(406, "not acceptable")
        return None


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"message": message}, status=status)
