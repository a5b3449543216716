"""The ways to sign in at the emulated Orchestrator (dossier aspera.md, section 2)."""

from __future__ import annotations

import json
import secrets

from aiohttp import web

from tui.emulators.aspera.orders import AsperaOptions
from tui.emulators.tokens import Account, Tokens, basic, bearer
from tui.emulators.worldtime import WorldTime

USER = "ops"
_REFUSED = "<html><body><h1>401 Unauthorized</h1><p>Invalid login or password.</p></body></html>"


class Login:
    """One operator, who has a password and a key."""

    def __init__(self, time: WorldTime, options: AsperaOptions) -> None:
        self.password = secrets.token_urlsafe(12)
        self.api_key = secrets.token_hex(16)
        self.account = Account(USER, self.password)
        self.tokens = Tokens(time, 3600)
        self._options = options

    def admits(self, request: web.Request) -> bool:
        """Whether the request is signed in, in one of the styles that are switched on."""
        styles = self._options.styles
        if "Authorization" in request.headers:
            pair, token = basic(request.headers), bearer(request.headers)
            if pair is not None:
                return "basic" in styles and self.account.admits(*pair)
            return "token" in styles and token is not None and self.tokens.find(token) is not None
        query = request.query
        if "password" in query:
            return "query" in styles and self.account.admits(query.get("login", ""), query["password"])
        key = query.get("apikey") or (query.get("api_key") if query.get("login") == USER else None)
        return "api-key" in styles and key is not None and secrets.compare_digest(key, self.api_key)

    async def answer(self, request: web.Request) -> web.Response:
        """`POST api/login`."""
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        if request.method != "POST" or not isinstance(body, dict) or "token" not in self._options.styles:
            return web.Response(status=404, text="ActionController::RoutingError")
        good = body.get("apikey") == self.api_key
        name, password = body.get("username"), body.get("password")
        if isinstance(name, str) and isinstance(password, str):
            good = self.account.admits(name, password)
        if not good:
            return web.json_response({"error": "Invalid credentials"}, status=401)
        return web.json_response({"token": self.tokens.issue()})


def refused() -> web.Response:
    """What wrong credentials get."""
    return web.Response(status=401, text=_REFUSED, content_type="text/html")
