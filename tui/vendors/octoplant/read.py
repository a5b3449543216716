"""octoplant: names of orders, and readers of their Operation (dossier sections 3.1 and 3.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from tui.errors import AskError, UsageError
from tui.model import JobState, Output, ProblemKind, Reference, Snapshot, Stage, Stat
from tui.untrusted_json import read_json
from tui.vendors._errors import one_line
from tui.vendors._memo import Memo
from tui.vendors._order import outcome_unknown
from tui.vendors._read import Json, as_object, object_of, path_of, raw_json, text_of, whole_of
from tui.vendors.contract import Pasted, Reply
from tui.vendors.octoplant.errors import CANCELLED, UNKNOWN_ORDER, check_answer, status_of

_ORDER_PATH = re.compile(r".*/v1/+order(?:/+(?P<name>[^/]+)(?:/+(?:download|cancel))?)?/*", re.DOTALL)
_NAME = re.compile(r"(?=.{12})[0-9A-Za-z]+(?:-[0-9A-Za-z]+){2,}")
_ANY_NAME = re.compile(r"(?=.*[^.])[^\s/]{1,200}")
"""One segment of a path: no page says what a name looks like (section 3)."""
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
_memo = Memo()


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
        text, shape = pasted.text.strip(), _ANY_NAME if pasted.any_shape else _NAME
        return Reference(text) if shape.fullmatch(text) else None
    try:
        body = read_json(pasted.body)
    except ValueError:
        return None
    return _ref_of_body(body) if isinstance(body, dict) else None


def read_operation(reply: Reply, ref: Reference) -> Snapshot:
    """The Operation of an order (3.2): decided by `done` first, then `error`, then `metadata.state`.

    Raises AskError; GONE also for a 200 whose state is unspecified, which is how an unknown order is answered.
    """
    check_answer(reply)
    return _memo.read(reply.body, ref, lambda: _read_operation(object_of(reply), ref)).snapshot


def _read_operation(operation: Json, ref: Reference) -> Snapshot:
    if operation and not _OPERATION_KEYS & operation.keys():
        raise AskError(ProblemKind.BAD_REPLY, "the answer is not an order's Operation", hint="look at base_url")
    told = operation.get("metadata")
    metadata = as_object(told, "order's metadata") if told is not None else {}
    word = text_of(metadata.get("state")) or UNSPECIFIED
    done, error = operation.get("done") is True, status_of(operation.get("error"))
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


def read_started(reply: Reply) -> Reference:
    """The name of the order that was just started. Raises AskError; UNREACHABLE where the answer leaves it open."""
    try:
        operation = object_of(reply)
    except AskError as error:
        raise outcome_unknown(error) from None
    failed = status_of(operation.get("error"))
    if failed is not None:
        code, said = failed
        raise AskError(
            ProblemKind.BAD_REPLY,
            f"octoplant did not start the order: {said or f'error {code}'}",
            hint="look at the contents and at the user's rights",
        )
    metadata = operation.get("metadata")
    named = text_of(operation.get("name")) or (text_of(metadata.get("name")) if isinstance(metadata, dict) else None)
    if named is None or not named.strip("."):
        raise AskError(
            ProblemKind.UNREACHABLE, "octoplant's answer names no order", hint="look in octoplant's export log"
        )
    return Reference(named)


def _state_of(word: str, error: tuple[int | None, str] | None, *, done: bool) -> tuple[JobState, str | None]:
    """The state and a notice; raises AskError(GONE) for an order that nobody knows."""
    if error is not None:
        code, said = error
        if code == CANCELLED:  # there is no cancelled state (trap 8)
            return JobState.CANCELLED, None
        return JobState.FAILED, said or f"octoplant says error {code}"
    if done:
        return _ENDS.get(word, (JobState.UNKNOWN, "done, but its state does not say how; it is asked on"))
    if word == UNSPECIFIED:
        raise AskError(
            ProblemKind.GONE, UNKNOWN_ORDER, hint="look at the name; a finished order is kept for a while only"
        )
    return _ON_THE_WAY.get(word, (JobState.UNKNOWN, "a state that jobdeck does not know; it is asked on"))


def _progress(finished: int | None, still_open: int | None) -> float | None:
    if finished is None and still_open is None:
        return None
    total = (finished or 0) + (still_open or 0)
    return (finished or 0) / total if total else None


def _pick(metadata: Json, *names: str) -> object:
    return next((metadata[name] for name in names if name in metadata), None)


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
