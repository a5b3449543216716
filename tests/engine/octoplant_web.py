"""An octoplant that the test plays itself, below the engine's real sessions."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from tests.engine.webs import Chunks
from tui.model import Connection

A = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
B = "3f2504e0-4f89-41d3-9a0c-0305e82c3302"


@dataclass
class PlayedOctoplant:
    """Orders by name; unknown ones are answered as octoplant does. `instead` answers a request first, if it wants."""

    orders: dict[str, dict[str, object]] = field(default_factory=dict)
    instead: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
    content: bytes = b""
    asked: list[str] = field(default_factory=list)

    def transport(self, _: Connection) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(self._answer)

    def put(self, name: str, state: str = "STATE_RUNNING", *, done: bool = False) -> None:
        self.orders[name] = {"name": name, "done": done, "metadata": {"state": state}}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        if instead := self.instead(request):
            return instead
        if request.url.path.endswith("/oauth2/token"):
            return httpx.Response(200, json={"access_token": "token-of-a-test", "expires_in": 3600})
        name = request.url.path.split("/")[3]
        if name not in self.orders:
            return httpx.Response(404, json={"code": 5, "message": "not found"})
        if request.url.path.endswith("/download"):
            return httpx.Response(200, stream=Chunks([self.content]))
        return httpx.Response(200, content=json.dumps(self.orders[name]))
