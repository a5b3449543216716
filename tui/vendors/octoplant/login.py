"""octoplant: the two ways in, a password or a personal access token (dossier section 2)."""

from __future__ import annotations

from collections.abc import Generator

import httpx

from tui.clock import Clock
from tui.errors import AskError
from tui.model import Connection, Secret
from tui.vendors._login import Token, TokenLogin
from tui.vendors._oauth import header_secret, read_bearer
from tui.vendors.contract import Reply, Secrets
from tui.vendors.octoplant.errors import error_sentence

_HINT = "check username and password; several wrong logins may lock the account"
_LOCKED_HINT = "ask the administrator to unlock the account in AdminClient; jobdeck does not try again by itself"


def login_of(connection: Connection, secrets: Secrets, clock: Clock, *, published_secret: Secret) -> httpx.Auth:
    """By a personal access token, where there is one, else by the password. Raises CredentialsError."""
    if secrets.get("access_token"):
        return PersonalLogin(header_secret(secrets, "access_token"))
    client_secret = secrets.get("client_secret") or published_secret
    return OctoplantLogin(connection, secrets.need("password"), client_secret, clock)


class OctoplantLogin(TokenLogin):
    """The password grant. A refused password is never sent twice: accounts are locked after a few (trap 10)."""

    def __init__(self, connection: Connection, password: Secret, client_secret: Secret, clock: Clock) -> None:
        super().__init__(clock)
        self._url = f"{connection.base_url.rstrip('/')}/v1/oauth2/token"
        self._username = connection.option("username")
        self._client_id = connection.option("client_id") or "public-api"
        self._password = password
        self._client_secret = client_secret

    def token_request(self, old: Token | None) -> httpx.Request:  # noqa: ARG002  # logging in again is the safest renewal
        """The login; httpx escapes the form's values (trap 1)."""
        form = {
            "grant_type": "password",
            "username": self._username,
            "password": self._password.reveal(),
            "client_id": self._client_id,
            "client_secret": self._client_secret.reveal(),
        }
        return httpx.Request("POST", self._url, data=form)

    def read_token(self, reply: Reply) -> Token | None:
        """The token; only `access_token` is sure to be there. Raises AskError."""
        said = error_sentence(reply)
        try:
            return read_bearer(reply, said, hint=_HINT)
        except AskError as error:
            if "locked" in said.casefold():
                raise AskError(error.kind, error.message, hint=_LOCKED_HINT) from None
            raise


class PersonalLogin(httpx.Auth):
    """A personal access token, made in AdminClient; nothing renews it when it ends."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """httpx's hook: put the token on the request."""
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        yield request
