"""JAGGAER: starting a process by the URL of an `/async` call (dossier section 2)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from tui.address import joined
from tui.errors import AskError, UsageError
from tui.model import Connection, ProblemKind, Reference
from tui.untrusted_json import read_json
from tui.vendors._errors import check_saying
from tui.vendors._order import outcome_unknown
from tui.vendors._read import path_of
from tui.vendors.contract import Order, Pasted, Reply
from tui.vendors.jaggaer.read import START_SUFFIX, STATUS_PATH, error_sentence, read_ref

_EXAMPLE = "/event/4711/apiBids/async"
_HINT = f"give the URL of the call, e.g. https://HOST{_EXAMPLE}"
_METHODS = ("GET", "POST")


@dataclass(frozen=True, slots=True)
class Start:
    """The call that starts a process; `url` is absolute, or a path below `base_url`."""

    method: str
    url: str
    content: bytes | None = None


def start_of(order: Order) -> Start:
    """The call: GET where there is no body, POST with one; a method before the URL wins. Raises UsageError."""
    method, _, url = (order.place or "").strip().rpartition(" ")
    method, body = method.strip().upper(), order.body.strip()
    if not url:
        raise UsageError("JAGGAER starts a process by the URL of an /async call", hint=_HINT)
    if method and method not in _METHODS:
        raise UsageError(f"{method[:20]!a} is no way to start a process", hint=f"write GET or POST before {_EXAMPLE}")
    if not path_of(url).endswith(START_SUFFIX) or urlsplit(url).scheme not in ("", "http", "https"):
        raise UsageError("the call's path must end with /async: no other one starts a process", hint=_HINT)
    if body and method == "GET":
        raise UsageError("a GET carries no body", hint="leave the body empty, or write POST before the URL")
    if not body:
        return Start(method or "GET", url)
    try:
        read_json(body)
        return Start("POST", url, body.encode())
    except ValueError as error:
        raise UsageError("the call's body is not JSON", hint="mend the body; nothing was sent") from error


def read_start(reply: Reply, connection: Connection) -> Reference:
    """The process that was started, with the end of its status URL's life.

    Raises AskError: what the service refused with; UNREACHABLE when it took the call and yet names no status URL
    that can be asked here.
    """
    try:
        check_saying(reply, error_sentence, unknown="JAGGAER knows no such call")
    except AskError as error:
        hint = "look at the URL of the call" if error.kind is ProblemKind.GONE else error.hint
        raise AskError(error.kind, error.message, hint=hint, retry_after=error.retry_after) from None
    try:
        reference = read_ref(Pasted("", reply.received_at, body=_told(reply, connection)), connection)
    except UsageError as error:
        raise outcome_unknown(_taken(reply, error.message)) from error
    if reference is None:
        raise outcome_unknown(_taken(reply, "its answer names no status URL of this connection's host"))
    return reference


def _told(reply: Reply, connection: Connection) -> str:
    """The answer's body, and the status URL of its Location header, if there is one, as one JSON text."""
    location = reply.headers.get("location", "")
    try:
        told = {"body": read_json(reply.body or b"null")}
        if STATUS_PATH in path_of(location):
            told["location"] = joined(connection.base_url, location)
        return json.dumps(told)
    except ValueError:
        return "null"


def _taken(reply: Reply, what: str) -> AskError:
    hint = "look at base_url and service, or for a login page between; the process may run all the same"
    return AskError(ProblemKind.BAD_REPLY, f"the service answered {reply.status}, but {what}", hint=hint)
