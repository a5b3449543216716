"""The body that starts a WorkItem, and what its reply says (dossier section 3.4)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches

from tui.errors import AskError, UsageError
from tui.model import ProblemKind, Reference
from tui.untrusted_json import read_json
from tui.vendors._errors import one_line
from tui.vendors._read import Json, object_of
from tui.vendors.autodesk.errors import check_service
from tui.vendors.autodesk.names import outputs_of_body, workitem_id
from tui.vendors.contract import Order, Reply

_PROGRESS = "onProgress"
_COMPLETE = "onComplete"
_ACTIVITY = re.compile(r"[^\s.+/]+\.[^\s.+/]+\+[^\s+/]+")
_VERBS = ("get", "refget", "read", "head", "put", "post", "patch")
_KEYS = ("activityId", "arguments", "signatures", "limitProcessingTimeSec", "id", "priority", "memoryGb", "gpu")
_ARGUMENT_KEYS = (
    *("url", "verb", "headers", "localName", "pathInZip", "optional", "references", "requestContent", "multiparts"),
    *("value", "uploadJobFolder"),
)
_ARGUMENT_HINT = 'write a text, {"value": …} or {"url": …, "verb": …}'


def order_body(order: Order) -> Json:
    """The order as an object that can be sent. Raises UsageError with what to write instead."""
    if order.place is not None:
        raise UsageError("Design Automation has one place for orders", hint="leave the place away")
    try:
        body = read_json(order.body, parse_constant=_no_such_number)
        json.dumps(body, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise UsageError(
            f"the order is not JSON: {error.msg} (line {error.lineno}, column {error.colno})",
            hint="a WorkItem is one JSON object",
        ) from None
    except ValueError:
        raise UsageError("the order holds what JSON cannot carry", hint="a WorkItem is one JSON object") from None
    if isinstance(body, list):
        raise UsageError("this is an array", hint="start one WorkItem at a time: one JSON object")
    if not isinstance(body, dict):
        raise UsageError(
            "this is no JSON object", hint='write {"activityId": "Owner.Activity+alias", "arguments": {…}}'
        )
    _check_keys(body, _KEYS, "the order")
    _check_activity(body.get("activityId"))
    _check_arguments(body.get("arguments"))
    limit = body.get("limitProcessingTimeSec")
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
        raise UsageError("limitProcessingTimeSec is not a whole number of seconds", hint="write e.g. 900")
    return body


def posts_progress(order: Order) -> bool:
    """Whether the job of this order, which was sent before, calls its owner while it runs (dossier 3.6)."""
    if _PROGRESS not in order.body:  # asked for each look at the job
        return False
    arguments = json.loads(order.body).get("arguments")
    return isinstance(arguments, dict) and _PROGRESS in arguments


def with_on_complete(order: Order, url: str) -> Order:
    """The order with an `onComplete` of ours, unless it has one (dossier 3.6: it need not be declared)."""
    body = order_body(order)
    arguments = body.get("arguments") or {}
    if not isinstance(arguments, dict) or _COMPLETE in arguments:
        return order
    named = {**arguments, _COMPLETE: {"verb": "post", "url": url}}
    return replace(order, body=json.dumps({**body, "arguments": named}, ensure_ascii=False))


def order_bytes(body: Json, largest: int) -> bytes:
    """The order as it is sent, without blanks. Raises AskError, before anything is sent, when it is too large."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    if len(content) > largest:
        raise _too_large(f"the order has {len(content)} bytes, Autodesk takes {largest}; nothing was sent")
    return content


def read_started(reply: Reply, body: Json) -> Reference:
    """The WorkItem that was started, with the outputs that its order names (dossier 3.4: 200, not 201).

    Raises AskError: UNREACHABLE when it may have been started, although its answer does not say so.
    """
    if reply.status == 413:
        raise _too_large("Autodesk finds the order too large (413); nothing was started")
    check_service(reply)
    try:
        named = workitem_id(object_of(reply).get("id"))
    except AskError as error:
        raise AskError(ProblemKind.UNREACHABLE, f"Autodesk took the order, but {error.message}") from None
    if named is None:
        raise AskError(ProblemKind.UNREACHABLE, "Autodesk took the order, but its answer names no WorkItem")
    return Reference(named, outputs=outputs_of_body(body))


def _check_activity(activity: object) -> None:
    if activity is None:
        raise UsageError("the order has no activityId", hint='write "activityId": "Owner.Activity+alias"')
    if not isinstance(activity, str) or not _ACTIVITY.fullmatch(activity):
        raise UsageError(
            f"activityId {_shown(activity)} is not qualified",
            hint='write "Owner.Activity+alias", e.g. acme.Export+prod',
        )


def _check_arguments(arguments: object) -> None:
    if arguments is None:
        return
    if not isinstance(arguments, dict):
        raise UsageError(
            "arguments is not a map", hint=f"write {{NAME: ARGUMENT, …}}; for an argument {_ARGUMENT_HINT}"
        )
    for name, argument in arguments.items():
        if not isinstance(argument, str):
            _check_argument(f"the argument {one_line(name, 80)}", argument)


def _check_argument(what: str, argument: object) -> None:
    if not isinstance(argument, dict):
        raise UsageError(f"{what} is neither a text nor an object", hint=_ARGUMENT_HINT)
    _check_keys(argument, _ARGUMENT_KEYS, what)
    if not {"url", "value", "uploadJobFolder"} & argument.keys():
        raise UsageError(f"{what} has neither a url nor a value", hint=_ARGUMENT_HINT)
    url, verb, headers = argument.get("url", "x:"), argument.get("verb", "get"), argument.get("headers", {})
    if not isinstance(url, str) or ":" not in url:
        raise UsageError(f"the url of {what} is no address", hint="write https://…, data:… or urn:adsk.objects:…")
    if not isinstance(verb, str) or verb.lower() not in _VERBS:
        raise UsageError(f"the verb {_shown(verb)} of {what} is unknown", hint=f"write one of: {', '.join(_VERBS)}")
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise UsageError(f"the headers of {what} are not a map of texts", hint='write {"Authorization": "Bearer …"}')


def _check_keys(found: Json, known: Iterable[str], what: str) -> None:
    """Refuse what is clearly a slip of the pen; other new keys may come at any time (trap 4)."""
    names = {name.lower(): name for name in known}
    for key in found:
        near = get_close_matches(key.lower(), names, 1, 0.8)
        if near and key != names[near[0]] and names[near[0]] not in found:
            raise UsageError(f"{what} has a key {_shown(key)}", hint=f"did you mean {names[near[0]]}?")


def _too_large(message: str) -> AskError:
    hint = "put long texts into OSS and name them by url; raise max_order_bytes if Autodesk raised your limit"
    return AskError(ProblemKind.BAD_REPLY, message, hint=hint)


def _shown(value: object) -> str:
    return repr(one_line(value, 80)) if isinstance(value, str) else "given"


def _no_such_number(name: str) -> object:
    raise ValueError(name)
