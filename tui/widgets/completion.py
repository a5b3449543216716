"""What a half-typed filter may go on with: keys, their values, saved filters. Pure text, no screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tui.filter import IS, Saved, keys
from tui.model import JobState

_SPANS = (">5m", ">1h", "<1h", "<1d")
"""Lengths of time that are offered; any other can be typed."""


@dataclass(frozen=True, slots=True)
class Words:
    """What there is to name."""

    connections: Sequence[str] = ()
    vendors: Sequence[str] = ()
    saved: Saved = field(default_factory=dict)


def candidates(text: str, words: Words) -> tuple[str, ...]:
    """The terms that the last one may become, the likeliest first; none where nothing has been begun."""
    term = _last(text)
    body = term.removeprefix("-")
    sign = term[: len(term) - len(body)]
    if text.count('"') % 2 or not body:
        return ()
    if body.startswith("@"):
        found: Iterable[str] = (f"@{name}" for name in sorted(words.saved))
        return tuple(sign + one for one in found if one.startswith(body) and one != body)
    key, colon, values = body.partition(":")
    if not colon:
        return tuple(f"{sign}{one}:" for one in keys() if one.startswith(key))
    before, comma, begun = values.rpartition(",")
    given = before.casefold().split(",")
    fitting = [one for one in _values(key, words) if one.casefold().startswith(begun.casefold())]
    return tuple(
        f"{sign}{key}:{before}{comma}{one}"
        for one in fitting
        if one.casefold() != begun.casefold() and one.casefold() not in given
    )


def completed(text: str, words: Words) -> str | None:
    """The text with its last term completed by the likeliest candidate; None where there is none."""
    found = candidates(text, words)
    return text[: len(text) - len(_last(text))] + found[0] if found else None


def _last(text: str) -> str:
    """The term that is being typed; empty behind a blank."""
    return text[max(text.rfind(blank) for blank in " \t") + 1 :]


def _values(key: str, words: Words) -> Sequence[str]:
    match key:
        case "state":
            return [state.value for state in JobState]
        case "vendor":
            return sorted(words.vendors)
        case "connection":
            return sorted(words.connections)
        case "is":
            return tuple(IS)
        case "age" | "seen":
            return _SPANS
    return ()
