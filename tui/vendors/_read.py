"""Reading JSON from strangers: every function takes anything and gives a typed value or None."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from tui.address import has_host
from tui.errors import AskError
from tui.model import ProblemKind
from tui.moments import usable
from tui.redact import redact
from tui.vendors.contract import Reply

Json = Mapping[str, object]
LONGEST_LIFE = 10 * 365 * 86_400
"""Seconds; what is said to live longer, lives that long."""
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_MOST_INDENTED = 256_000
"""Characters of a value up to which it is indented: its deepest lines grow by the indent of all levels above them."""


def as_object(value: object, what: str = "answer") -> Json:
    """The JSON object; raises AskError(BAD_REPLY) for anything else."""
    if isinstance(value, dict):
        return value
    raise AskError(ProblemKind.BAD_REPLY, f"the {what} is not a JSON object", hint="look at base_url")


def object_of(reply: Reply) -> Json:
    """The reply's body as a JSON object; raises AskError(BAD_REPLY) otherwise."""
    return as_object(reply.json())


def text_of(value: object) -> str | None:
    """A non-empty string, or a number as text; None for all else."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None


def whole_of(value: object) -> int | None:
    """A whole number from 0 up to what 64 bits hold, from a number or decimal text; None for all else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and math.isfinite(value):
        value = int(value)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    return value if isinstance(value, int) and 0 <= value < 2**63 else None


def life_of(value: object) -> int | None:
    """Seconds that something lives, at most ten years: a date can hold the end of that; None for all else."""
    seconds = whole_of(value)
    return None if seconds is None else min(seconds, LONGEST_LIFE)


def sha1_of(value: object) -> str | None:
    """A SHA-1 in hex, in small letters; None for all else."""
    return value.lower() if isinstance(value, str) and _SHA1.fullmatch(value) else None


def moment_of(value: object) -> datetime | None:
    """An ISO 8601 time as UTC; one without a zone is taken as UTC; None for "never" and for all else."""
    if not isinstance(value, str):
        return None
    try:
        return usable(datetime.fromisoformat(value.strip().removesuffix(" UTC")))
    except ValueError:
        return None


def names_zone(value: object) -> bool:
    """Whether a text that `moment_of` understands names its time zone; True for all else."""
    if not isinstance(value, str) or moment_of(value) is None or value.rstrip().endswith(" UTC"):
        return True
    return datetime.fromisoformat(value.strip()).tzinfo is not None


def address_of(value: object, what: str) -> str:
    """An absolute http(s) URL, byte for byte as it came; raises AskError(BAD_REPLY), without it, for all else."""
    if isinstance(value, str) and value.lower().startswith(("http://", "https://")) and has_host(value):
        return value
    raise AskError(
        ProblemKind.BAD_REPLY, f"the {what} is not a usable address", hint="look at base_url and at what stands between"
    )


def path_of(url: str) -> str:
    """The path of a URL, its escapes kept; "" for what is no URL."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def raw_json(value: object) -> str:
    """The value as JSON text with its secrets masked, for the Raw tab; indented up to `_MOST_INDENTED`."""
    try:
        packed = msgspec.json.encode(value)
        text = (msgspec.json.format(packed, indent=2) if len(packed) <= _MOST_INDENTED else packed).decode()
    except (ValueError, OverflowError):  # half a character, a number of 65 bits
        text = json.dumps(value, ensure_ascii=False)
        if len(text) <= _MOST_INDENTED:
            text = json.dumps(value, ensure_ascii=False, indent=2)
    return redact(text)
