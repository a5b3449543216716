"""The border: what a vendor said becomes inert text here, once, before anybody else sees it."""

from __future__ import annotations

from dataclasses import replace

from tui.errors import AskError
from tui.model import Output, Snapshot, Stat
from tui.redact import redact
from tui.text import safe_block, safe_line

_RAW_LIMIT = 100_000


def inert(snapshot: Snapshot) -> Snapshot:
    """The snapshot with every text of the vendor's made harmless for a terminal."""
    return replace(
        snapshot,
        vendor_status=safe_line(snapshot.vendor_status, 80),
        title=_line(snapshot.title, 200),
        notice=_line(snapshot.notice, 500),
        stages=tuple(replace(stage, name=safe_line(stage.name, 120)) for stage in snapshot.stages[:500]),
        stats=tuple(_stat(stat) for stat in snapshot.stats[:200]),
        outputs=tuple(inert_output(output) for output in snapshot.outputs[:1000]),
        raw=safe_block(snapshot.raw, _RAW_LIMIT),
    )


def inert_error(error: AskError) -> str:
    """The error's sentence, harmless and without secrets."""
    return safe_line(redact(f"{error.message}; {error.hint}" if error.hint else error.message), 500)


def _line(text: str | None, limit: int) -> str | None:
    return None if text is None else safe_line(text, limit)


def _stat(stat: Stat) -> Stat:
    value = safe_line(stat.value, 200) if isinstance(stat.value, str) else stat.value
    return Stat(safe_line(stat.name, 80), value)


def inert_output(output: Output) -> Output:
    """The output with its name and value made harmless."""
    return replace(output, name=safe_line(output.name, 300), value=_line(output.value, 2000))
