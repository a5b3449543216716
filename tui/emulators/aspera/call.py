"""One call to the emulated Orchestrator: its name, its id, and the format that it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aiohttp import web

_SUFFIXES = ("json", "xml", "txt")


@dataclass(frozen=True)
class Call:
    """`id` is what stands behind the call's name, without its suffix."""

    request: web.Request
    name: str
    id: str
    suffix: str
    query: Mapping[str, str]
    json_ways: frozenset[str]

    @classmethod
    def read(cls, request: web.Request, json_ways: frozenset[str]) -> Call:
        """Take a request apart; `json_ways` are those in which JSON can be asked for."""
        name, number = request.match_info.get("call", ""), request.match_info.get("id", "")
        last, dot, suffix = (number or name).rpartition(".")
        if not dot or suffix not in _SUFFIXES:
            last, suffix = number or name, ""
        return cls(request, last if not number else name, last if number else "", suffix, request.query, json_ways)

    def number(self) -> int:
        """The id as a number; 0, which names nothing, when it is none."""
        return int(self.id) if self.id.isdecimal() else 0

    def about(self, number: int) -> Call:
        """The same call about another id."""
        return replace(self, id=str(number))

    async def body(self) -> bytes:
        """The body's bytes."""
        return await self.request.read()

    def reply(self, document: object, xml: str) -> web.Response:
        """The answer in JSON if that is asked for, else in XML."""
        if self._wants_json():
            return web.json_response(document)
        return web.Response(text=xml, content_type="application/xml")

    def _wants_json(self) -> bool:
        if self.suffix:
            return self.suffix == "json" and "ext" in self.json_ways
        if self.query.get("format") == "json":
            return "arg" in self.json_ways
        return "header" in self.json_ways and "application/json" in self.request.headers.get("Accept", "")


class Missing(Exception):  # noqa: N818  # Rails names it RecordNotFound
    """There is no such thing."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"ActiveRecord::RecordNotFound: Couldn't find {kind} with 'id'={key}")

    def response(self) -> web.Response:
        """The exception's message and a stack trace, as 4.1.6 sends them."""
        trace = "app/controllers/api_controller.rb:212:in `find'\napp/controllers/api_controller.rb:88:in `show'"
        return web.Response(status=404, text=f"{self}\n{trace}\n")


class Unclear(Exception):  # noqa: N818  # a request that cannot be read
    """The body of a call cannot be read."""

    def response(self) -> web.Response:
        """The answer."""
        return web.json_response({"error": "the request cannot be read"}, status=400)
