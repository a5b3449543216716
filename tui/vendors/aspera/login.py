"""Aspera: the four ways to sign in (dossier section 2)."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from urllib.parse import quote

import httpx

from tui.clock import Clock
from tui.errors import AskError, ConfigError
from tui.model import Connection, ProblemKind, Secret
from tui.redact import remember
from tui.vendors._login import Token, TokenLogin
from tui.vendors._oauth import basic, fits_header
from tui.vendors.aspera.document import check_answer, json_object_of, said_by
from tui.vendors.contract import Reply, Secrets

_OTHER_WAY = 'set auth = "basic", or look at base_url'
CHANGES = ("initiate", "work_order_cancel", "work_step_cancel", "work_order_reset", "workstep_reset")
"""Calls that change something although they are GETs: sent once, whatever the answer (trap 1)."""


def login_of(connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
    """The login that the setting `auth` names. Raises CredentialsError and, without a username, ConfigError."""
    match connection.option("auth"):
        case "token":
            return AccessTokenLogin(clock, connection.base_url, _proof(connection, secrets))
        case "query":
            return QueryLogin({"login": Secret(_username(connection)), "password": secrets.need("password")})
        case "api-key" if connection.option("api_key_name") == "apikey":
            return QueryLogin({"apikey": secrets.need("api_key")})
        case "api-key":
            return QueryLogin({"login": Secret(_username(connection)), "api_key": secrets.need("api_key")})
        case _:
            return BasicLogin(_username(connection), secrets.need("password"))


class _LastingLogin(httpx.Auth, ABC):
    """A login without tokens: what the server refused once is never sent again, since accounts get locked."""

    def __init__(self) -> None:
        self._refused = False

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """httpx's hook: the login is on the request only while it is under way."""
        if self._refused:
            raise AskError(
                ProblemKind.AUTH, "the vendor refused the credentials before", hint="check username and secret"
            )
        bare = request.url
        self.sign(request)
        try:
            response = yield request
        finally:
            request.url = bare
        self._refused = response.status_code == 401

    @abstractmethod
    def sign(self, request: httpx.Request) -> None:
        """Put the login on the request."""


class BasicLogin(_LastingLogin):
    """HTTP Basic, the vendor's own advice up to 4.0."""

    def __init__(self, username: str, password: Secret) -> None:
        super().__init__()
        self._header = Secret(basic(username, password))

    def sign(self, request: httpx.Request) -> None:
        """Put the header on the request."""
        request.headers["Authorization"] = self._header.reveal()


class QueryLogin(_LastingLogin):
    """Credentials in the URL, for sites that take nothing else.

    They are added right before sending and taken off again when the answer is there or will not come, so that no
    error and no response holds them (trap 2).
    """

    def __init__(self, fields: Mapping[str, Secret]) -> None:
        super().__init__()
        self._fields = dict(fields)
        for name, secret in fields.items():
            if name != "login":  # a user name is a word that may stand anywhere
                remember(secret)

    def sign(self, request: httpx.Request) -> None:
        """Put the fields at the end of the query; what stands there stays byte for byte."""
        added = "&".join(
            f"{name}={quote(secret.reveal(), safe='', errors='surrogateescape')}"
            for name, secret in self._fields.items()
        ).encode()
        before = request.url.query
        request.url = request.url.copy_with(query=before + b"&" + added if before else added)


class AccessTokenLogin(TokenLogin):
    """`POST api/login` and a bearer token of unknown life: a refused one is renewed and the read replayed once."""

    def __init__(self, clock: Clock, base_url: str, proof: Mapping[str, Secret]) -> None:
        super().__init__(clock)
        self._url = base_url.rstrip("/") + "/api/login"
        self._proof = dict(proof)

    def token_request(self, old: Token | None) -> httpx.Request:  # noqa: ARG002  # there is no refresh
        """The login call."""
        body = {name: secret.reveal() for name, secret in self._proof.items()}
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        return httpx.Request("POST", self._url, content=json.dumps(body).encode(), headers=headers)

    def read_token(self, reply: Reply) -> Token | None:
        """The token in the answer. Raises AskError; AUTH also for a 200 that holds a refusal in its place."""
        said = said_by(reply)
        words = f": {said}" if said else ""
        if reply.status in (400, 401, 403):
            raise AskError(
                ProblemKind.AUTH, f"the login was refused ({reply.status}){words}", hint="check username and secret"
            )
        if reply.status in (404, 405, 410):
            raise AskError(
                ProblemKind.BAD_REPLY,
                f"this server has no token login ({reply.status})",
                hint=_OTHER_WAY,
            )
        answer = json_object_of(check_answer(reply))
        token = answer.get("token")
        if isinstance(token, str) and fits_header(token):
            return Token(Secret(token))
        if said:
            raise AskError(ProblemKind.AUTH, f"the login was refused{words}", hint="check username and secret")
        raise AskError(ProblemKind.BAD_REPLY, "the login's answer holds no usable token", hint=_OTHER_WAY)

    def may_repeat(self, request: httpx.Request) -> bool:
        """Not for calls that change something."""
        path = request.url.path
        return not any(f"/api/{call}{end}" in f"{path}/" for call in CHANGES for end in "/.")


def _username(connection: Connection) -> str:
    username = connection.option("username")
    if not username:
        raise ConfigError(
            f"{connection.name}: the username is missing",
            hint=f'add username = "…" to [connections.{connection.name}]',
        )
    return username


def _proof(connection: Connection, secrets: Secrets) -> Mapping[str, Secret]:
    key = secrets.get("api_key")
    if key and not secrets.get("password"):
        return {"apikey": key}
    return {"username": Secret(_username(connection)), "password": secrets.need("password")}
