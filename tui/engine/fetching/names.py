"""File names from strangers made safe (facts: downloads, section 3.3)."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path, PurePosixPath

_UNSAFE = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f]')
_INVISIBLE = frozenset(["Cf", "Cs", "Co", "Cn", "Cc", "Zl", "Zp"])
_DEVICE = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)")
_OUR_OWN = re.compile(r"(?i)\.part(\.json(\.new)?)?$")
"""What `.part` files and their records are called: no finished file may lie in their way."""
_MOST_BYTES = 200
_PLAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_ .+-]{0,198}[A-Za-z0-9_])?")
"""Most names: nothing of them is anything but itself."""


def safe_name(text: str) -> str:
    """A file name without folders, control characters, reserved names; at most 200 bytes with its ending kept."""
    if _PLAIN.fullmatch(text) and not (_DEVICE.match(text) or _OUR_OWN.search(text)):
        return text
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", text))[-1]
    name = "".join(character for character in name if unicodedata.category(character) not in _INVISIBLE)
    name = re.sub(r"^[\s.-]+|[\s.]+$", "", _UNSAFE.sub("_", name))
    if _DEVICE.match(name):
        name = f"_{name}"
    name = _shorten(name) or "download"
    return _shorten(f"{name}_") if _OUR_OWN.search(name) else name


def _shorten(name: str) -> str:
    if len(name.encode()) <= _MOST_BYTES:
        return name
    ending = PurePosixPath(name).suffix
    if len(ending.encode()) > 20:
        ending = ""
    room = _MOST_BYTES - len(ending.encode())
    stem = name[: len(name) - len(ending)].encode()[:room].decode("utf-8", "ignore")
    return stem.rstrip(". ") + ending


def ending_of(name: str) -> str:
    """`.zip` of `a.zip`: like `PurePath.suffix`, for thousands of files."""
    dot = name.rfind(".")
    return name[dot:] if 0 < dot < len(name) - 1 else ""


def numbered(path: Path, number: int) -> Path:
    """`NAME (1).zip` for 1; the path itself for 0."""
    return path if number == 0 else path.with_name(f"{path.stem} ({number}){path.suffix}")
