"""The calls of the emulated EnOS gateway, and of the inner host that its download links name."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import replace

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from tui.emulators.enos import tasks
from tui.emulators.enos.gateway import Gateway
from tui.emulators.enos.tasks import CHANNELS, EnosOptions, Task
from tui.emulators.posting import Posting, next_look, post
from tui.emulators.roster import Roster
from tui.emulators.script import Script
from tui.emulators.sending import Sender
from tui.emulators.site import Arrival, Site, SiteDescription, Surroundings

ACCESS_KEY = "0a1b2c3d-4e5f-4678-9abc-def012345678"
ORG_ID = "o17000000000001"
PREFIX = "/data-federation/v2.0"
_TASK = "/channels/read/{channel}/download/{task}"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_CREATE_FIELDS = ("taskName", "sourceName", "querySql", "filePackageName")


class EnosSite(Site):
    """An EnOS gateway with one organisation; `options` and `gateway.options` may be changed while it runs."""

    name = "enos"

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self.options = EnosOptions()
        # The vendor's Python SDK reads a number out of the second group.
        self._secret_key = "-".join(secrets.token_hex(size) for size in (4, 2, 2, 2, 6))
        self.gateway = Gateway(self.time, ACCESS_KEY, self._secret_key)
        self.tasks: Roster[tuple[str, str], Task] = Roster(self.time, self.retention)
        self._submitted = 0
        self._posting = Posting()
        self._cast: dict[str, str] = {}
        opening = tasks.opening(around.rng(self.name))
        self._titles = tuple(job.title for job in opening.values())
        for role, job in opening.items():
            self.tasks.add((job.channel, job.id), job)
            self._cast[role] = self._ref(role, job)

    def _ref(self, role: str, job: Task) -> str:
        """The task's REF, in different forms for different roles."""
        if role in ("failing", "slow"):
            return f"{self.base_url}{PREFIX}{job.path}/status?orgId={ORG_ID}"
        if role == "done":
            return f"{self.base_url}{PREFIX}{job.path}/data?orgId={ORG_ID}"
        return f"{job.channel}/{job.id}"

    def describe(self) -> SiteDescription:
        """How to reach it."""
        connection: dict[str, str | float] = {"vendor": self.name, "base_url": self.base_url}
        connection |= {"access_key": ACCESS_KEY, "org_id": ORG_ID, "min_interval": 0.5}
        found = {"secret_key": self._secret_key}
        site = SiteDescription(self.name, self.base_url, connection, found, dict(self._cast), titles=self._titles)
        return replace(site, rsa_public_key=self.gateway.rsa.public_key) if self.gateway.rsa else site

    def newcomer(self, number: int, born: float) -> Arrival:
        """Let one task of the stream appear."""
        job = tasks.newcomer(self.around.rng(self.name, number), born)
        self.tasks.add((job.channel, job.id), job)
        return Arrival(self.name, f"{job.channel}/{job.id}", title=job.title)

    async def close(self) -> None:
        """Post no callback any more."""
        await self._posting.close()

    def forget(self) -> None:
        """Drop old tasks."""
        self.tasks.forget()

    def revoke_tokens(self) -> None:
        """End the application's token."""
        self.gateway.tokens.revoke()

    def middlewares(self) -> list[Middleware]:
        """The gateway's own time."""
        return [self.gateway.dating()]

    def routes(self) -> list[web.RouteDef]:
        """Its calls."""
        create = f"{PREFIX}/channels/read/{{channel}}/download-request"
        return [
            *self.gateway.routes(),
            web.get(f"{PREFIX}/channels", self._signed(self._channels)),
            web.post(create, self._signed(self._create)),
            web.get(f"{PREFIX}{_TASK}/status", self._signed(self._on_task(self._status))),
            web.delete(f"{PREFIX}{_TASK}", self._signed(self._on_task(self._cancel))),
            web.get(f"{PREFIX}{_TASK}/data", self._signed(self._data_by(self.sender))),
        ]

    def inner_routes(self) -> list[web.RouteDef]:
        """What the host of the download links serves: files, to anybody who reaches it."""
        return [web.get(f"{_TASK}/data", self._data_by(self.store.sender))]

    def _signed(self, handler: Handler) -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            refusal = await self.gateway.refusal(request)
            if refusal is not None:
                return refusal
            if self.options.internal_error:
                return self._reply(81500, "internal error")
            if request.query.get("orgId") != ORG_ID:
                return self._reply(81400, "orgId does not belong to the application")
            return await handler(request)

        return checked

    def _on_task(self, answer: Callable[[Task], web.Response]) -> Handler:
        async def found(request: web.Request) -> web.StreamResponse:
            job = self._find(request)
            return answer(job) if job else self._reply(81404, "channel or task does not exist")

        return found

    def _find(self, request: web.Request) -> Task | None:
        return self.tasks.find((request.match_info["channel"], request.match_info["task"]))

    async def _channels(self, request: web.Request) -> web.Response:
        kind = request.query.get("channelType", "DOWNLOAD")
        channels = [{"channelId": channel, "channelType": kind, "status": "started"} for channel in CHANNELS]
        return self._reply(0, "OK", channels if kind != "WRITE" else [])

    async def _create(self, request: web.Request) -> web.Response:
        channel = request.match_info["channel"]
        if channel not in CHANNELS:
            return self._reply(81404, "channel does not exist")
        if self.options.channels_stopped:
            return self._reply(81400, "the channel is not started")
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        if not isinstance(body, dict) or not all(isinstance(body.get(name), str) for name in _CREATE_FIELDS):
            return self._reply(81400, "a mandatory field is missing")
        self._submitted += 1
        rng = self.around.rng(self.name, "submitted", self._submitted)
        name = _UNSAFE.sub("_", body["filePackageName"])
        made = tasks.task(rng, Script(self.time.seconds(), 2.0, (6.0,)), 400_000, name=name)
        job = Task(channel, made.id, made.run, made.sums)
        self.tasks.add((channel, job.id), job)
        if isinstance(address := body.get("callbackURL"), str):
            self._posting.follow(self._call_back(job, address))
        return self._reply(0, "OK", {"taskId": job.id})

    async def _call_back(self, job: Task, address: str) -> None:
        while not job.run.beat(self.time.seconds()).phase.is_over:
            await next_look(job.run, self.time)
        await post(address, tasks.callback(job, self.time.seconds(), f"{self.store.base_url}{job.path}/data"))

    def _status(self, job: Task) -> web.Response:
        url = f"{self.store.base_url}{job.path}/data?orgId={ORG_ID}"
        return self._reply(0, "OK", tasks.status(job, self.time.seconds(), url, self.options))

    def _cancel(self, job: Task) -> web.Response:
        now = self.time.seconds()
        if not job.run.cancel(now):
            return self._reply(81400, "the task is finished already")
        code, text = (5, "cancelled") if self.options.cancel_at_once else (4, "cancelling")
        shown: object = code if self.options.numeric else str(code)
        return self._reply(0, "OK", {"taskId": job.id, "progressCode": shown, "progressDesc": text})

    def _data_by(self, sender: Sender) -> Handler:
        async def data(request: web.Request) -> web.StreamResponse:
            job = self._find(request)
            if job is None or tasks.progress(job, self.time.seconds())[0] != 3:
                return web.json_response({"code": 81404, "msg": "file does not exist", "data": None}, status=404)
            disposition = f'attachment; filename="{job.sums.content.file_name}"'
            return await sender.send(request, job.sums, headers={"Content-Disposition": disposition})

        return data

    def _reply(self, code: int, message: str, data: object = None) -> web.Response:
        document: dict[str, object] = {"code": code, "msg": message, "requestId": secrets.token_hex(8), "data": data}
        if self.options.without_request_id:
            del document["requestId"]
        return web.json_response(document)
