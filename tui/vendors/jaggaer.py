"""JAGGAER ASO: the status of asynchronous calls, and their result behind a pre-signed URL (dossier sections 1 to 5)."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator
from datetime import datetime, timedelta
from urllib.parse import quote, unquote

import httpx

from tui.clock import Clock
from tui.errors import AskError, UsageError
from tui.model import (
    Connection,
    JobState,
    Output,
    OutputKind,
    ProblemKind,
    Reference,
    Secret,
    SecretField,
    Setting,
    Snapshot,
)
from tui.vendors._errors import check_saying, one_line, plain_sentence
from tui.vendors._login import Token, TokenLogin
from tui.vendors._oauth import basic, header_secret, read_bearer
from tui.vendors._read import Json, address_of, object_of, path_of, raw_json, text_of, whole_of
from tui.vendors.contract import Link, Pasted, Reply, Secrets, Session

STATUS_PATH = "/asyncStatus/"
"""What the path of every status URL holds (dossier section 3)."""
RENEW_ON_403_AFTER = 60.0
"""A 403 may mean a dead token: renew one that is older than so many seconds, but no younger one."""
_LONGEST_LIFE = 10 * 365 * 86_400

_STATES = {
    "processing": JobState.RUNNING,
    "completed": JobState.SUCCEEDED,
    "failed": JobState.FAILED,
    "cancelled": JobState.CANCELLED,
}
_NO_RESULT = "the result's link has expired; only a new call makes a new one"
_SENTENCES = ("error_description", "message", "errorMessage", "detail", "title", "error")


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
    """Client credentials at `token_url`, id and secret by Basic; the customer's key on every request (section 4)."""

    def __init__(self, token_url: str, client_id: str, client_secret: Secret, api_key: Secret, clock: Clock) -> None:
        super().__init__(clock)
        self._token_url = token_url
        self._basic = basic(client_id, client_secret)
        self._api_key = api_key
        self._got_at = 0.0

    def token_request(self, old: Token | None) -> httpx.Request:  # noqa: ARG002  # there is no refresh token
        """The client credentials grant."""
        headers = {"Authorization": self._basic, "X-API-Key": self._api_key.reveal()}
        return httpx.Request("POST", self._token_url, data={"grant_type": "client_credentials"}, headers=headers)

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


def read_ref(pasted: Pasted, connection: Connection) -> Reference | None:
    """A status URL, or the JSON reply of the call that started the process, whose `expiresInSeconds` is kept."""
    if pasted.url is not None:
        return _reference(pasted.url, None)
    if pasted.body is None:
        return None
    try:
        body: object = json.loads(pasted.body)
    except (ValueError, RecursionError):
        return None
    urls, life = set(), None
    for key, value in _members(body):
        if isinstance(value, str) and "://" in value and _pid_of(value):
            urls.add(value)
        elif key == "encodedAsyncPid" and isinstance(value, str) and value:
            urls.add(f"{connection.base_url.rstrip('/')}{STATUS_PATH}{quote(value, safe='%')}")
        elif key == "expiresInSeconds":
            life = whole_of(value)
    if len(urls) > 1:
        raise UsageError("this reply holds several status URLs", hint="track one of them by its URL")
    url = next(iter(urls), "")
    if not url or not _same_origin(url, connection.base_url):
        return None
    return _reference(url, None if life is None else pasted.at + timedelta(seconds=min(life, _LONGEST_LIFE)))


def read_status(reply: Reply, ref: Reference) -> Snapshot:
    """The answer of the status URL (section 3). Raises AskError; a 403 is read against `ref.expires_at`."""
    answer = _status_object(reply, ref)
    word = _word(answer)
    state = _STATES.get(word.strip().lower(), JobState.UNKNOWN)
    expired = state is JobState.SUCCEEDED and _is_expired(answer)
    return Snapshot(
        state=state,
        vendor_status=word,
        notice=_notice(state, expired=expired),
        outputs=_outputs(answer, ref, expired=expired) if state is JobState.SUCCEEDED else (),
        raw=raw_json(answer),
    )


def read_result(reply: Reply, ref: Reference) -> Link:
    """The pre-signed URL of the result, byte for byte (trap 7). Raises AskError; GONE once it has expired."""
    answer = _status_object(reply, ref)
    word = _word(answer)
    if _STATES.get(word.strip().lower()) is not JobState.SUCCEEDED:
        raise AskError(ProblemKind.BAD_REPLY, f"there is no result: the process is {one_line(word, 40)}")
    if _is_expired(answer):
        raise AskError(ProblemKind.GONE, _NO_RESULT)
    return Link(address_of(answer.get("resultUrl"), "result's address"))


def error_sentence(reply: Reply) -> str:
    """What an error answer says; its form is not documented, so any of the usual ones."""
    try:
        value = reply.json()
    except AskError:
        return plain_sentence(reply)
    if not isinstance(value, dict):
        return ""
    return next((said for key in _SENTENCES if (said := one_line(value.get(key)))), "")


class Jaggaer:
    """Satisfies `Vendor`. There is no cancel and no report."""

    name = "jaggaer"
    label = "JAGGAER ASO"
    settings = (
        Setting("base_url", "Address of the service that started the process", required=True),
        Setting("service", "Which service it is", default="ees", choices=("ees", "ches", "quay")),
        Setting("token_url", "Address of the token service; without it access_token is used as it is"),
        Setting("client_id", "Client id for the token service"),
    )
    secrets = (
        SecretField("api_key", "The customer's X-API-Key"),
        SecretField("access_token", "A fixed token, where there is no token_url", required=False),
        SecretField("client_secret", "Client secret for the token service", required=False),
    )

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        """See `contract.Vendor`."""
        api_key, token_url = header_secret(secrets, "api_key"), connection.option("token_url")
        if not token_url:
            return FixedLogin(header_secret(secrets, "access_token"), api_key)
        client_secret = secrets.need("client_secret")
        return ClientLogin(token_url, connection.option("client_id"), client_secret, api_key, clock)

    def read_ref(self, pasted: Pasted, connection: Connection) -> Reference | None:
        """See `contract.Vendor`."""
        return read_ref(pasted, connection)

    async def ask(self, session: Session, ref: Reference) -> Snapshot:
        """See `contract.Vendor`."""
        return read_status(await _ask_status(session, ref), ref)

    async def resolve(self, session: Session, ref: Reference, output: Output) -> tuple[Link, ...]:  # noqa: ARG002  # there is one result
        """See `contract.Vendor`. The status is asked again right before use: the old link may have died."""
        return (read_result(await _ask_status(session, ref), ref),)

    async def probe(self, session: Session) -> str:
        """See `contract.Vendor`. Any answer but a refusal or an outage proves what can be proved without a job."""
        reply = await session.send("GET", "/", headers={"Accept": _accept(session.connection)})
        if reply.status == 401 or reply.status >= 500:
            check_saying(reply, error_sentence(reply))
        got = "a token was issued and " if session.connection.option("token_url") else ""
        return f"{got}the host answers; whether token and X-API-Key may read a status shows only with a job"


async def _ask_status(session: Session, ref: Reference) -> Reply:
    url = ref.url or f"{STATUS_PATH}{ref.id}"
    return await session.send("GET", url, headers={"Accept": _accept(session.connection)})


def _accept(connection: Connection) -> str:
    # "sciquest": the vendor's own sample spells it wrong (trap 2).
    return f"application/vnd.sciquest.com.{connection.option('service') or 'ees'}+json"


def _status_object(reply: Reply, ref: Reference) -> Json:
    if reply.status == 403:
        raise _refusal(reply, ref)
    if reply.status == 406:
        raise AskError(ProblemKind.BAD_REPLY, "the service refuses our Accept header (406)", hint="set service")
    return object_of(check_saying(reply, error_sentence(reply), unknown="JAGGAER does not know this process"))


def _word(answer: Json) -> str:
    word = answer.get("status")
    if isinstance(word, str) and word.strip():
        return word
    raise AskError(ProblemKind.BAD_REPLY, "the answer tells no status of the process")


def _refusal(reply: Reply, ref: Reference) -> AskError:
    """Two things are answered by 403: an expired status URL and bad credentials (trap 3); our deadline tells."""
    said = error_sentence(reply)
    more = f": {said}" if said else ""
    if ref.expires_at is None:
        message = f"the status link has expired, or it may not be read with these credentials (403){more}"
        return AskError(ProblemKind.FORBIDDEN, message, hint="check the token and the api_key, or start the call again")
    if reply.received_at >= ref.expires_at:
        return AskError(ProblemKind.GONE, f"the status link's time is over (403){more}")
    return AskError(
        ProblemKind.FORBIDDEN, f"not authorised to read the status (403){more}", hint="check the token and the api_key"
    )


def _is_expired(answer: Json) -> bool:
    """Whether `resultUrlExpiresInSeconds` is -1; the process stays `completed` then (trap 5)."""
    left = answer.get("resultUrlExpiresInSeconds")
    if isinstance(left, str):
        return left.strip().startswith("-")
    return isinstance(left, int | float) and left < 0


def _notice(state: JobState, *, expired: bool) -> str | None:
    if state is JobState.UNKNOWN:
        return "a status that jobdeck does not know; it is asked on"
    if state in (JobState.FAILED, JobState.CANCELLED):
        return "JAGGAER gives no reason"
    return _NO_RESULT if expired else None


def _outputs(answer: Json, ref: Reference, *, expired: bool) -> tuple[Output, ...]:
    """The one result. It has no name of its own, so the last part of its address is taken, else the pid."""
    url = text_of(answer.get("resultUrl"))
    last = unquote(path_of(url).rstrip("/").rpartition("/")[2]) if url else ""
    name = one_line(last, 200) or f"result-{ref.id}"
    if expired:
        return (Output(name, OutputKind.VALUE, value="expired"),)
    return (Output(name),) if url else ()


def _reference(url: str, expires_at: datetime | None) -> Reference | None:
    pid = _pid_of(url)
    return Reference(pid, url=url, expires_at=expires_at) if pid else None


def _pid_of(url: str) -> str:
    """The pid as it stands in the URL, its escapes kept, since it is opaque; "" for other URLs."""
    return path_of(url).partition(STATUS_PATH)[2]


def _same_origin(url: str, other: str) -> bool:
    try:
        one, two = httpx.URL(url), httpx.URL(other)
    except (httpx.InvalidURL, ValueError):
        return False
    return (one.scheme, one.host, one.port) == (two.scheme, two.host, two.port)


def _members(value: object) -> Iterator[tuple[str, object]]:
    """Every key and value of a JSON text, however deep, without recursion."""
    rest: list[object] = [value]
    while rest:
        node = rest.pop()
        if isinstance(node, dict):
            yield from node.items()
            rest.extend(node.values())
        elif isinstance(node, list):
            rest.extend(node)


VENDOR = Jaggaer()
