"""config.toml's `[keys]`: what is wrong with them, so that no action is lost without a word."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from tui.widgets.actions import BY_NAME, SPECS, Keys, Place, Spec
from tui.widgets.key_names import is_key, key_name

_DIALOGS = frozenset({Place.OUTPUTS, Place.CONNECTIONS})
"""Places with a screen of their own: what is bound on the board does not reach them."""
_OWN_FIRST = frozenset({Place.DOWNLOADS, Place.READING, Place.REPLAY})
"""Places on the board whose own keys come first: the same key may do another thing there."""


@dataclass(frozen=True, slots=True)
class KeyTrouble:
    """What is wrong with one line of `[keys]`."""

    name: str
    message: str


def key_trouble(rebound: Mapping[str, str]) -> KeyTrouble | None:
    """The first thing that is wrong with these keys by action name; None when nothing is."""
    keys = Keys(rebound)
    for name in rebound:
        spec = BY_NAME.get(name)
        message = _unknown(name) if spec is None else _wrong_key(spec, keys) or _clash(spec, keys)
        if message:
            return KeyTrouble(name, message)
    return None


def _unknown(name: str) -> str | None:
    """Only what looks like a typing mistake is wrong: a newer jobdeck may know the others."""
    close = difflib.get_close_matches(name, BY_NAME, 1, cutoff=0.75)
    return f'names no action; did you mean "{close[0]}"?' if close else None


def _wrong_key(spec: Spec, keys: Keys) -> str | None:
    for key in keys.of(spec):
        if not is_key(key):
            return f'"{key}" is no key, e.g. "f5", "ctrl+r", "x", "question_mark"'
    return None


def _clash(spec: Spec, keys: Keys) -> str | None:
    """Which other action the user's key would take the place of."""
    for key in keys.of(spec):
        for other in SPECS:
            if other is not spec and key in keys.of(other) and _meet(spec.place, other.place):
                taken = f'"{key_name(key)}" is the key of {other.name} ({other.title})'
                return f"{taken}; take another, or rebind that one too"
    return None


def _meet(one: Place, other: Place) -> bool:
    """Whether keys of these two places can be meant at the same time."""
    if one is other:
        return True
    return not ({one, other} & (_DIALOGS | _OWN_FIRST))
