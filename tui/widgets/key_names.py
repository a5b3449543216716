"""Keys by Textual's names and as people write them: `question_mark` is `?`, `ctrl+p` is `^p`."""

from __future__ import annotations

import string
import unicodedata

from textual.keys import KEY_NAME_REPLACEMENTS, Keys


def _name_of(sign: str) -> str:
    name = unicodedata.name(sign).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name)


_BY_SIGN = {sign: _name_of(sign) for sign in string.punctuation}
_WRITTEN = {name: sign for sign, name in _BY_SIGN.items()} | {
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "delete": "Del",
    "insert": "Ins",
    "backspace": "Backspace",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
}
_KNOWN = {key.value.rpartition("+")[2] for key in Keys} | set(_WRITTEN) | {"tab"}
_MODIFIERS = ("ctrl", "shift", "alt", "super")


def textual_name(key: str) -> str:
    """The key as Textual calls it, however it was written: `?` too."""
    key = key.strip()
    return _BY_SIGN.get(key, key)


def key_name(key: str) -> str:
    """A key as people write it: `^p`, `/`, `Enter`, `Shift+Up`."""
    *modifiers, last = key.split("+")
    held = "".join("^" if one == "ctrl" else f"{one.capitalize()}+" for one in modifiers)
    return held + _WRITTEN.get(last, last.upper() if len(last) > 1 else last)


def is_key(key: str) -> bool:
    """Whether there is such a key, by Textual's names."""
    *modifiers, last = key.split("+")
    return all(one in _MODIFIERS for one in modifiers) and ((len(last) == 1 and last.isalnum()) or last in _KNOWN)
