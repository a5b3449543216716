"""Reading the answer for many WorkItems at once; an item that says the same as the last time is not read again."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tui.errors import AskError
from tui.model import ProblemKind, Reference, Snapshot
from tui.untrusted_json import read_json
from tui.vendors._errors import one_line
from tui.vendors._memo import ListMemo, Told
from tui.vendors._read import Json, object_of
from tui.vendors.autodesk.errors import UNKNOWN_WORKITEM, advised, check_answer
from tui.vendors.autodesk.names import spelled
from tui.vendors.autodesk.read import read_workitem
from tui.vendors.contract import Reply

_memo = ListMemo()


def read_status_batch(reply: Reply, refs: Iterable[Reference]) -> dict[str, Snapshot | AskError]:
    """The answer of `POST workitems/status` (dossier 3.5), by id: results in any order, `errors` as GONE."""
    try:
        found, errors = _split(check_answer(reply).body)
    except (ValueError, RecursionError):  # an odd one among them: read as far as it can be
        found, errors = _parsed(reply)
    missing = {spelled(str(name)): text for name, text in errors.items()} if isinstance(errors, dict) else {}
    return {ref.id: _one_of_batch(ref, found.get(ref.id), missing) for ref in refs}


class _Named(msgspec.Struct):
    id: str


class _Batch(msgspec.Struct):
    results: list[msgspec.Raw]
    errors: dict[str, str] | None = None


_named, _batch = msgspec.json.Decoder(_Named), msgspec.json.Decoder(_Batch)


def _split(body: bytes) -> tuple[dict[str, object], object]:
    """The results by id, each as it was told before or, where it is new, as its bytes; the errors.

    Raises ValueError: MsgspecError, or UnicodeDecodeError for an id that is no text.
    """
    batch = _batch.decode(body)
    found: dict[str, object] = {}
    for said in map(bytes, batch.results):
        told = _memo.known(said)
        ref = told.ref() if told is not None else None
        if ref is not None:
            found[ref.id] = told
        else:
            found[spelled(_named.decode(said).id)] = said
    return found, batch.errors


def _parsed(reply: Reply) -> tuple[dict[str, object], object]:
    answer = object_of(reply)
    results, errors = answer.get("results"), answer.get("errors")
    if not isinstance(results, list) and not isinstance(errors, dict):
        raise AskError(ProblemKind.BAD_REPLY, "the answer holds neither results nor errors")
    return {_id_of(item): item for item in results} if isinstance(results, list) else {}, errors


def _id_of(item: object) -> str:
    named = item.get("id") if isinstance(item, dict) else None
    return spelled(named) if isinstance(named, str) else ""


def _one_of_batch(ref: Reference, item: object, missing: Json) -> Snapshot | AskError:
    if isinstance(item, Told) and item.ref() is ref:
        return item.snapshot
    if item is None:
        return advised(_why_missing(ref, missing))
    try:
        return _read_item(item.said if isinstance(item, Told) else item, ref)
    except AskError as error:
        return advised(error)


def _read_item(item: object, ref: Reference) -> Snapshot:
    if not isinstance(item, bytes):
        return read_workitem(item, ref)
    return _memo.read(item, ref, lambda: read_workitem(_item_of(item), ref)).snapshot


def _item_of(said: bytes) -> object:
    try:
        return read_json(said)
    except ValueError:  # the split does not look so closely
        raise AskError(ProblemKind.BAD_REPLY, "the WorkItem is not readable JSON", hint="look at base_url") from None


def _why_missing(ref: Reference, missing: Json) -> AskError:
    if ref.id not in missing:
        return AskError(ProblemKind.BAD_REPLY, "the answer leaves this WorkItem out")
    said = one_line(missing[ref.id])
    if not said or "not found" in said.lower():
        return AskError(ProblemKind.GONE, UNKNOWN_WORKITEM)
    return AskError(ProblemKind.BAD_REPLY, f"Autodesk could not tell this WorkItem's status: {said}")
