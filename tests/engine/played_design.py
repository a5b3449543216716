"""A server that speaks as Autodesk's Design Automation does about lost submits: starting, listing, status."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

import httpx

from tests.clock import FakeClock
from tests.engine.five import SECRETS, five
from tui.engine.engine import Engine, Surroundings
from tui.engine.secrets.keyring_guard import GuardedKeyring

ACTIVITY = "acme.ExportFbx+prod"
BODY = json.dumps(
    {
        "activityId": ACTIVITY,
        "arguments": {"Out": {"verb": "put", "url": "urn:adsk.objects:os.object:results/out.zip"}},
    }
)


@dataclass(slots=True)
class PlayedDesign:
    """`items` are its WorkItems: the activity, and when it was queued. `starts` is whether a submit starts one.

    `fault` is what happens to the reply of a submit, `refusal` the status with which the list is refused. One that
    `hangs` does what it is asked for, but answers nothing about WorkItems. `body` is the last
    submit's. The WorkItems in `succeeded` are over.
    """

    clock: FakeClock
    items: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    starts: bool = True
    fault: Exception | None = None
    refusal: int | Exception = 200
    hangs: bool = False
    body: bytes = b""
    succeeded: set[str] = field(default_factory=set)
    submits: int = 0
    lists: int = 0

    def put(self, number: int, queued: datetime | None = None, activity: str = ACTIVITY) -> str:
        """Have a WorkItem, queued now unless told; returns its id."""
        self.items[f"{number:032x}"] = (activity, queued or self.clock.now())
        return f"{number:032x}"

    async def answer(self, request: httpx.Request) -> httpx.Response:
        answer = self._answer(request)
        while self.hangs and request.url.path.endswith("/workitems"):
            await self.clock.sleep(1.0)
        answer.headers["Date"] = format_datetime(self.clock.now(), usegmt=True)
        return answer

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.endswith("/token"):
            return httpx.Response(200, json={"access_token": "t", "token_type": "Bearer", "expires_in": 3599})
        if path.endswith("/async") and self.fault:  # another vendor's
            raise self.fault
        if path.endswith("/workitems/status"):
            return httpx.Response(200, json=self._status(json.loads(request.content)))
        if path.endswith("/workitems") and request.method == "POST":
            self.body = request.content
            return self._submit()
        if path.endswith("/workitems"):
            return self._list(int(request.url.params["startAfterTime"]))
        told = self._status([path.rpartition("/")[2]])["results"]
        return httpx.Response(200, json=told[0]) if told else httpx.Response(404)

    def _submit(self) -> httpx.Response:
        self.submits += 1
        started = self.put(self.submits) if self.starts else ""
        if self.fault:
            raise self.fault
        return httpx.Response(200, json={"id": started, "status": "pending"})

    def _list(self, since: int) -> httpx.Response:
        self.lists += 1
        if isinstance(self.refusal, Exception):
            raise self.refusal
        if self.refusal != 200:
            return httpx.Response(self.refusal, json={"developerMessage": "no"})
        moved = {one: int(queued.timestamp()) for one, (_, queued) in self.items.items()}
        data = [{"id": one, "lastModifiedInUTCEpochSecond": at} for one, at in moved.items() if at > since]
        return httpx.Response(200, json={"paginationToken": None, "data": data})

    def _status(self, ids: list[str]) -> dict[str, list[dict[str, object]]]:
        known = [one for one in ids if one in self.items]
        return {
            "results": [
                {
                    "id": one,
                    "status": "success" if one in self.succeeded else "inprogress",
                    "activityId": self.items[one][0],
                    "stats": {"timeQueued": self.items[one][1].isoformat().replace("+00:00", "Z")},
                }
                for one in known
            ]
        }


@asynccontextmanager
async def engine_of(home: Path, design: PlayedDesign) -> AsyncIterator[Engine]:
    """An engine whose vendors are all the played one."""
    around = Surroundings(
        design.clock,
        random.Random(1),
        SECRETS,
        GuardedKeyring(trouble="none here"),
        lambda _: httpx.MockTransport(design.answer),
    )
    engine = Engine(five(), home / "board.sqlite", around)
    await engine.open()
    try:
        yield engine
    finally:
        await engine.close()
