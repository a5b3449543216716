"""Whole answers that are not what was asked for: what a server, or something before it, sends in their place."""

from __future__ import annotations

from enum import Enum, auto

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from tui.emulators.faults import LOGIN_PAGE

STACK_TRACE = (
    "NoMethodError: undefined method `state' for nil:NilClass\n"
    "app/models/work_order.rb:418:in `to_api'\napp/controllers/api_controller.rb:88:in `show'\n"
)


class Spoil(Enum):
    """The ways to spoil an answer."""

    STACK_TRACE = auto()
    """500 with an exception's message and its stack."""
    EMPTY = auto()
    """200 without a body."""
    TRUNCATED = auto()
    """The first half of the answer, sent as if it were the whole."""
    LOGIN_PAGE = auto()
    """A login page with 200."""
    REFUSED_PAGE = auto()
    """A login page with 401."""
    TO_LOGIN = auto()
    """302 to a login page."""


class Spoiling:
    """A switch of one site; may be turned while it runs."""

    def __init__(self) -> None:
        self._kind: Spoil | None = None
        self._path = ""
        self._left: int | None = None

    def turn(self, kind: Spoil | None, path: str = "", *, times: int | None = None) -> None:
        """Spoil answers to requests whose path holds `path`, `times` of them (None: until it is turned off by None)."""
        self._kind, self._path, self._left = kind, path, times

    def middleware(self) -> Middleware:
        """What stands before the site's calls."""

        @web.middleware
        async def spoil(request: web.Request, handler: Handler) -> web.StreamResponse:
            kind = self._take(request.path)
            if kind is None:
                return await handler(request)
            if kind is Spoil.TRUNCATED:
                return _half(await handler(request))
            return _instead(kind)

        return spoil

    def _take(self, path: str) -> Spoil | None:
        if self._kind is None or self._path not in path or self._left == 0:
            return None
        if self._left is not None:
            self._left -= 1
        return self._kind


def _half(answer: web.StreamResponse) -> web.StreamResponse:
    if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
        return answer
    body = answer.body[: len(answer.body) // 2]
    return web.Response(status=answer.status, body=body, content_type=answer.content_type)


def _instead(kind: Spoil) -> web.Response:
    if kind is Spoil.STACK_TRACE:
        return web.Response(status=500, text=STACK_TRACE)
    if kind is Spoil.EMPTY:
        return web.Response()
    if kind is Spoil.TO_LOGIN:
        return web.Response(status=302, headers={"Location": "/login"})
    status = 401 if kind is Spoil.REFUSED_PAGE else 200
    return web.Response(status=status, text=LOGIN_PAGE, content_type="text/html")
