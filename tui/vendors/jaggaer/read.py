"""JAGGAER: readers of what was pasted, of the status answers and of refusals (dossier sections 2, 3 and 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

from tui.address import same_origin
from tui.errors import AskError, UsageError
from tui.model import Connection, JobState, Output, OutputKind, ProblemKind, Reference, Snapshot, Stat
from tui.untrusted_json import read_json
from tui.vendors._errors import check_saying, one_line, plain_sentence
from tui.vendors._read import Json, address_of, life_of, object_of, path_of, raw_json, text_of
from tui.vendors.contract import Link, Pasted, Reply
from tui.vendors.jaggaer.result import START_AGAIN, clocks_differ, dies_at, name_of, seconds_left
from tui.wording import duration, when

START_SUFFIX = "/async"
"""How the path of every call ends that starts a process (dossier section 1)."""
STATUS_PATH = "/asyncStatus/"
"""What the path of every status URL holds (dossier section 3)."""

_PID = re.compile(r"[A-Za-z0-9+=_%~-][A-Za-z0-9+/=_%.~-]{2,500}")
"""What a pid may look like: Base64, its special characters escaped or not."""

_STATES = {
    "processing": JobState.RUNNING,
    "completed": JobState.SUCCEEDED,
    "failed": JobState.FAILED,
    "cancelled": JobState.CANCELLED,
}
NEAR_THE_END = 900.0
"""A result that dies within so many seconds is shouted about; the vendor's own links live 300."""
_NO_RESULT = f"the result's link has expired; {START_AGAIN}"
_NO_ADDRESS = "refresh the job; if it stays so, start the call again"
_SENTENCES = ("error_description", "message", "errorMessage", "detail", "title", "error")


def read_ref(pasted: Pasted, connection: Connection) -> Reference | None:
    """A status URL, or the JSON reply of the call that started the process, whose `expiresInSeconds` is kept.

    A pid alone looks like anything: it counts where the connection was named too.
    """
    if pasted.url is not None:
        return _reference(pasted.url, None)
    if pasted.body is None:
        pid = pasted.text.strip().rpartition(STATUS_PATH)[2]
        is_pid = pasted.any_shape and _PID.fullmatch(pid)
        return _reference(_status_url(connection, pid), None) if is_pid else None
    try:
        body = read_json(pasted.body)
    except ValueError:
        return None
    urls, pids, life = set(), set(), None
    for key, value in _members(body):
        if isinstance(value, str) and "://" in value and _pid_of(value):
            urls.add(value)
        elif key == "encodedAsyncPid" and isinstance(value, str) and value:
            pids.add(_status_url(connection, value))
        elif key == "expiresInSeconds":
            life = life_of(value)
    urls = urls or pids
    if len(urls) > 1:
        raise UsageError("this reply holds several status URLs", hint="track one of them by its URL")
    url = next(iter(urls), "")
    if not url or not same_origin(url, connection.base_url):
        return None
    return _reference(url, None if life is None else pasted.at + timedelta(seconds=life))


def read_status(reply: Reply, ref: Reference) -> Snapshot:
    """The answer of the status URL (section 3). Raises AskError; a 403 is read against `ref.expires_at`."""
    answer = _status_object(reply, ref)
    word = _word(answer)
    state = _STATES.get(word.strip().lower(), JobState.UNKNOWN)
    if state is JobState.SUCCEEDED:
        return _completed(answer, ref, word, reply.received_at)
    return Snapshot(state=state, vendor_status=word, notice=_notice(state), raw=raw_json(answer))


def read_result(reply: Reply, ref: Reference) -> tuple[Link, Json]:
    """The result's link, byte for byte (trap 7), and the answer it stood in. Raises AskError; GONE once it is dead."""
    answer = _status_object(reply, ref)
    word = _word(answer)
    if _STATES.get(word.strip().lower()) is not JobState.SUCCEEDED:
        raise AskError(
            ProblemKind.BAD_REPLY, f"there is no result: the process is {one_line(word, 40)}", hint="wait for its end"
        )
    if _is_expired(answer):
        raise AskError(ProblemKind.GONE, "the result's link has expired", hint=START_AGAIN)
    try:
        url = address_of(answer.get("resultUrl"), "result's address")
    except AskError as error:
        raise AskError(error.kind, error.message, hint=_NO_ADDRESS) from error
    return Link(url, file_name=name_of(url)), answer


def error_sentence(reply: Reply) -> str:
    """What an error answer says; its form is not documented, so any of the usual ones."""
    try:
        value = reply.json()
    except AskError:
        return plain_sentence(reply)
    if not isinstance(value, dict):
        return ""
    return next((said for key in _SENTENCES if (said := one_line(value.get(key)))), "")


def _status_object(reply: Reply, ref: Reference) -> Json:
    if reply.status == 403:
        raise _refusal(reply, ref)
    if reply.status == 406:
        raise AskError(
            ProblemKind.BAD_REPLY,
            "the service refuses our Accept header (406)",
            hint="set service to ees, ches or quay",
        )
    return object_of(check_saying(reply, error_sentence, unknown="JAGGAER does not know this process"))


def _word(answer: Json) -> str:
    word = answer.get("status")
    if isinstance(word, str) and word.strip():
        return word
    raise AskError(
        ProblemKind.BAD_REPLY,
        "the answer tells no status of the process",
        hint="look at base_url and service: another service may answer there",
    )


def _refusal(reply: Reply, ref: Reference) -> AskError:
    """Two things are answered by 403: an expired status URL and bad credentials (trap 3); our deadline tells."""
    said = error_sentence(reply)
    more = f": {said}" if said else ""
    if ref.expires_at is None:
        message = f"the status link has expired, or it may not be read with these credentials (403){more}"
        return AskError(ProblemKind.FORBIDDEN, message, hint="check the token and the api_key, or start the call again")
    if reply.received_at >= ref.expires_at:
        return AskError(
            ProblemKind.GONE,
            f"the status link's time is over (403){more}",
            hint="start the call again, if it is needed",
        )
    return AskError(
        ProblemKind.FORBIDDEN,
        f"not authorised to read the status (403){more}",
        hint="check the secrets: the token and the api_key",
    )


def _is_expired(answer: Json) -> bool:
    left = seconds_left(answer)
    return left is not None and left <= 0


def _notice(state: JobState) -> str | None:
    if state is JobState.UNKNOWN:
        return "a status that jobdeck does not know; it is asked on"
    return "JAGGAER gives no reason" if state in (JobState.FAILED, JobState.CANCELLED) else None


def _completed(answer: Json, ref: Reference, word: str, received_at: datetime) -> Snapshot:
    """The one result, and until when it can be had. It has no name of its own: its address gives one, else the pid."""
    url = text_of(answer.get("resultUrl"))
    name = (name_of(url) if url else None) or f"result-{ref.id}"
    snapshot = Snapshot(state=JobState.SUCCEEDED, vendor_status=word, raw=raw_json(answer))
    if _is_expired(answer):
        gone = Output(name, OutputKind.VALUE, value="expired")
        return replace(snapshot, notice=_NO_RESULT, outputs=(gone,))
    if not url:
        return replace(snapshot, notice=f"the answer names no result: {_NO_ADDRESS}")
    dies = dies_at(answer, received_at)
    stats: tuple[Stat, ...] = (Stat("result link dies", when(dies)),) if dies else ()
    notice = None if dies is None else _countdown(dies, (dies - received_at).total_seconds())
    off = clocks_differ(answer, received_at)
    if off is not None:
        stats += (
            Stat("result link dies by its own date", f"{duration(abs(off))} {'later' if off > 0 else 'earlier'}"),
        )
    return replace(snapshot, notice=notice, stats=stats, outputs=(Output(name, expires_at=dies),))


def _countdown(dies: datetime, left: float) -> str | None:
    if left > NEAR_THE_END:
        return None
    return f"the result link dies in {duration(left)}, at {dies:%H:%M:%S} UTC: fetch it now"


def _status_url(connection: Connection, pid: str) -> str:
    return f"{connection.base_url.rstrip('/')}{STATUS_PATH}{quote(pid, safe='%')}"


def _reference(url: str, expires_at: datetime | None) -> Reference | None:
    pid = _pid_of(url)
    return Reference(pid, url=url, expires_at=expires_at) if pid else None


def _pid_of(url: str) -> str:
    """The pid as it stands in the URL, its escapes kept, since it is opaque; "" for other URLs."""
    return path_of(url).partition(STATUS_PATH)[2]


def _members(value: object) -> Iterator[tuple[str, object]]:
    """Every value of a JSON text with its key, "" in a list, however deep, without recursion."""
    rest: list[object] = [value]
    while rest:
        node = rest.pop()
        if isinstance(node, dict):
            yield from node.items()
            rest.extend(node.values())
        elif isinstance(node, list):
            yield from (("", each) for each in node)
            rest.extend(node)
