"""JSON as strangers send it: read, but only so deep as anybody means it."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec

DEEPEST = 200
"""So deep a text may nest. Indented, what nests n levels deep takes n² characters; and from Python 3.12 on the parser
takes nests of tens of thousands of levels, on which whoever walks them fails."""


def read_json(
    text: str | bytes,
    *,
    object_pairs_hook: Callable[[list[tuple[str, object]]], object] | None = None,
    parse_constant: Callable[[str], object] | None = None,
) -> object:
    """The value of a JSON text; the hooks are those of `json.loads`.

    Raises ValueError: JSONDecodeError for what is not JSON, another one for numbers of thousands of digits and for
    what nests deeper than `DEEPEST`.
    """
    try:
        value: object
        if object_pairs_hook is None and parse_constant is None:
            value = _read(text)
        else:
            value = json.loads(text, object_pairs_hook=object_pairs_hook, parse_constant=parse_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if _brackets(text) > DEEPEST and _is_too_deep(value):
        raise ValueError("nested too deeply")
    return value


def _read(text: str | bytes) -> object:
    """As `json.loads` reads it, but several times as fast where the text is JSON to the letter."""
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return json.loads(text)  # forgives more, e.g. half a character, a byte order mark or NaN


def _brackets(text: str | bytes) -> int:
    """No fewer than the levels, and quickly counted."""
    if isinstance(text, str):
        return text.count("{") + text.count("[")
    return text.count(b"{") + text.count(b"[")


def _is_too_deep(value: object) -> bool:
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
