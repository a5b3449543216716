"""The History and Raw tabs: what happened to a job, and what its vendor said in its own words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import msgspec

from tui.model import Event, Job, Safe
from tui.text import safe_block
from tui.untrusted_json import read_json
from tui.widgets.lines import Line, Tone, line, toned, wrap_words
from tui.widgets.words import time_text
from tui.wording import coarse_age

_PRETTY_LIMIT = 200_000
"""Characters up to which a raw JSON reply is indented for reading."""

_WIDE = 70
"""From so many cells on an event's age has room beside its time."""

_TONES = {"problem": Tone.WARN, "after": Tone.DIM}
"""How a line of some kind stands out."""

OURS = "The vendor's own reply was not kept; this is what was read from it."


def history(events: Sequence[Event], now: datetime, width: int) -> list[Line]:
    """What happened to the job, the latest first: when, how long ago, what."""
    shows_age = width >= _WIDE
    label = 29 if shows_age else 21
    lines: list[Line] = []
    for event in reversed(events):
        when = time_text(event.at)
        if shows_age:
            when += f"  {_ago((now - event.at).total_seconds()):>8}"
        for index, row in enumerate(wrap_words(event.text, max(width - label - 3, 8))):
            told = toned(row, _TONES.get(event.kind, Tone.PLAIN))
            lines.append((toned(f" {when if index == 0 else '':<{label}} ", Tone.DIM), told))
    return lines or [line(" Nothing has happened yet.", Tone.DIM)]


def _ago(seconds: float) -> str:
    told = coarse_age(max(seconds, 0.0))
    return told if told == "now" else f"{told} ago"


def raw_text(job: Job) -> Safe:
    """The vendor's last reply, its secrets masked, JSON indented; what was read from it, where it was not kept."""
    if job.checked_at is None:
        return Safe("The vendor has not answered yet.")
    text = job.snapshot.raw
    if not text:
        told = msgspec.json.format(msgspec.json.encode(job.snapshot), indent=2).decode()
        return safe_block(f"{OURS}\n\n{told}")
    if len(text) <= _PRETTY_LIMIT and text.lstrip().startswith(("{", "[")):
        return _indented(text)
    return text


def _indented(text: Safe) -> Safe:
    try:
        return safe_block(json.dumps(read_json(text), indent=2, ensure_ascii=False))
    except ValueError:
        return text
