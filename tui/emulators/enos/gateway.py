"""The login of the emulated EnOS gateway: its token service and the check of signed calls."""

from __future__ import annotations

import hmac
import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from tui.emulators.enos.rsa import RsaDoor
from tui.emulators.enos.signature import encryption, signature
from tui.emulators.tokens import Tokens
from tui.emulators.worldtime import WorldTime

TOKEN_LIFE = 7200
_MOST_REMEMBERED = 100_000


class DeadToken(Enum):
    """The ways in which a gateway may say that a token is dead; all but the first come with HTTP 200 (section 2)."""

    HTTP_401 = ("", 401)
    CODE_1202 = ("code", 1202)
    CODE_1203 = ("code", 1203)
    STATUS_1203 = ("status", 1203)
    APIM_4011 = ("apim_status", 4011)
    APIM_4012 = ("apim_status", 4012)


@dataclass(slots=True)
class GatewayOptions:
    """What the gateway leaves open; may be changed while it runs."""

    skew: float | None = 600.0
    """Seconds that a timestamp may be off, None for any."""
    dead_token: DeadToken = DeadToken.HTTP_401
    """How a dead token is told."""
    used_before: int = 0
    """So many of the next token calls are told that their `encryption` was used before (1001)."""
    service_code: int = 0
    """A code that the token service answers every call with, e.g. 1005."""
    expired_rsa_tokens: int = 0
    """So many of the next calls with an RSA token are told that it is over (`apim_status` 4012)."""
    clock_ahead: float = 0.0
    """Seconds that the gateway's own clock is ahead of the world's."""


class Gateway:
    """One application's login."""

    def __init__(self, time: WorldTime, app_key: str, app_secret: str) -> None:
        self.options = GatewayOptions()
        self.tokens = Tokens(time, TOKEN_LIFE)
        self.rsa: RsaDoor | None = None
        """Takes the tokens of the vendor's Python SDK too, where there is one."""
        self._time = time
        self._app_key = app_key
        self._app_secret = app_secret
        self._token: str | None = None
        self._used: dict[str, None] = {}

    def routes(self) -> list[web.RouteDef]:
        """The token service."""
        prefix = "/apim-token-service/v2.0/token"
        return [web.post(f"{prefix}/get", self._get), web.post(f"{prefix}/refresh", self._refresh)]

    def dating(self) -> Middleware:
        """Puts the gateway's own time on its answers, as its clients read it from `Date`."""

        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            response = await handler(request)
            if not response.prepared:
                response.headers["Date"] = format_datetime(self._now().astimezone(UTC), usegmt=True)
            return response

        return middleware

    async def refusal(self, request: web.Request) -> web.Response | None:
        """Why the signed call is refused, or None."""
        headers = request.headers
        token, timestamp = headers.get("apim-accesstoken", ""), headers.get("apim-timestamp", "")
        if self.rsa is not None and "apim-signature" not in headers:
            return self._rsa_refusal(self.rsa, token)
        if self.tokens.find(token) is None:
            if self.options.dead_token is not DeadToken.HTTP_401 and token:
                name, code = self.options.dead_token.value
                return web.json_response({name: code, "msg": "access token expired"})
            return _unauthenticated()
        if not timestamp.isascii() or not timestamp.isdigit() or self._is_off(timestamp):
            return _unauthenticated()
        query, body = request.rel_url.raw_query_string, await request.read()
        expected = signature(token, query, body, timestamp, self._app_secret)
        if not hmac.compare_digest(expected.encode(), headers.get("apim-signature", "").encode()):
            return _unauthenticated()
        return None

    def _rsa_refusal(self, door: RsaDoor, token: str) -> web.Response | None:
        if self.options.expired_rsa_tokens:
            self.options.expired_rsa_tokens -= 1
            return web.json_response({"apim_status": 4012})
        return None if door.admits(token, self._app_key, self._app_secret) else _unauthenticated()

    async def _get(self, request: web.Request) -> web.Response:
        body = await _object(request)
        refusal = self._wished_refusal() or self._token_refusal(body)
        if refusal is not None:
            return refusal
        if self._token is None or self.tokens.find(self._token) is None:
            self._token = self.tokens.issue()
        return self._token_reply(self._token)

    async def _refresh(self, request: web.Request) -> web.Response:
        body = await _object(request)
        refusal = self._wished_refusal() or self._token_refusal(body)
        if refusal is not None:
            return refusal
        old = body.get("accessToken")
        if not isinstance(old, str) or not old:
            return _service_error(1202, "parameter accessToken is empty")
        if self.tokens.find(old) is None:
            return _service_error(1203, "access token expired")
        self.tokens.revoke()
        self._token = self.tokens.issue()
        return self._token_reply(self._token)

    def _token_reply(self, token: str) -> web.Response:
        data = {"accessToken": token, "expire": math.ceil(self.tokens.left(token))}
        return web.json_response({"status": 0, "msg": "SUCCESS", "business": "apim-token-service", "data": data})

    def _wished_refusal(self) -> web.Response | None:
        if self.options.service_code:
            return _service_error(self.options.service_code, "the token service says so")
        if self.options.used_before:
            self.options.used_before -= 1
            return _service_error(1001, "this encryption was used before")
        return None

    def _token_refusal(self, body: dict[str, object]) -> web.Response | None:
        key, stamp, proof = body.get("appKey"), body.get("timestamp"), body.get("encryption")
        if not key or not stamp or not proof:
            return _service_error(1202, "a parameter is empty")
        text = str(stamp)
        if not isinstance(proof, str) or not text.isascii() or not text.isdigit() or self._is_off(text):
            return _service_error(1004, "bad parameter")
        if key != self._app_key:
            return _service_error(1002, "the application does not exist")
        if proof in self._used:
            return _service_error(1001, "this encryption was used before")
        if not hmac.compare_digest(proof.encode(), encryption(self._app_key, text, self._app_secret).encode()):
            return _service_error(1003, "the encryption is wrong")
        self._used[proof] = None
        if len(self._used) > _MOST_REMEMBERED:
            del self._used[next(iter(self._used))]
        return None

    def _is_off(self, timestamp: str) -> bool:
        skew = self.options.skew
        return skew is not None and abs(int(timestamp[:20]) / 1000 - self._now().timestamp()) > skew

    def _now(self) -> datetime:
        return self._time.now() + timedelta(seconds=self.options.clock_ahead)


async def _object(request: web.Request) -> dict[str, object]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _service_error(status: int, message: str) -> web.Response:
    """The token service answers 200 whatever happens."""
    return web.json_response({"status": status, "msg": message, "business": "apim-token-service", "data": None})


def _unauthenticated() -> web.Response:
    return web.json_response({"message": "Invalid authentication credentials"}, status=401)
