"""Which lines of a vendor's report tell of an error: plain words, since five vendors write five kinds of log."""

from __future__ import annotations

import re

_WORD = re.compile(
    r"(?i)\b(?:\w*errors?|\w*exception|fatal|critical|severe|panic|traceback|fail(?:ed|ure|ures|s)?|abort(?:ed)?"
    r"|denied|refused|timed out|not found|segmentation fault)\b"
)
_HINTS = ("error", "exception", "fatal", "critical", "severe", "panic", "traceback", "fail", "abort", "denied")
_RARE_HINTS = ("refused", "timed out", "not found", "segmentation fault")
_NONE = re.compile(
    r"(?i)\b(?:0|no|zero|without(?: any)?) (?:\w+ )?(?:errors?|failures?|exceptions?)\b"
    r"|\b(?:errors?|failures?|failed|exceptions?)\b[\"']?\s*[:=]\s*(?:0|none|null|false|\"\"|\[\])(?![\w.])"
    r"|\b0 failed\b"
)


def is_error_line(line: str) -> bool:
    """Whether a line tells that something went wrong; one that only counts none of it does not."""
    return may_hold_errors(line) and _WORD.search(_NONE.sub("", line)) is not None


def may_hold_errors(text: str) -> bool:
    """Whether any line of a text can be an error line: a quick look at many lines at once."""
    folded = text.lower()
    return any(hint in folded for hint in (*_HINTS, *_RARE_HINTS))
