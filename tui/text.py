"""Remote text becomes inert here, once, at the border (facts: hostile text, section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NewType

Safe = NewType("Safe", str)
"""A text that no terminal obeys: where one is asked for, a missing call shows.

Made by this module; elsewhere only of our own words and of texts that are Safe already.
"""

NO_TEXT = Safe("")

_REPLACED: dict[int, int | None] = {code: 0x2400 + code for code in range(32) if code not in (9, 10)}
_REPLACED |= {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
for _first, _last in (
    (0x202A, 0x202E),  # bidi embeddings and overrides
    (0x2066, 0x2069),  # bidi isolates
    (0x200E, 0x200F),  # direction marks
    (0x061C, 0x061C),
    (0x200B, 0x200B),  # what takes no room at all; the joiners stay, since scripts and emoji need them
    (0x2060, 0x2064),
    (0xFEFF, 0xFEFF),
    (0x2028, 0x2029),  # line and paragraph separators
    (0xD800, 0xDFFF),  # lone surrogates: not encodable
    (0xFFF9, 0xFFFB),
    (0xFDD0, 0xFDEF),  # no characters at all
    *((plane + 0xFFFE, plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000)),
    (0xE0000, 0xE007F),  # invisible tags
):
    _REPLACED |= dict.fromkeys(range(_first, _last + 1), 0xFFFD)
# What changes the width of the sign before it goes: terminals do not agree on the sum, and a row must stay in line.
_REPLACED |= dict.fromkeys((*range(0xFE00, 0xFE10), 0x20E3, *range(0x1F3FB, 0x1F400)))
_JOINED_SIGNS = re.compile("\u200d+(?=[\u2190-\u2bff\U0001f000-\U0001faff])")

STEP = 1 << 18
"""Characters that are worked on at once: a thread that goes on for longer than a millisecond or two holds others up."""


def safe_line(text: str, limit: int = 500) -> Safe:
    """One line that no terminal obeys: controls become visible symbols, the length at most `limit` characters."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if cut.isascii() and cut.isprintable():  # most are, and this is fast
        return Safe(cut)
    return Safe(_inert(cut).replace("\n", "␊").replace("\t", " "))


def is_safe_line(text: str) -> bool:
    """Whether it is such a line as it stands: for what must not be changed, e.g. a job's id."""
    return safe_line(text) == text


def safe_block(text: str, limit: int = 2_000_000) -> Safe:
    """Like `safe_line`, but line breaks and tabs stay: for reports and raw replies."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return Safe("".join(_inert(part.replace("\r\n", "\n")) for part in steps(cut)))


def steps(text: str) -> Iterator[str]:
    """The text in parts of about `STEP` characters, each of whole lines."""
    at = 0
    while at < len(text):
        end = text.find("\n", at + STEP) + 1 or len(text)
        yield text[at:end]
        at = end


def _inert(text: str) -> str:
    inert = text.translate(_REPLACED)
    return _JOINED_SIGNS.sub("", inert) if "\u200d" in inert else inert
