"""What went wrong at Autodesk, in one sentence and with what to do next (dossier sections 2, 3.7, 4.4 and trap 13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tui.errors import AskError
from tui.model import ProblemKind
from tui.vendors._errors import check_saying, one_line, plain_sentence
from tui.vendors._read import text_of
from tui.vendors.contract import Reply

UNKNOWN_WORKITEM = "Autodesk does not know this WorkItem; it keeps one for 3 days after its end"
NO_SUCH_CALL = (404, 405, 410, 501)
"""What a gateway answers to a call that it does not have; of a WorkItem it says nothing."""

_SENTENCES = ("developerMessage", "userMessage", "reason", "error_description", "message", "error")
_SCOPE_HINT = "the token lacks a right: look at the app's APIs and at the setting scopes (code:all data:read)"
_OWNER_HINT = "the WorkItem or bucket belongs to another app; look at client_id"
_HINTS: Mapping[ProblemKind, str] = {
    ProblemKind.AUTH: "check client_id and client_secret",
    ProblemKind.FORBIDDEN: _SCOPE_HINT,
    ProblemKind.RATE_LIMITED: "wait; all programs with this client id share one quota",
    ProblemKind.UNREACHABLE: "try again in a while; if it lasts, look at Autodesk's health page and at base_url",
    ProblemKind.TLS: "look at base_url and ca_file",
    ProblemKind.BAD_REPLY: "look at base_url and region; a proxy may stand between",
    ProblemKind.GONE: "compare the id, client_id and region with where it was started; what was last known is kept",
}


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
    try:
        return check_saying(reply, error_sentence, unknown=unknown)
    except AskError as error:
        said, hint = error_sentence(reply), _HINTS[error.kind]
        if error.kind is ProblemKind.FORBIDDEN and ("owned by" in said or "read access" in said):
            hint = _OWNER_HINT
        if error.kind is ProblemKind.BAD_REPLY and said:
            hint = "put right what Autodesk names"
        raise error.worded(hint=hint) from None


def check_service(reply: Reply) -> Reply:
    """Like `check_answer` for a call that names no WorkItem: a 404 is then about the address, never GONE."""
    if reply.status in NO_SUCH_CALL:
        raise AskError(
            ProblemKind.BAD_REPLY,
            f"Design Automation does not answer at this address ({reply.status})",
            hint="look at base_url and region",
        )
    return check_answer(reply)


def advised(error: AskError) -> AskError:
    """The error with what to do next; one that says so already stays as it is."""
    if error.hint:
        return error
    return error.worded(hint=_HINTS[error.kind])


@contextmanager
def advice(*, unreachable: str | None = None) -> Iterator[None]:
    """Every AskError that leaves the block says what to do next; `unreachable` is said where the outcome is open."""
    try:
        yield
    except AskError as error:
        if unreachable is not None and error.leaves_open:
            raise error.worded(hint=unreachable) from None
        raise advised(error) from error.__cause__
