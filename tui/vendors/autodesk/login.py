"""Autodesk: the two-legged login (dossier section 2)."""

from __future__ import annotations

import httpx

from tui.clock import Clock
from tui.model import Secret
from tui.vendors._login import Token, TokenLogin
from tui.vendors._oauth import basic, read_bearer
from tui.vendors.autodesk.errors import error_sentence
from tui.vendors.contract import Reply


class AutodeskLogin(TokenLogin):
    """Two-legged OAuth v2: client id and secret by Basic header only, since both ways at once are a 400 (trap 25)."""

    def __init__(self, base_url: str, client_id: str, secret: Secret, clock: Clock, scopes: str) -> None:
        super().__init__(clock)
        self._scopes = " ".join(scopes.split())
        self._url = f"{base_url.rstrip('/')}/authentication/v2/token"
        self._basic = basic(client_id, secret)

    def token_request(self, old: Token | None) -> httpx.Request:  # noqa: ARG002  # there is no refresh token
        """The client credentials grant."""
        form = {"grant_type": "client_credentials", "scope": self._scopes}
        return httpx.Request("POST", self._url, data=form, headers={"Authorization": self._basic})

    def read_token(self, reply: Reply) -> Token | None:
        """The token; `expires_in` is seconds. Raises AskError."""
        return read_bearer(reply, error_sentence(reply), hint="check client_id and client_secret")
