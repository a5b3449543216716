"""EnOS: what stands round every answer, and which answers mean that the token is dead (dossier section 2)."""

from __future__ import annotations

from tui.errors import AskError
from tui.model import ProblemKind
from tui.untrusted_json import read_json
from tui.vendors._errors import check_saying, one_line, plain_sentence
from tui.vendors._read import Json, object_of, whole_of
from tui.vendors.contract import Reply, said_at
from tui.wording import duration

_DEAD_CODES = frozenset({1202, 1203})
_DEAD_APIM = frozenset({4011, 4012})
_UNKNOWN = 81404
_BAD_STATE = 81400
_INTERNAL = 81500
_CLOCK_OFF = 60.0
"""Seconds from which on a difference of clocks is told; below it, slow answers look the same."""
_KEYS_HINT = "check access_key and secret_key"
_GATEWAY_HINTS = {
    400: "look at the request's body",
    403: "ask for this machine's address to be allowed at the gateway",
    413: "make the request smaller",
}


def data_of(reply: Reply) -> object:
    """The `data` of an API service's answer. Raises AskError; GONE for 81404, never for a plain HTTP 404.

    A 404 of the gateway means that it has no such route, which says nothing of the task.
    """
    if not 200 <= reply.status < 300:
        raise _refused(reply)
    answer = object_of(reply)
    if says_dead(answer):
        raise AskError(
            ProblemKind.AUTH, "the gateway does not accept the access token", hint=clock_hint(reply) or _KEYS_HINT
        )
    code = whole_of(answer.get("code"))
    if code is None:
        raise AskError(ProblemKind.BAD_REPLY, "the answer has no code", hint="look at base_url")
    if code:
        raise refusal(answer, code)
    return answer.get("data")


def says_dead(answer: object) -> bool:
    """Whether a JSON answer says, under whatever HTTP status, that the token is over or unknown."""
    if not isinstance(answer, dict):
        return False
    codes = {whole_of(answer.get("code")), whole_of(answer.get("status"))}
    return bool(codes & _DEAD_CODES) or whole_of(answer.get("apim_status")) in _DEAD_APIM


def refusal(answer: Json, code: int, *, in_file: bool = False) -> AskError:
    """The error for an envelope whose `code` is not 0; `in_file` says that it came in place of a task's file."""
    said = one_line(answer.get("msg"))
    words = f"{code}: {said}" if said else str(code)
    if code == _UNKNOWN and in_file:
        return AskError(
            ProblemKind.GONE,
            f"the vendor does not have the file (any more) ({words})",
            hint="refresh the job; if its file has expired, start the task again",
        )
    if code == _UNKNOWN:
        return AskError(
            ProblemKind.GONE,
            f"the vendor does not know this task ({words})",
            hint="look at channel, task and org_id; EnOS cannot list tasks",
        )
    if code == _INTERNAL:
        return AskError(
            ProblemKind.UNREACHABLE,
            f"the vendor has an internal error ({words})",
            hint="wait a little; if it stays so, tell the platform's operators",
        )
    if code == _BAD_STATE:
        return AskError(
            ProblemKind.BAD_REPLY,
            f"the vendor refuses ({words})",
            hint="the channel must belong to org_id, be started, and have cross-source analysis off",
        )
    return AskError(ProblemKind.BAD_REPLY, f"the vendor refuses ({words})", hint="look at the channel and at org_id")


def clock_hint(reply: Reply) -> str:
    """That this machine's clock is off, by the gateway's Date; "" where it is right or nobody can tell.

    A signature holds the time, so that a wrong clock looks like a wrong key.
    """
    there = said_at(reply)
    off = (reply.received_at - there).total_seconds() if there else 0.0
    if abs(off) < _CLOCK_OFF:
        return ""
    return f"your clock is off by {duration(abs(off))} ({'ahead' if off > 0 else 'behind'}): set it right"


def said_by(reply: Reply) -> str:
    """The sentence in an error answer: the gateway's `message`, a service's `msg`, or plain text; else ""."""
    answer = json_or_none(reply.body)
    if isinstance(answer, dict):
        return one_line(answer.get("message")) or one_line(answer.get("msg"))
    return plain_sentence(reply)


def json_or_none(body: bytes) -> object:
    """The body as JSON, or None for anything else."""
    try:
        answer = read_json(body)
    except ValueError:
        return None
    return answer


def check_gateway(reply: Reply) -> Reply:
    """Like `check` with the gateway's sentence; a 404 or 410 is BAD_REPLY, since no route is no answer."""
    if reply.status in (404, 410):
        said = said_by(reply)
        raise AskError(
            ProblemKind.BAD_REPLY,
            f"the gateway has nothing there ({reply.status}){': ' + said if said else ''}",
            hint="look at base_url",
        )
    try:
        return check_saying(reply, said_by)
    except AskError as error:
        hint = _GATEWAY_HINTS.get(reply.status, error.hint)
        if error.kind is ProblemKind.AUTH:
            hint = clock_hint(reply) or _KEYS_HINT
        raise AskError(error.kind, error.message, hint=hint, retry_after=error.retry_after) from None


def file_error(reply: Reply) -> AskError | None:
    """The error in an answer that came in place of a file; None where the answer says none in words of EnOS."""
    answer = json_or_none(reply.body)
    if not isinstance(answer, dict) or not (says_dead(answer) or whole_of(answer.get("code")) or said_by(reply)):
        return None
    if whole_of(answer.get("code")) == _UNKNOWN:
        return refusal(answer, _UNKNOWN, in_file=True)
    try:
        data_of(reply)
    except AskError as error:
        return error
    return None


def _refused(reply: Reply) -> AskError:
    answer = json_or_none(reply.body)
    if isinstance(answer, dict) and whole_of(answer.get("code")) == _UNKNOWN:
        return refusal(answer, _UNKNOWN)
    try:
        check_gateway(reply)
    except AskError as error:
        return error
    raise AssertionError("a status outside 200 to 299 passed the check")
