"""EnOS: access token and signature of the second generation (dossier sections 1.1 and 1.2)."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import httpx

from tui.clock import Clock
from tui.errors import AskError
from tui.model import ProblemKind, Secret
from tui.vendors._errors import one_line
from tui.vendors._login import Token, TokenLogin
from tui.vendors._oauth import fits_header
from tui.vendors._read import as_object, life_of, object_of, whole_of
from tui.vendors.contract import Reply
from tui.vendors.enos.envelope import check_gateway, clock_hint, json_or_none, refusal, says_dead

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PEEK = 65_536
"""An error envelope is far shorter; a longer JSON body is a result and is left on the wire."""
_SIGNED = "jobdeck.enos.signed"

_ALREADY_USED = 1001
_LOGIN_REFUSALS = {1002: "the access_key is unknown", 1003: "the secret_key does not fit the access_key"}
_REFRESH_REFUSALS = frozenset({1202, 1203, 1204})
_INTERNAL = 1005


class EnosLogin(TokenLogin):
    """`token/get`, `token/refresh` before the end, and the three `apim-*` headers on every request.

    An error envelope that comes in place of a result file raises its AskError here, since whoever streams a file
    would keep it as one. A token that is refused twice in a JSON answer raises AUTH.
    """

    def __init__(self, clock: Clock, gateway: str, access_key: str, secret: Secret) -> None:
        super().__init__(clock)
        self._service = gateway.rstrip("/") + "/apim-token-service/v2.0/token"
        self._access_key = access_key
        self._secret = secret
        self._last_stamp = 0
        self._refreshing = False
        self._refresh_failed = False

    def token_request(self, old: Token | None) -> httpx.Request:
        """`token/refresh` for a living token, since `get` would only repeat it; else `token/get`."""
        # The service takes each `encryption` once, so no two of ours may share a millisecond (trap 4).
        self._last_stamp = max(milliseconds(self.clock.now()), self._last_stamp + 1)
        body: dict[str, str | int] = {
            "appKey": self._access_key,
            "timestamp": self._last_stamp,
            "encryption": encryption(self._access_key, self._last_stamp, self._secret),
        }
        self._refreshing = old is not None and not self._refresh_failed
        if old is not None and self._refreshing:
            body["accessToken"] = old.value.reveal()
        return httpx.Request("POST", f"{self._service}/{'refresh' if self._refreshing else 'get'}", json=body)

    def read_token(self, reply: Reply) -> Token | None:
        """None for "ask again": a used `encryption`, or a refresh that came too late and is followed by a `get`."""
        answer = object_of(check_gateway(reply))
        status = whole_of(answer.get("status"))
        if status == _ALREADY_USED:
            return None
        if status in _REFRESH_REFUSALS and self._refreshing:
            self._refresh_failed = True
            return None
        if status != 0:
            raise _login_refusal(status, one_line(answer.get("msg")), clock_hint(reply))
        self._refresh_failed = False
        data = as_object(answer.get("data"), "token answer's data")
        token = data.get("accessToken")
        if not isinstance(token, str) or not fits_header(token):
            raise AskError(
                ProblemKind.BAD_REPLY, "the token service's answer holds no usable accessToken", hint="look at base_url"
            )
        return Token(Secret(token), life_of(data.get("expire")))

    def sign(self, request: httpx.Request, token: Token) -> None:
        """Put the token, the time and the signature over them on the request."""
        stamp = str(milliseconds(self.clock.now()))
        request.headers["apim-accesstoken"] = token.value.reveal()
        request.headers["apim-timestamp"] = stamp
        request.headers["apim-signature"] = signature(
            token.value, request.url.query, request.content, stamp, self._secret
        )
        request.extensions = {**request.extensions, _SIGNED: request.extensions.get(_SIGNED, 0) + 1}

    async def is_dead(self, response: httpx.Response) -> bool:
        """HTTP 401, or one of the codes in a short JSON body; the body of a result is never read (section 2)."""
        if response.status_code == 401:
            return True
        answer = await _envelope(response)
        if says_dead(answer):
            if response.request.extensions[_SIGNED] < 2:
                return True
            answered = Reply(response.status_code, response.headers, b"", self.clock.now())
            raise AskError(
                ProblemKind.AUTH,
                "the gateway does not accept a new access token",
                hint=clock_hint(answered) or "check access_key and secret_key",
            )
        if isinstance(answer, dict) and response.is_success and response.request.url.path.endswith("/data"):
            code = whole_of(answer.get("code"))
            if code and "msg" in answer:
                raise refusal(answer, code, in_file=True)
        return False


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970, without the rounding of a float."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def encryption(access_key: str, stamp: int, secret: Secret) -> str:
    """What proves the secret to the token service: lower-case hex SHA-256 (section 1.1)."""
    return hashlib.sha256(f"{access_key}{stamp}".encode() + _bytes(secret)).hexdigest()


def signature(token: Secret, raw_query: bytes, body: bytes, stamp: str, secret: Secret) -> str:
    """The `apim-signature` (section 1.2): over the decoded query, sorted by code point, and the bytes of the body.

    A repeated name is signed once with its first value, as the vendor's own sample does.
    """
    values: dict[str, str] = {}
    for name, value in parse_qsl(raw_query.decode("ascii"), keep_blank_values=True):
        values.setdefault(name, value)
    query = "".join(name + values[name] for name in sorted(values))
    return hashlib.sha256(_bytes(token) + query.encode() + body + stamp.encode() + _bytes(secret)).hexdigest()


def _bytes(secret: Secret) -> bytes:
    # An environment variable that is not UTF-8 keeps its bytes this way.
    return secret.reveal().encode("utf-8", "surrogateescape")


def _login_refusal(status: int | None, said: str, clock: str) -> AskError:
    words = f"{status}: {said}" if said else str(status)
    if status in _LOGIN_REFUSALS:
        return AskError(
            ProblemKind.AUTH, f"{_LOGIN_REFUSALS[status]} ({words})", hint=clock or "check access_key and secret_key"
        )
    if status == _INTERNAL:
        return AskError(
            ProblemKind.UNREACHABLE, f"the token service has an internal error ({words})", hint="wait a little"
        )
    if status is None:
        return AskError(ProblemKind.BAD_REPLY, "the token service's answer has no status", hint="look at base_url")
    hint = clock or "look at this machine's clock, at access_key and secret_key"
    return AskError(ProblemKind.BAD_REPLY, f"the token service refuses ({words})", hint=hint)


async def _envelope(response: httpx.Response) -> object:
    """A short JSON body, looked at without taking it from whoever reads the response; None for all else."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/json", "text/json"):
        return None
    head, stream = b"", response.stream
    if not isinstance(stream, httpx.AsyncByteStream):
        return None
    rest = aiter(stream)
    ended = False
    while not ended and len(head) <= _PEEK:
        try:
            head += await anext(rest)
        except StopAsyncIteration:
            ended = True
    response.stream = _Replayed(head, rest, stream)
    if not ended:
        return None
    coding = {name: value for name, value in response.headers.items() if name == "content-encoding"}
    try:
        return json_or_none(httpx.Response(response.status_code, headers=coding, content=head).content)
    except httpx.DecodingError:
        return None


class _Replayed(httpx.AsyncByteStream):
    """A body whose beginning has been looked at already."""

    def __init__(self, head: bytes, rest: AsyncIterator[bytes], source: httpx.AsyncByteStream) -> None:
        self._head = head
        self._rest = rest
        self._source = source

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._head:
            yield self._head
        async for piece in self._rest:
            yield piece

    async def aclose(self) -> None:
        await self._source.aclose()
