"""Reading Autodesk's answers: pure functions from replies to model objects (dossier sections 2 to 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise

from tui.errors import AskError
from tui.model import JobState, Output, ProblemKind, Reference, Snapshot, Stage, Stat
from tui.vendors._autodesk_names import output_names
from tui.vendors._errors import check_saying, one_line, plain_sentence
from tui.vendors._read import Json, address_of, as_object, moment_of, object_of, raw_json, text_of, whole_of
from tui.vendors.contract import Link, Part, Reply

UNKNOWN_WORKITEM = "Autodesk does not know this WorkItem; it keeps one for 3 days after its end"

_STATES = {
    "pending": (JobState.WAITING, None),
    "inprogress": (JobState.RUNNING, None),
    "success": (JobState.SUCCEEDED, None),
    "faileduploadoptional": (JobState.SUCCEEDED, "optional outputs failed; the report says which"),
    "cancelled": (JobState.CANCELLED, None),
    "faileddownload": (JobState.FAILED, "an input could not be fetched"),
    "failedinstructions": (JobState.FAILED, "the engine or the add-in failed"),
    "failedupload": (JobState.FAILED, "an output could not be found or sent"),
    "failedlimitprocessingtime": (JobState.FAILED, "the time limit was exceeded"),
    "failedlimitdatasize": (JobState.FAILED, "the data size limit was exceeded"),
}
_MARKS = (
    ("queued", "timeQueued"),
    ("download", "timeDownloadStarted"),
    ("run", "timeInstructionsStarted"),
    ("upload", "timeInstructionsEnded"),
)
_SENTENCES = ("developerMessage", "userMessage", "reason", "error_description", "message", "error")
_SCOPE_HINT = "the app's token lacks a right: it needs the scopes code:all and data:read"
_OWNER_HINT = "the WorkItem or bucket belongs to another app; look at client_id"
_STAT = re.compile(r"[A-Za-z][A-Za-z0-9]{0,40}")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_RANGE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_ZIP_TYPES = ("application/zip", "application/x-zip-compressed")


def error_sentence(reply: Reply) -> str:
    """What an error answer says, whichever of its seven shapes it has (dossier, trap 13); "" if nothing."""
    try:
        value = reply.json()
    except AskError:
        return plain_sentence(reply)
    if not isinstance(value, dict):
        return one_line(value) if isinstance(value, str) else ""
    for key in _SENTENCES:
        said = one_line(value.get(key))
        if said:
            code = one_line(value.get("errorCode"), 20)
            return f"{said} ({code})" if code else said
    fields = [(name, words) for name, words in value.items() if isinstance(words, list) and words]
    return one_line("; ".join(f"{name}: {text_of(words[0]) or '?'}" for name, words in fields))


def check_answer(reply: Reply, *, unknown: str = UNKNOWN_WORKITEM) -> Reply:
    """A 2xx reply as it is. Raises AskError for all else, with Autodesk's own sentence and what to do."""
    said = error_sentence(reply)
    try:
        return check_saying(reply, said, unknown=unknown)
    except AskError as error:
        if error.kind is not ProblemKind.FORBIDDEN:
            raise
        hint = _OWNER_HINT if "owned by" in said or "read access" in said else _SCOPE_HINT
        raise AskError(error.kind, error.message, hint=hint) from None


def read_workitem(value: object, ref: Reference) -> Snapshot:
    """One WorkItem status object (dossier 3.2). Raises AskError(BAD_REPLY) when it tells no status."""
    workitem = as_object(value, "WorkItem")
    word = workitem.get("status")
    if not isinstance(word, str) or not word.strip():
        raise AskError(ProblemKind.BAD_REPLY, "the answer tells no status of the WorkItem")
    state, notice = _STATES.get(
        word.strip().lower(),
        # Everything but pending and inprogress is an end (dossier 3.1).
        (JobState.FAILED, "a status that jobdeck does not know; Autodesk calls it an end"),
    )
    told = workitem.get("stats")
    stats: Json = told if isinstance(told, dict) else {}
    finished_at = moment_of(stats.get("timeFinished"))
    return Snapshot(
        state=state,
        vendor_status=word,
        title=text_of(workitem.get("activityId")),
        notice=notice or _live_notice(workitem, state),
        submitted_at=moment_of(stats.get("timeQueued")),
        started_at=moment_of(stats.get("timeDownloadStarted")),
        finished_at=finished_at if state.is_over else None,
        stages=_stages(stats, finished_at),
        stats=tuple(_stats(stats)) + tuple(_stats(workitem)),
        outputs=tuple(Output(name) for name in output_names(ref.outputs)),
        has_report=state.is_over or text_of(workitem.get("reportUrl")) is not None,
        raw=raw_json(value),
    )


def read_status_batch(reply: Reply, refs: Iterable[Reference]) -> Mapping[str, Snapshot | AskError]:
    """The answer of `POST workitems/status` (dossier 3.5), by id: results in any order, `errors` as GONE."""
    answer = object_of(check_answer(reply))
    results, errors = answer.get("results"), answer.get("errors")
    if not isinstance(results, list) and not isinstance(errors, dict):
        raise AskError(ProblemKind.BAD_REPLY, "the answer holds neither results nor errors")
    found = {_id_of(item): item for item in results} if isinstance(results, list) else {}
    missing = {str(name).lower(): text for name, text in errors.items()} if isinstance(errors, dict) else {}
    return {ref.id: _one_of_batch(ref, found, missing) for ref in refs}


def read_report_url(reply: Reply) -> str:
    """Where the report is now (it is signed anew at each GET). Raises AskError; GONE when there is none."""
    workitem = object_of(check_answer(reply))
    if workitem.get("reportUrl") is None:
        raise AskError(ProblemKind.GONE, "Autodesk offers no report of this WorkItem (yet)")
    return address_of(workitem["reportUrl"], "report's address")


def read_download(reply: Reply, output: str, *, keep_https: bool) -> Link:
    """The answer of `signeds3download` (dossier 4.1) in its three forms; `output` is `BUCKET/KEY`.

    With `keep_https` the `http://` of a `fallback` address becomes `https://`. Raises AskError.
    """
    unknown = f"there is no {one_line(output)} in OSS (any more); a transient bucket keeps an object for 24 hours"
    answer = object_of(check_answer(reply, unknown=unknown))
    size, sha1 = whole_of(answer.get("size")), answer.get("sha1")
    parts: tuple[Part, ...] = ()
    if answer.get("status") == "chunked":
        parts = _parts(answer.get("urls"), size)
        url, size = parts[0].url, parts[-1].last + 1
    else:
        url = address_of(answer.get("url"), "download's address")
    if keep_https and answer.get("status") == "fallback" and url.lower().startswith("http://"):
        url = "https://" + url[len("http://") :]
    return Link(
        url,
        size=size,
        sha1=sha1.lower() if isinstance(sha1, str) and _SHA1.fullmatch(sha1) else None,
        parts=parts,
        is_zip=_is_zip(answer.get("params")),
    )


def _live_notice(workitem: Json, state: JobState) -> str | None:
    position = whole_of(workitem.get("approximateQueuePosition"))
    if state is JobState.WAITING and position is not None:
        return f"about number {position} in the queue"
    if not state.is_over:
        return one_line(workitem.get("progress")) or None  # free text, not a percentage (trap 20)
    return None


def _stages(stats: Json, finished_at: datetime | None) -> tuple[Stage, ...]:
    """The stages that began; each ends where the next known moment is (any key may be missing, trap 20)."""
    starts = [moment_of(stats.get(key)) for _, key in _MARKS]
    end = moment_of(stats.get("timeUploadEnded")) or finished_at
    begun = [(name, start) for (name, _), start in zip(_MARKS, starts, strict=True) if start is not None]
    followed = pairwise([*begun, ("", end)])
    return tuple(Stage(name, start, after) for (name, start), (_, after) in followed)


def _stats(figures: Json) -> Iterable[Stat]:
    for name, value in figures.items():
        if isinstance(value, bool) or name == "approximateQueuePosition" or not _STAT.fullmatch(name):
            continue
        if isinstance(value, int | float) and abs(value) < 2**63:  # neither NaN nor infinite, which JSON cannot say
            yield Stat(_CAPITAL.sub("_", name).lower(), value)


def _id_of(item: object) -> str:
    named = item.get("id") if isinstance(item, dict) else None
    return named.lower() if isinstance(named, str) else ""


def _one_of_batch(ref: Reference, found: Json, missing: Json) -> Snapshot | AskError:
    if ref.id in found:
        try:
            return read_workitem(found[ref.id], ref)
        except AskError as error:
            return error
    if ref.id not in missing:
        return AskError(ProblemKind.BAD_REPLY, "the answer leaves this WorkItem out")
    said = one_line(missing[ref.id])
    if not said or "not found" in said.lower():
        return AskError(ProblemKind.GONE, UNKNOWN_WORKITEM)
    return AskError(ProblemKind.BAD_REPLY, f"Autodesk could not tell this WorkItem's status: {said}")


def _parts(urls: object, size: int | None) -> tuple[Part, ...]:
    """The parts of a `chunked` answer by offset; raises AskError(BAD_REPLY) unless they are the whole file."""
    ranges = urls if isinstance(urls, dict) else {}
    parts = []
    for name, url in ranges.items():
        match = _RANGE.fullmatch(name)
        if match is None:
            raise AskError(ProblemKind.BAD_REPLY, "a part of the object has no readable range")
        parts.append(Part(address_of(url, "part's address"), int(match[1]), int(match[2])))
    parts.sort(key=lambda part: part.first)
    joined = all(one.last + 1 == other.first for one, other in pairwise(parts))
    forward = all(part.first <= part.last for part in parts)
    if not parts or parts[0].first != 0 or not joined or not forward or size not in (None, parts[-1].last + 1):
        raise AskError(ProblemKind.BAD_REPLY, "the parts of the object do not make it whole; ask again")
    return tuple(parts)


def _is_zip(params: object) -> bool:
    kind = text_of(params.get("content-type")) if isinstance(params, dict) else None
    return kind is not None and kind.partition(";")[0].strip().lower() in _ZIP_TYPES
