"""EnOS: names of download tasks and readers of their status (dossier sections 3.2 to 3.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tui.errors import AskError, UsageError
from tui.model import JobState, Output, ProblemKind, Reference, Snapshot, Stat
from tui.text import safe_line
from tui.vendors._errors import one_line
from tui.vendors._read import Json, address_of, object_of, raw_json, text_of, whole_of
from tui.vendors.contract import Reply
from tui.vendors.enos.envelope import data_of

PREFIX = "/data-federation/v2.0"
"""What the gateway puts before every Data Federation path."""

STATES: Mapping[int, JobState] = {
    0: JobState.WAITING,
    1: JobState.RUNNING,
    2: JobState.FAILED,
    3: JobState.SUCCEEDED,
    4: JobState.CANCELLING,
    5: JobState.CANCELLED,
    6: JobState.SUCCEEDED,
    7: JobState.EXPIRED,
}
_EXPIRING = 6
EXPIRING_NOTICE = "the vendor is about to delete the file: download it now"
PLAIN_HTTP_NOTICE = "the vendor offers the file over plain http"

ID = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
"""The form of a channel's and of a task's id."""
_PAIR = re.compile(rf"({ID})/({ID})")
_TASK_PATH = re.compile(r"/channels/read/([^/]+)/download/([^/]+)(?:/(?:status|data))?/?$")
_CHANNEL_PATH = re.compile(r"/channels/read/[^/]+/(?:download(?:-request)?|jobs)\b")


@dataclass(frozen=True, slots=True)
class Task:
    """What the vendor is asked by: channel, task and organisation."""

    channel: str
    task: str
    org: str

    @property
    def path(self) -> str:
        """The task's path without the gateway's prefix; DELETE on it cancels."""
        return f"/channels/read/{quote(self.channel, safe='')}/download/{quote(self.task, safe='')}"


@dataclass(frozen=True, slots=True)
class Reading:
    """A status answer: the snapshot, and where the vendor says that the file is, which no snapshot keeps."""

    snapshot: Snapshot
    download_url: str | None


def ref_of_text(text: str, *, any_shape: bool = False) -> Reference | None:
    """`CHANNEL/TASK`; unless any shape will do, an all-digit channel is left to the vendors whose ids are numbers."""
    match = _PAIR.fullmatch(text.strip())
    if match is None or (match[1].isdigit() and not any_shape):
        return None
    return Reference(id=match[0])


def ref_of_url(url: str) -> Reference | None:
    """The status, data or cancel URL of a task; kept when it has an `orgId`, which wins over the connection's."""
    parts = urlsplit(url)
    match = _TASK_PATH.search(parts.path)
    if match is None:
        if _CHANNEL_PATH.search(parts.path):
            raise UsageError(
                "this URL names an EnOS channel but no download task",
                hint="paste the task's status URL, or CHANNEL/TASK",
            )
        return None
    channel, task = unquote(match[1]), unquote(match[2])
    if not re.fullmatch(ID, channel) or not re.fullmatch(ID, task):
        raise UsageError("this EnOS URL holds an unusable channel or task id", hint="paste CHANNEL/TASK")
    return Reference(id=f"{channel}/{task}", url=url if _org_in(url) else None)


def task_of(ref: Reference, org: str) -> Task:
    """The task behind a reference; `org` is the connection's, used when the reference has no `orgId` of its own."""
    channel, _, task = ref.id.partition("/")
    return Task(channel, task, (_org_in(ref.url) if ref.url else None) or org)


def _org_in(url: str) -> str | None:
    return parse_qs(urlsplit(url).query).get("orgId", [None])[0]


def read_status(reply: Reply, task: Task, *, secure: bool) -> Reading:
    """The status answer of one task. `secure` says that the gateway speaks https. Raises AskError."""
    data = _entry(data_of(reply), task)
    code = whole_of(data.get("progressCode"))
    if code is None and text_of(data.get("progressCode")) is None:
        raise AskError(ProblemKind.BAD_REPLY, "the answer tells no progressCode", hint="look at base_url")
    state = STATES.get(code, JobState.UNKNOWN) if code is not None else JobState.UNKNOWN
    download_url = _download_url(data) if state is JobState.SUCCEEDED else None
    snapshot = Snapshot(
        state=state,
        vendor_status=one_line(data.get("progressDesc")) or one_line(data.get("progressCode")),
        notice=_notice(code, download_url, secure=secure) or _strange(data, state),
        stats=_stats(data),
        outputs=(Output(_file_name(download_url, task)),) if state is JobState.SUCCEEDED else (),
        raw=raw_json(object_of(reply)),
    )
    return Reading(snapshot, download_url)


def read_cancel(reply: Reply) -> None:
    """The answer to a cancel: 4, 5 or a 204 is "taken". Raises AskError for a refusal and for a task that is over."""
    if reply.status == HTTPStatus.NO_CONTENT:
        return
    data = data_of(reply)
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    code = whole_of(data.get("progressCode")) if isinstance(data, dict) else None
    state = STATES.get(code) if code is not None else None
    if isinstance(data, dict) and state in (JobState.SUCCEEDED, JobState.FAILED, JobState.EXPIRED):
        said = one_line(data.get("progressDesc")) or state.value
        raise AskError(ProblemKind.BAD_REPLY, f"the task is over already: {said}", hint="there is nothing to cancel")


def _entry(data: object, task: Task) -> Json:
    # The 2.x pages document a list, all samples and 3.x show an object.
    entries = [entry for entry in (data if isinstance(data, list) else [data]) if isinstance(entry, dict)]
    named = [entry for entry in entries if entry.get("taskId") == task.task]
    found = named or entries
    if len(found) != 1:
        raise AskError(
            ProblemKind.BAD_REPLY, "the answer does not tell of exactly this task", hint="look at channel and task"
        )
    return found[0]


def _download_url(data: Json) -> str | None:
    try:
        return address_of(data.get("downloadUrl"), "downloadUrl")
    except AskError:
        return None  # absent, null, "" or a bare path: the gateway's own path is left


def _strange(data: Json, state: JobState) -> str | None:
    if state is not JobState.UNKNOWN:
        return None
    return f"the gateway told progressCode {one_line(data.get('progressCode'), 40)}, which no page documents"


def _notice(code: int | None, download_url: str | None, *, secure: bool) -> str | None:
    if code == _EXPIRING:
        return EXPIRING_NOTICE
    if secure and download_url and download_url.lower().startswith("http:"):
        return PLAIN_HTTP_NOTICE
    return None


def _stats(data: Json) -> tuple[Stat, ...]:
    # `dataSize` need not be the transfer's length, so it is a figure and never the size to verify.
    size = whole_of(data.get("dataSize"))
    return () if size is None else (Stat("data_size", size),)


def _file_name(download_url: str | None, task: Task) -> str:
    last = unquote(urlsplit(download_url).path.rpartition("/")[2]) if download_url else ""
    return safe_line(last, 200) if re.search(r"\w\.\w+$", last) else f"{task.task}.zip"
