"""octoplant: the error answers of its gateway, in all their shapes, as a kind and a sentence (section 4)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tui.errors import AskError
from tui.model import ProblemKind
from tui.untrusted_json import read_json
from tui.vendors._errors import check_saying, one_line, plain_sentence
from tui.vendors._read import whole_of
from tui.vendors.contract import Reply, retry_after

UNKNOWN_ORDER = "octoplant does not know this order (any more)"
CANCELLED = 1
"""The gRPC code of what was cancelled."""
NO_FILE_HINT = "download it again; if it stays so, start the export again"

_KINDS = {
    3: ProblemKind.BAD_REPLY,
    5: ProblemKind.GONE,
    6: ProblemKind.BAD_REPLY,
    7: ProblemKind.FORBIDDEN,
    8: ProblemKind.RATE_LIMITED,
    9: ProblemKind.BAD_REPLY,
    11: ProblemKind.BAD_REPLY,
    12: ProblemKind.BAD_REPLY,
    15: ProblemKind.BAD_REPLY,
    16: ProblemKind.AUTH,
}
"""gRPC codes whose meaning is sure; all others are trouble that may pass."""
_PHRASES = {
    ProblemKind.AUTH: "octoplant refused the credentials",
    ProblemKind.FORBIDDEN: "octoplant forbids this",
    ProblemKind.GONE: UNKNOWN_ORDER,
    ProblemKind.RATE_LIMITED: "octoplant asks for fewer requests",
    ProblemKind.BAD_REPLY: "octoplant does not accept this",
    ProblemKind.UNREACHABLE: "octoplant has trouble",
}
_HINTS = {
    ProblemKind.AUTH: "check username and password, or the access_token, which has an end date",
    ProblemKind.FORBIDDEN: "ask the administrator for the right in AdminClient",
    ProblemKind.GONE: "orders are kept for a while only: start the export again",
    ProblemKind.RATE_LIMITED: "wait a little; a larger min_interval asks less often",
    ProblemKind.BAD_REPLY: "look at what octoplant says, and at base_url",
    ProblemKind.UNREACHABLE: "wait a little; if it stays so, ask the administrator to look at the server",
}
_HINTS_BY_CODE = {
    9: "this cannot be done as things stand: look at the order, it may be over already",
    12: "look at base_url, and whether this server has the Export API",
}
_TAIL = re.compile(rb'\{\s*"(?:error|code)"')


def error_sentence(reply: Reply) -> str:
    """What an error answer says in any of the five shapes of section 4; "" if nothing."""
    try:
        value = reply.json()
    except AskError:
        return plain_sentence(reply)
    return _sentence(value)


def is_grpc(reply: Reply) -> bool:
    """Whether the error answer comes from the API itself, and not from something on the way to it."""
    try:
        return _code(reply.json()) is not None
    except AskError:
        return False


def check_answer(reply: Reply) -> Reply:
    """A 2xx reply as it is. Raises AskError; a 404 that is no gRPC answer comes from something else on the way."""
    if 200 <= reply.status < 300:
        return reply
    if is_grpc(reply):
        raise _error(reply, reply.json(), f"({reply.status})")
    if reply.status == 404:
        raise AskError(
            ProblemKind.BAD_REPLY, "something answered 404 that is not the Export API", hint="look at base_url"
        )
    return check_saying(reply, error_sentence, unknown=UNKNOWN_ORDER)


def file_error(reply: Reply) -> AskError | None:
    """The error that came in place of an archive (before its first byte), or behind a part of it (section 3.3)."""
    for match in reversed(list(_TAIL.finditer(reply.body))):
        try:
            value = read_json(reply.body[match.start() :])
        except ValueError:
            continue
        if _code(value) is not None:
            where = "in place of the file" if not match.start() else "in the middle of the file"
            error = _error(reply, value, where, hint=NO_FILE_HINT)
            came_whole = reply.status == 200 and error.kind is ProblemKind.UNREACHABLE
            return AskError(ProblemKind.BAD_REPLY, error.message, hint=error.hint) if came_whole else error
    if reply.status == 401:
        return AskError(ProblemKind.AUTH, f"{_PHRASES[ProblemKind.AUTH]} (401)", hint=_HINTS[ProblemKind.AUTH])
    return None


def status_of(error: object) -> tuple[int | None, str] | None:
    """Code and message of a failed order; None for `null`, for one with nothing in it, and for code 0 (trap 3)."""
    if not isinstance(error, dict):
        return (None, one_line(error)) if isinstance(error, str) and error else None
    code, said = whole_of(error.get("code")), one_line(error.get("message"))
    return (code, said) if code or said else None


def _error(reply: Reply, value: object, where: str, *, hint: str | None = None) -> AskError:
    code = _code(value)
    kind = _KINDS.get(code, ProblemKind.UNREACHABLE) if code is not None else ProblemKind.UNREACHABLE
    said = _sentence(value)
    message = f"{_PHRASES[kind]} {where}{': ' + said if said else ''}"
    if code is not None and hint is None:
        hint = _HINTS_BY_CODE.get(code)
    return AskError(kind, message, hint=hint or _HINTS[kind], retry_after=retry_after(reply))


def _code(value: object) -> int | None:
    """The gRPC code in any of the shapes; None where there is none."""
    if isinstance(value, dict) and isinstance(value.get("error"), dict):
        value = value["error"]
    if not isinstance(value, dict):
        return None
    code = whole_of(value.get("code"))
    return whole_of(value.get("grpc_code")) if code is None else code


def _sentence(value: object) -> str:
    return next((said for said in _sentences(value) if said), "")


def _sentences(value: object) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    error = value.get("error")
    if isinstance(error, dict):
        yield one_line(error.get("message"))
    yield one_line(value.get("error_description"))
    yield one_line(value.get("message"))
    yield one_line(error)
