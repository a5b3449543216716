"""The login of the emulated EnOS gateway: its token service and the check of signed calls."""

from __future__ import annotations

import hmac
import json
import math
from dataclasses import dataclass

from aiohttp import web

from tui.emulators.enos.signature import encryption, signature
from tui.emulators.tokens import Tokens
from tui.emulators.worldtime import WorldTime

TOKEN_LIFE = 7200
_MOST_REMEMBERED = 100_000


@dataclass(slots=True)
class GatewayOptions:
    """What the gateway leaves open; may be changed while it runs."""

    skew: float | None = 600.0
    """Seconds that a timestamp may be off, None for any."""
    dead_token_in_body: bool = False
    """Say that a token is dead with HTTP 200 and `code` 1203, instead of 401."""


class Gateway:
    """One application's login."""

    def __init__(self, time: WorldTime, app_key: str, app_secret: str) -> None:
        self.options = GatewayOptions()
        self.tokens = Tokens(time, TOKEN_LIFE)
        self._time = time
        self._app_key = app_key
        self._app_secret = app_secret
        self._token: str | None = None
        self._used: dict[str, None] = {}

    def routes(self) -> list[web.RouteDef]:
        """The token service."""
        prefix = "/apim-token-service/v2.0/token"
        return [web.post(f"{prefix}/get", self._get), web.post(f"{prefix}/refresh", self._refresh)]

    async def refusal(self, request: web.Request) -> web.Response | None:
        """Why the signed call is refused, or None."""
        headers = request.headers
        token, timestamp = headers.get("apim-accesstoken", ""), headers.get("apim-timestamp", "")
        if self.tokens.find(token) is None:
            if self.options.dead_token_in_body and token:
                return web.json_response({"code": 1203, "msg": "access token expired", "data": None})
            return _unauthenticated()
        if not timestamp.isascii() or not timestamp.isdigit() or self._is_off(timestamp):
            return _unauthenticated()
        query, body = request.rel_url.raw_query_string, await request.read()
        expected = signature(token, query, body, timestamp, self._app_secret)
        if not hmac.compare_digest(expected.encode(), headers.get("apim-signature", "").encode()):
            return _unauthenticated()
        return None

    async def _get(self, request: web.Request) -> web.Response:
        body = await _object(request)
        refusal = self._token_refusal(body)
        if refusal is not None:
            return refusal
        if self._token is None or self.tokens.find(self._token) is None:
            self._token = self.tokens.issue(self._app_key)
        return self._token_reply(self._token)

    async def _refresh(self, request: web.Request) -> web.Response:
        body = await _object(request)
        refusal = self._token_refusal(body)
        if refusal is not None:
            return refusal
        old = body.get("accessToken")
        if not isinstance(old, str) or not old:
            return _service_error(1202, "parameter accessToken is empty")
        if self.tokens.find(old) is None:
            return _service_error(1203, "access token expired")
        self.tokens.revoke()
        self._token = self.tokens.issue(self._app_key)
        return self._token_reply(self._token)

    def _token_reply(self, token: str) -> web.Response:
        data = {"accessToken": token, "expire": math.ceil(self.tokens.left(token))}
        return web.json_response({"status": 0, "msg": "SUCCESS", "business": "apim-token-service", "data": data})

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
        return skew is not None and abs(int(timestamp[:20]) / 1000 - self._time.now().timestamp()) > skew


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
