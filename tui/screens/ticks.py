"""The ticks of the start dialog: what can be chosen, written into the request body that is sent."""

from __future__ import annotations

import json

from tui.untrusted_json import read_json


def ticked(body: str, wrapper: str) -> tuple[str, ...]:
    """What a body names inside its object `wrapper`; nothing where it cannot be read."""
    read = _object(body)
    chosen = read.get(wrapper) if read else None
    return tuple(chosen) if isinstance(chosen, dict) else ()


def toggled(body: str, wrapper: str, name: str) -> str | None:
    """The body with one choice more or less, all else kept; None where it is no JSON object."""
    read = _object(body)
    if read is None:
        return None
    chosen = read.setdefault(wrapper, {})
    if not isinstance(chosen, dict):
        return None
    if name in chosen:
        del chosen[name]
    else:
        chosen[name] = {}
    return json.dumps(read, indent=2, ensure_ascii=False)


def _object(body: str) -> dict[str, object] | None:
    """The body as an object; an empty text is an empty one."""
    try:
        read = read_json(body) if body.strip() else {}
    except ValueError:
        return None
    return read if isinstance(read, dict) else None
