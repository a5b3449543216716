"""Where each header and key of a TOML text stands, so that one of them can be changed and every other byte be kept.

Reads texts that `tomllib` has taken already: what is not TOML is not told here, only never looped on.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

_KEY = re.compile(r"""(?:[ \t]*(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*\.?)+""")
_TO_LINE_END = re.compile(r"[^\n]*\n?")
_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_BARE_VALUE = re.compile(r"[^\s,\]}#]+(?: \d[^\s,\]}#]*)?")
"""A number, a truth or a time, which may have a blank between day and hour."""
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\[\s\S])*?"{3,5}'),
    re.compile(r"'''[\s\S]*?'{3,5}"),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)
_BETWEEN = re.compile(r"(?:[^\[\]{}\"'#]|#[^\n]*)+")


@dataclass(frozen=True, slots=True)
class Statement:
    """A header or a key with its value: its whole lines are `start` to `end`, all offsets in the text.

    `path` names it from the root on. `first` to `last` is what may be replaced: a header's name between the brackets,
    a key's value.
    """

    path: tuple[str, ...]
    is_header: bool
    start: int
    end: int
    first: int
    last: int


def statements(text: str) -> Iterator[Statement]:
    """All headers and keys, in the file's order."""
    table: tuple[str, ...] = ()
    at = 0
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at = max(blank.end(), at + 1)
            continue
        start = at
        at += len(text[at:]) - len(text[at:].lstrip(" \t"))
        is_header = text[at] == "["
        while text[at] == "[":
            at += 1
        key = _KEY.match(text, at)
        if key is None:
            return  # no TOML
        if is_header:
            table = path = _names(key[0])
            first, last = key.span()
        else:
            path = (*table, *_names(key[0]))
            first = key.end() + 1
            first += len(text[first:]) - len(text[first:].lstrip(" \t"))
            last = _value_end(text, first)
        line = _TO_LINE_END.match(text, last)
        at = line.end() if line else len(text)
        yield Statement(path, is_header, start, at, first, last)


def _names(dotted: str) -> tuple[str, ...]:
    """The names of a dotted key, unquoted."""
    names: list[str] = []
    inner: object = tomllib.loads(f"{dotted} = 0")
    while isinstance(inner, dict):
        name, inner = next(iter(inner.items()))
        names.append(name)
    return tuple(names)


def _value_end(text: str, at: int) -> int:
    depth = 0
    while at < len(text):
        if text[at] in "[{":
            depth += 1
            at += 1
        elif text[at] in "]}":
            depth -= 1
            at += 1
        elif string := next((found for one in _STRINGS if (found := one.match(text, at))), None):
            at = string.end()
        elif between := (_BETWEEN if depth else _BARE_VALUE).match(text, at):
            at = between.end()
        else:
            return at
        if depth == 0:
            return at
    return at
