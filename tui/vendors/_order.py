"""The body of an order, checked before it is sent: what is wrong, where, and what to write instead."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Never

from tui.errors import AskError, UsageError
from tui.model import ProblemKind
from tui.text import safe_line
from tui.untrusted_json import read_json
from tui.vendors._read import Json
from tui.vendors.contract import Order

Check = Callable[[object, str], None]
"""Takes a value and the name of its place; raises UsageError when it does not belong there."""

_MOST_BYTES = 4_000_000
_NOT_SENT = "mend the body; nothing was sent"


def body_of(order: Order, example: str) -> Json:
    """The body as a JSON object. Raises UsageError with the line of a mistake; `example` shows what is due."""
    if len(order.body.encode("utf-8", "surrogatepass")) > _MOST_BYTES:
        raise UsageError(f"the order is larger than {_MOST_BYTES // 1_000_000} MB", hint=f"write e.g. {example}")
    try:
        order.body.encode()
        body = read_json(order.body, object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"the order is not JSON: {error.msg} (line {error.lineno}, column {error.colno})",
            hint=f"write e.g. {example}",
        ) from error
    except ValueError as error:  # numbers of thousands of digits, lone surrogates, deep nesting
        raise UsageError("the order is JSON that no vendor reads", hint=f"write e.g. {example}") from error
    if not isinstance(body, dict):
        raise UsageError("the order is not a JSON object", hint=f"write e.g. {example}")
    return body


def object_of_checks(fields: Mapping[str, Check], required: Iterable[str] = ()) -> Check:
    """An object with these members and no other; those not required may be missing."""

    def check(value: object, where: str) -> None:
        if not isinstance(value, dict):
            refuse(where, "must be an object, written as { … }")
        for name in value:
            if name not in fields:
                _refuse_unknown(name, fields, where)
        for name in required:
            if value.get(name) is None:
                refuse(f"{where}.{name}".lstrip("."), "is missing")
        for name, inner in value.items():
            fields[name](inner, f"{where}.{name}".lstrip("."))

    return check


def list_of(inner: Check) -> Check:
    """A list of such values."""

    def check(value: object, where: str) -> None:
        if not isinstance(value, list):
            refuse(where, "must be a list, written as [ … ]")
        for number, item in enumerate(value):
            inner(item, f"{where}[{number}]")

    return check


def optional(inner: Check) -> Check:
    """Such a value, or `null`."""

    def check(value: object, where: str) -> None:
        if value is not None:
            inner(value, where)

    return check


def one_of(*words: str) -> Check:
    """One of a closed set of texts."""

    def check(value: object, where: str) -> None:
        if value in words:
            return
        meant = _closest(value, words) if isinstance(value, str) else ""
        refuse(where, f"must be one of {', '.join(json.dumps(word) for word in words)}{meant}")

    return check


def text(value: object, where: str) -> None:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        refuse(where, 'must be a text in quotes, e.g. "…"')


def flag(value: object, where: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        refuse(where, "must be true or false, without quotes")


def refuse(where: str, what: str) -> Never:
    """Raise the UsageError that says what is wrong with the value at that place."""
    raise UsageError(f"{safe_line(where, 200)} {what}", hint=_NOT_SENT)


def outcome_unknown(error: AskError) -> AskError:
    """The same error as one after which nobody knows whether the job was started (`contract.Submits`)."""
    return AskError(ProblemKind.UNREACHABLE, error.message, hint=error.hint, retry_after=error.retry_after)


def _refuse_unknown(name: str, known: Iterable[str], where: str) -> Never:
    place = f"{where}.{name}".lstrip(".")
    refuse(place, f"is not known{_closest(name, known) or '; known here: ' + ', '.join(known)}")


def _closest(wrong: str, known: Iterable[str]) -> str:
    """`; did you mean "…"?` for the known word that is like the wrong one, or holds it; "" if there is none."""
    spelled = {word.lower().replace("_", ""): word for word in known}
    meant = wrong.lower().replace("_", "")[:100]
    holding = [plain for plain in spelled if len(meant) > 2 and meant in plain]
    close = holding or difflib.get_close_matches(meant, spelled, 1, cutoff=0.6)
    return f'; did you mean "{spelled[close[0]]}"?' if close else ""


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twin = next(name for name, _ in pairs if [other for other, _ in pairs].count(name) > 1)
        refuse(twin, "stands there twice")
    return found


def _no_constant(word: str) -> Never:
    refuse(word, "is not JSON")
