"""JAGGAER: a fixed token or client credentials, with the customer's key (dossier section 4)."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import httpx

from tui.clock import Clock
from tui.model import Connection, Secret
from tui.vendors._login import Token, TokenLogin
from tui.vendors._oauth import basic, header_secret, read_bearer
from tui.vendors.contract import Reply, Secrets
from tui.vendors.jaggaer.read import START_SUFFIX, error_sentence

RENEW_ON_403_AFTER = 60.0
"""A 403 may mean a dead token: renew one that is older than so many seconds, but no younger one."""


def login_of(connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
    """By client credentials, where a token service is named, else by a fixed token. Raises CredentialsError."""
    api_key, token_url = header_secret(secrets, "api_key"), connection.option("token_url")
    if not token_url:
        return FixedLogin(header_secret(secrets, "access_token"), api_key)
    client_secret = secrets.need("client_secret")
    in_form = connection.option("token_auth") == "form"
    return ClientLogin(token_url, connection.option("client_id"), client_secret, api_key, clock, in_form=in_form)


class FixedLogin(httpx.Auth):
    """A token that never changes, and the customer's key."""

    def __init__(self, token: Secret, api_key: Secret) -> None:
        self._token = token
        self._api_key = api_key

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """httpx's hook."""
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        request.headers["X-API-Key"] = self._api_key.reveal()
        yield request


class ClientLogin(TokenLogin):
    """Client credentials at `token_url`; the customer's key on every request (section 4).

    Id and secret go by Basic or, with `in_form`, in the form: no document tells which.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: Secret,
        api_key: Secret,
        clock: Clock,
        *,
        in_form: bool = False,
    ) -> None:
        super().__init__(clock)
        self._token_url = token_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._api_key = api_key
        self._in_form = in_form
        self._got_at = 0.0

    def token_request(self, old: Token | None) -> httpx.Request:  # noqa: ARG002  # there is no refresh token
        """The client credentials grant."""
        form, headers = {"grant_type": "client_credentials"}, {"X-API-Key": self._api_key.reveal()}
        if self._in_form:
            form |= {"client_id": self._client_id, "client_secret": self._client_secret.reveal()}
        else:
            headers["Authorization"] = basic(self._client_id, self._client_secret)
        return httpx.Request("POST", self._token_url, data=form, headers=headers)

    def read_token(self, reply: Reply) -> Token | None:
        """The token and its life, where one is told. Raises AskError."""
        token = read_bearer(reply, error_sentence(reply), hint="check client_id, client_secret and token_url")
        self._got_at = self.clock.monotonic()
        return token

    def sign(self, request: httpx.Request, token: Token) -> None:
        """Put token and key on the request."""
        super().sign(request, token)
        request.headers["X-API-Key"] = self._api_key.reveal()

    async def is_dead(self, response: httpx.Response) -> bool:
        """401, and 403 too, which is also said of a bad token; a fresh token cannot be what a 403 is about."""
        if response.status_code == 403:
            return self.clock.monotonic() - self._got_at > RENEW_ON_403_AFTER
        return await super().is_dead(response)

    def may_repeat(self, request: httpx.Request) -> bool:
        """A call that starts a process is sent once, whatever the answer."""
        return not request.url.path.endswith(START_SUFFIX)
