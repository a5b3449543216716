"""The gateway before the emulated services: tokens, scopes and quotas (dossier autodesk.md, section 2)."""

from __future__ import annotations

import math
import secrets

from aiohttp import web
from aiohttp.typedefs import Handler

from tui.emulators.quota import Quota
from tui.emulators.tokens import Tokens, basic, bearer
from tui.emulators.worldtime import WorldTime

CLIENT_ID = "jobdeckEmulatedClientId000000001"
SCOPES = frozenset(
    {"code:all", "data:read", "data:write", "data:create", "bucket:read", "bucket:create", "bucket:delete"}
)
TOKEN_LIFE = 3599


class Gateway:
    """One client's login; the quotas are requests a minute and may be changed while it runs."""

    def __init__(self, time: WorldTime) -> None:
        self.client_secret = secrets.token_urlsafe(24)
        self.tokens = Tokens(time, TOKEN_LIFE)
        self.token_quota = Quota(500)
        self.automation_quota = Quota(100)
        self.storage_quota = Quota(1000)
        self.plain_refusals = False
        """Tell a missing scope as plain text, as some of the vendor's gateways do."""
        self._time = time

    async def token(self, request: web.Request) -> web.Response:
        """`POST /authentication/v2/token`."""
        too_many = self._too_many(self.token_quota)
        if too_many is not None:
            return too_many
        form = await request.post()
        in_form = (form.get("client_id"), form.get("client_secret"))
        in_header = "Authorization" in request.headers
        if in_header and any(in_form):
            return _oauth_error("invalid_request", "client_id is in the body and in the header")
        if form.get("grant_type") != "client_credentials":
            return _oauth_error("unsupported_grant_type", "grant_type must be client_credentials")
        login = basic(request.headers) if in_header else in_form
        if login != (CLIENT_ID, self.client_secret):
            return aps_error(401, "AUTH-003", "The client_id and client_secret do not match.")
        scopes = frozenset(str(form.get("scope", "")).split())
        if not scopes or not scopes <= SCOPES:
            return _oauth_error("invalid_scope", "the scope is missing or not known")
        token = self.tokens.issue(scopes)
        lifetime = int(self.tokens.lifetime)
        return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": lifetime})

    def guard(self, scope: str, quota: Quota, handler: Handler) -> Handler:
        """Let a request through to the handler if its token, its scope and the quota allow it."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            too_many = self._too_many(quota)
            if too_many is not None:
                return too_many
            token = bearer(request.headers)
            grant = self.tokens.find(token) if token else None
            if grant is None:
                return aps_error(401, "AUTH-006", "Access token provided is invalid or expired.")
            if scope not in grant.scopes and self.plain_refusals:
                return web.Response(status=403, text="Token does not have the privilege for this request.")
            if scope not in grant.scopes:
                return aps_error(403, "AUTH-010", "Token does not have the privilege for this request.")
            return await handler(request)

        return guarded

    def _too_many(self, quota: Quota) -> web.Response | None:
        wait = quota.take(self._time.seconds())
        if wait is None:
            return None
        headers = {"Retry-After": str(math.ceil(wait)), "Server": "Apigee Router"}
        return web.json_response({"developerMessage": "Quota limit exceeded."}, status=429, headers=headers)


def aps_error(status: int, code: str, message: str) -> web.Response:
    """An error in the gateway's own form."""
    body = {"developerMessage": message, "moreInfo": "https://example.invalid/errors", "errorCode": code}
    return web.json_response(body, status=status)


def _oauth_error(error: str, text: str) -> web.Response:
    return web.json_response({"error": error, "error_description": text}, status=400)
