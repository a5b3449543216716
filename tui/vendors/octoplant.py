"""octoplant: orders of the Export API (dossier sections 2 to 5)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote

import httpx

from tui.clock import Clock
from tui.errors import AskError, UsageError
from tui.model import (
    Connection,
    JobState,
    Output,
    ProblemKind,
    Reference,
    Secret,
    SecretField,
    Setting,
    Snapshot,
    Stage,
    Stat,
)
from tui.vendors._errors import check_saying, one_line, plain_sentence
from tui.vendors._login import Token, TokenLogin
from tui.vendors._oauth import read_bearer
from tui.vendors._read import Json, as_object, object_of, path_of, raw_json, text_of, whole_of
from tui.vendors.contract import Link, Pasted, Reply, Secrets, Session

PUBLISHED_SECRET = "ff99971a-f8c3-4d21-5345-f7cb021b4b54"  # noqa: S105  # printed on the vendor's public page
UNKNOWN_ORDER = "octoplant does not know this order (any more)"

_ORDER_PATH = re.compile(r".*/v1/+order(?:/+(?P<name>[^/]+)(?:/+(?:download|cancel))?)?/*", re.DOTALL)
_NAME = re.compile(r"(?=.{12})[0-9A-Za-z]+(?:-[0-9A-Za-z]+){2,}")
UNSPECIFIED = "STATE_UNSPECIFIED"
_ENDS = {
    "STATE_SUCCEEDED": (JobState.SUCCEEDED, None),
    "STATE_FAILED": (JobState.FAILED, "octoplant gives no reason"),
}
_ON_THE_WAY = {
    "STATE_PENDING": (JobState.WAITING, None),
    "STATE_RUNNING": (JobState.RUNNING, None),
    # Not done yet, so not over yet: success is `done` and the state together (trap 4).
    "STATE_SUCCEEDED": (JobState.RUNNING, "about to end"),
    "STATE_FAILED": (JobState.RUNNING, "about to end"),
}
_OPERATION_KEYS = frozenset({"name", "metadata", "done", "error", "response"})
_CANCELLED = 1
_NOT_FOUND = 5


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
        hint = "check username and password; several wrong logins may lock the account"
        return read_bearer(reply, error_sentence(reply), hint=hint)


def read_ref(pasted: Pasted) -> Reference | None:
    """An order name, an order URL, or the Operation of a reply. Raises UsageError for a request that names none."""
    if pasted.url is not None:
        path = _ORDER_PATH.fullmatch(path_of(pasted.url))
        if path is None:
            return None
        if path["name"]:
            return _reference(unquote(path["name"]))
        raise UsageError("this starts an order but does not name one", hint="track the name from its reply")
    if pasted.body is None:
        text = pasted.text.strip()
        return Reference(text) if _NAME.fullmatch(text) else None
    try:
        body: object = json.loads(pasted.body)
    except (ValueError, RecursionError):
        return None
    return _ref_of_body(body) if isinstance(body, dict) else None


def read_operation(reply: Reply, ref: Reference) -> Snapshot:
    """The Operation of an order (3.2): decided by `done` first, then `error`, then `metadata.state`.

    Raises AskError; GONE also for a 200 whose state is unspecified, which is how an unknown order is answered.
    """
    operation = object_of(check_answer(reply))
    if operation and not _OPERATION_KEYS & operation.keys():
        raise AskError(ProblemKind.BAD_REPLY, "the answer is not an order's Operation")
    told = operation.get("metadata")
    metadata = as_object(told, "order's metadata") if told is not None else {}
    word = text_of(metadata.get("state")) or UNSPECIFIED
    done, error = operation.get("done") is True, _status_of(operation.get("error"))
    state, notice = _state_of(word, error, done=done)
    current = None if state.is_over else _pick(metadata, "currentSubProcess", "current_sub_process")
    counters = {
        name: whole_of(_pick(metadata, key, name))
        for key, name in (
            ("finishedSubProcesses", "finished_sub_processes"),
            ("openSubProcesses", "open_sub_processes"),
        )
    }
    return Snapshot(
        state=state,
        vendor_status=word,
        notice=notice or (f"exporting {one_line(current, 100)}" if text_of(current) else None),
        progress=_progress(*counters.values()),
        stages=tuple(Stage(name) for name in (text_of(current),) if name),
        stats=tuple(Stat(name, value) for name, value in counters.items() if value is not None),
        outputs=(Output(f"{ref.id}.zip"),) if state is JobState.SUCCEEDED else (),
        raw=raw_json(operation),
    )


def error_sentence(reply: Reply) -> str:
    """What an error answer says in any of the five shapes of section 4; "" if nothing."""
    try:
        value = reply.json()
    except AskError:
        return plain_sentence(reply)
    return next((said for said in _sentences(value) if said), "")


def check_answer(reply: Reply) -> Reply:
    """A 2xx reply as it is. Raises AskError; a 404 that is no gRPC answer comes from something else on the way."""
    if reply.status == 404 and not _is_grpc(reply):
        raise AskError(
            ProblemKind.BAD_REPLY, "something answered 404 that is not the Export API", hint="look at base_url"
        )
    return check_saying(reply, error_sentence(reply), unknown=UNKNOWN_ORDER)


class Octoplant:
    """Satisfies `Vendor` and `Cancels`."""

    name = "octoplant"
    label = "octoplant"
    settings = (
        Setting("base_url", "Address of the server, e.g. https://plant.example:64023", required=True),
        Setting("username", r"User; a domain user is DOMAIN\user", required=True),
        Setting("client_id", "Client id of the API", default="public-api"),
    )
    secrets = (
        SecretField("password", "The user's password"),
        SecretField("client_secret", "Client secret of the API", required=False, default=PUBLISHED_SECRET),
    )

    def login(self, connection: Connection, secrets: Secrets, clock: Clock) -> httpx.Auth:
        """See `contract.Vendor`."""
        client_secret = secrets.get("client_secret") or Secret(PUBLISHED_SECRET)
        return OctoplantLogin(connection, secrets.need("password"), client_secret, clock)

    def read_ref(self, pasted: Pasted, connection: Connection) -> Reference | None:  # noqa: ARG002
        """See `contract.Vendor`."""
        return read_ref(pasted)

    async def ask(self, session: Session, ref: Reference) -> Snapshot:
        """See `contract.Vendor`."""
        return read_operation(await session.send("GET", _order(ref)), ref)

    async def resolve(self, session: Session, ref: Reference, output: Output) -> tuple[Link, ...]:
        """See `contract.Vendor`. The archive comes through the session, without a length (3.3)."""
        url = session.connection.base_url.rstrip("/") + _order(ref, "/download")
        return (Link(url, signed_in=True, file_name=output.name, is_zip=True),)

    async def cancel(self, session: Session, ref: Reference) -> None:
        """See `contract.Cancels`. Best effort: it may lose against completion (3.2)."""
        check_answer(await session.send("POST", _order(ref, "/cancel")))

    async def probe(self, session: Session) -> str:
        """See `contract.Vendor`. Asks for the API's version."""
        answer = object_of(check_answer(await session.send("GET", "/v1/status/api_version")))
        version = one_line(answer.get("version"), 40) or "of unknown version"
        return f"signed in, and the API ({version}) answers; what the user may export shows in the export only"


def _order(ref: Reference, call: str = "") -> str:
    return f"/v1/order/{quote(ref.id, safe='')}{call}"


def _state_of(word: str, error: Json | None, *, done: bool) -> tuple[JobState, str | None]:
    """The state and a notice; raises AskError(GONE) for an order that nobody knows."""
    if error is not None:
        if whole_of(error.get("code")) == _CANCELLED:  # there is no cancelled state (trap 8)
            return JobState.CANCELLED, None
        return JobState.FAILED, one_line(error.get("message")) or f"octoplant says error {one_line(error.get('code'))}"
    if done:
        return _ENDS.get(word, (JobState.UNKNOWN, "done, but its state does not say how; it is asked on"))
    if word == UNSPECIFIED:
        raise AskError(ProblemKind.GONE, UNKNOWN_ORDER)
    return _ON_THE_WAY.get(word, (JobState.UNKNOWN, "a state that jobdeck does not know; it is asked on"))


def _status_of(error: object) -> Json | None:
    """The gRPC status of a failed order; None for `null`, for one with nothing in it, and for code 0 (trap 3)."""
    if not isinstance(error, dict):
        return {"message": error} if isinstance(error, str) and error else None
    return error if whole_of(error.get("code")) or text_of(error.get("message")) else None


def _progress(finished: int | None, still_open: int | None) -> float | None:
    if finished is None and still_open is None:
        return None
    total = (finished or 0) + (still_open or 0)
    return (finished or 0) / total if total else None


def _pick(metadata: Json, *names: str) -> object:
    return next((metadata[name] for name in names if name in metadata), None)


def _sentences(value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    error = value.get("error")
    if isinstance(error, dict):
        yield one_line(error.get("message"))
    yield one_line(value.get("error_description"))
    yield one_line(value.get("message"))
    yield one_line(error)


def _is_grpc(reply: Reply) -> bool:
    try:
        value = reply.json()
    except AskError:
        return False
    if isinstance(value, dict) and isinstance(value.get("error"), dict):
        value = value["error"]
    return isinstance(value, dict) and _NOT_FOUND in (value.get("code"), value.get("grpc_code"))


def _ref_of_body(body: Mapping[str, object]) -> Reference | None:
    metadata = body.get("metadata")
    if "exportContents" in body:
        raise UsageError("this starts an order but does not name one", hint="track the name from its reply")
    named = body.get("name") or (metadata.get("name") if isinstance(metadata, dict) else None)
    if isinstance(named, str) and named:
        is_operation = isinstance(metadata, dict) or "done" in body or _NAME.fullmatch(named)
        return _reference(named) if is_operation else None
    if isinstance(metadata, dict) and "done" in body:
        raise UsageError("this Operation names no order", hint="paste the reply of the call that started it")
    return None


def _reference(name: str) -> Reference:
    if name.strip("."):
        return Reference(name)
    # Every URL library on the way takes such a path segment for a folder.
    raise UsageError(f"{name!r} is not the name of an order", hint="track the name from the reply of its start")


VENDOR = Octoplant()
