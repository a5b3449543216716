"""Reading Autodesk's answers: pure functions from replies to model objects (dossier sections 2 to 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise

from tui.errors import AskError
from tui.link_life import s3_dies_at
from tui.model import JobState, Output, ProblemKind, Reference, Snapshot, Stage, Stat
from tui.vendors._errors import one_line
from tui.vendors._read import Json, address_of, as_object, moment_of, object_of, raw_json, sha1_of, text_of, whole_of
from tui.vendors.autodesk.errors import check_answer
from tui.vendors.autodesk.names import debug_name, output_names
from tui.vendors.contract import Link, Part, Reply, said_at
from tui.wording import when

_STATES = {
    "pending": (JobState.WAITING, None),
    "inprogress": (JobState.RUNNING, None),
    "success": (JobState.SUCCEEDED, None),
    "faileduploadoptional": (JobState.SUCCEEDED, "optional outputs failed; the report says which"),
    "cancelled": (JobState.CANCELLED, None),
    "faileddownload": (JobState.FAILED, "an input could not be fetched; the report says which"),
    "failedinstructions": (JobState.FAILED, "the engine or the add-in failed; the report says where"),
    "failedupload": (
        JobState.FAILED,
        # A token in the order lives for an hour, a queue may be longer (trap 27).
        "an output could not be found or sent; the report says why, e.g. a link or a token in the order that died",
    ),
    "failedlimitprocessingtime": (JobState.FAILED, "the time limit was exceeded; limitProcessingTimeSec raises it"),
    "failedlimitdatasize": (JobState.FAILED, "the data size limit was exceeded"),
}
_STEPS = {JobState.UNKNOWN: 0, JobState.EXPIRED: 0, JobState.WAITING: 1, JobState.RUNNING: 2, JobState.CANCELLING: 2}
_LAST_STEP = 3
_MARKS = (
    ("queued", "timeQueued"),
    ("download", "timeDownloadStarted"),
    ("run", "timeInstructionsStarted"),
    ("upload", "timeInstructionsEnded"),
)
_TIMES = (*(key for _, key in _MARKS), "timeUploadEnded", "timeFinished")
_STAT = re.compile(r"[A-Za-z][A-Za-z0-9]{0,40}")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_RANGE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
_ZIP_TYPES = ("application/zip", "application/x-zip-compressed")


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
    moments = {key: moment_of(stats[key]) for key in _TIMES if key in stats}
    return Snapshot(
        state=state,
        vendor_status=word,
        title=text_of(workitem.get("activityId")),
        notice=notice or _live_notice(workitem, state),
        submitted_at=moments.get("timeQueued"),
        started_at=moments.get("timeDownloadStarted"),
        finished_at=moments.get("timeFinished") if state.is_over else None,
        stages=_stages(moments),
        stats=(*_stats(stats), *_stats(workitem)),
        outputs=_outputs(workitem, ref),
        has_report=state.is_over or text_of(workitem.get("reportUrl")) is not None,
        raw=raw_json(value),
    )


def is_behind(known: Snapshot, told: Snapshot) -> bool:
    """Whether `told` is older than `known`: a WorkItem goes from waiting over running to its end, and never back."""
    return _STEPS.get(told.state, _LAST_STEP) < _STEPS.get(known.state, _LAST_STEP)


def read_report_url(reply: Reply) -> str:
    """Where the report is now (it is signed anew at each GET). Raises AskError; GONE when there is none."""
    workitem = object_of(check_answer(reply))
    if workitem.get("reportUrl") is None:
        raise AskError(ProblemKind.GONE, "Autodesk offers no report of this WorkItem (yet)")
    return address_of(workitem["reportUrl"], "report's address")


def read_debug_link(reply: Reply) -> Link:
    """Where the archive of the job's folder is (dossier 3.2). Raises AskError; GONE when there is none any more.

    It is signed when the WorkItem is submitted, for an hour: where its address tells that, a dead one is told at once.
    """
    workitem = object_of(check_answer(reply))
    if workitem.get("debugInfoUrl") is None:
        raise AskError(
            ProblemKind.GONE,
            "Autodesk offers no debug archive of this WorkItem (any more)",
            hint="submit it with the argument adskDebug and uploadJobFolder",
        )
    url = address_of(workitem["debugInfoUrl"], "debug archive's address")
    dies_at = s3_dies_at(url)
    if dies_at is not None and dies_at <= _earlier_clock(reply):
        raise AskError(
            ProblemKind.GONE,
            f"the link to the debug archive died at {when(dies_at)}: Autodesk signs it once, when the job is submitted",
            hint="run the WorkItem again and fetch the archive within the hour",
        )
    return Link(url, is_zip=True)


def read_download(reply: Reply, output: str, *, keep_https: bool) -> Link:
    """The answer of `signeds3download` (dossier 4.1) in its three forms; `output` is `BUCKET/KEY`.

    With `keep_https` the `http://` of a `fallback` address becomes `https://`. Raises AskError.
    """
    unknown = f"there is no {one_line(output)} in OSS (any more); a transient bucket keeps an object for 24 hours"
    answer = object_of(check_answer(reply, unknown=unknown))
    size = whole_of(answer.get("size"))
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
        sha1=sha1_of(answer.get("sha1")),
        parts=parts,
        is_zip=size is None and _is_zip(answer.get("params")),  # whoever uploads it says what it is: a guess
    )


def _outputs(workitem: Json, ref: Reference) -> tuple[Output, ...]:
    """The objects that the user named, and the debug archive where there is one."""
    outputs = tuple(Output(name) for name in output_names(ref.outputs))
    if text_of(workitem.get("debugInfoUrl")) is None:
        return outputs
    return (*outputs, Output(debug_name(ref.outputs), only_by_name=True))


def _earlier_clock(reply: Reply) -> datetime:
    """The earlier of the server's clock and ours, as a wrong one of them must not kill a link."""
    return min(reply.received_at, said_at(reply) or reply.received_at)


def _live_notice(workitem: Json, state: JobState) -> str | None:
    position = whole_of(workitem.get("approximateQueuePosition"))
    if state is JobState.WAITING and position is not None:
        return f"about number {position} in the queue"
    if not state.is_over:
        return one_line(workitem.get("progress")) or None  # free text, not a percentage (trap 20)
    return None


def _stages(moments: Mapping[str, datetime | None]) -> tuple[Stage, ...]:
    """The stages that began; each ends where the next known moment is (any key may be missing, trap 20)."""
    begun = [(name, start) for name, key in _MARKS if (start := moments.get(key)) is not None]
    followed = pairwise([*begun, ("", moments.get("timeUploadEnded") or moments.get("timeFinished"))])
    return tuple(Stage(name, start, after) for (name, start), (_, after) in followed)


def _stats(figures: Json) -> Iterable[Stat]:
    for name, value in figures.items():
        if not isinstance(value, int | float) or isinstance(value, bool) or name == "approximateQueuePosition":
            continue
        if _STAT.fullmatch(name) and abs(value) < 2**63:  # neither NaN nor infinite, which JSON cannot say
            yield Stat(_CAPITAL.sub("_", name).lower(), value)


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
