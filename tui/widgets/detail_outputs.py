"""The Outputs tab: each output, how long it can be had, what became of it here and what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tui.engine.facts.archives import Inventory
from tui.model import Download, DownloadState, Job, Output, OutputKind, Verified
from tui.underway import history_of, under_way
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Line, Tone, line, toned, wrap, wrap_words
from tui.widgets.words import dies_text, time_text
from tui.wording import and_more
from tui.wording import size as size_text

_NONE_HELD: Mapping[int, Inventory] = {}
_COUNTED = 600
"""Seconds from which on a link's life is counted down to the second."""


def outputs(job: Job, now: datetime, glyphs: Glyphs, width: int) -> list[Line]:
    """Each output with its kind, size, value and checksum."""
    if not job.snapshot.outputs:
        text = "This job has no outputs." if job.state.is_over else "No outputs yet; they come when the job is done."
        return [line(f" {text}", Tone.DIM)]
    return [row for block in output_blocks(job, now, glyphs, width, _NONE_HELD) for row in block]


def output_blocks(
    job: Job, now: datetime, glyphs: Glyphs, width: int, held: Mapping[int, Inventory]
) -> list[list[Line]]:
    """The lines of each output; `held` is what fetched archives hold, by their download."""
    return [
        [
            *_one_output(output, width),
            *_its_end(job, output, now),
            *_its_downloads(job, output, glyphs, width, held),
        ]
        for output in job.snapshot.outputs
    ]


def counts_down(job: Job, now: datetime) -> bool:
    """Whether the life of an output is told to the second."""
    lives = [(one.expires_at - now).total_seconds() for one in job.snapshot.outputs if one.expires_at is not None]
    return any(-1 < left < _COUNTED for left in lives)


def _one_output(output: Output, width: int) -> list[Line]:
    size = f", {size_text(output.size)}" if output.size is not None else ""
    what = "" if output.kind is OutputKind.FILE else f"  {output.kind.value}"
    lines: list[Line] = [
        (toned(f" {row}", Tone.STRONG), toned(f"{what}{size}" if index == 0 else "", Tone.DIM))
        for index, row in enumerate(wrap(output.name, max(width - 20, 8)))
    ]
    if output.value:
        lines += [(toned("   "), toned(row)) for row in wrap(output.value, max(width - 4, 8))]
    if output.sha1:
        lines.append((toned("   sha1 ", Tone.DIM), toned(output.sha1, Tone.DIM)))
    return lines


def _its_end(job: Job, output: Output, now: datetime) -> list[Line]:
    """Until when it must be fetched; nothing once it is here."""
    if output.expires_at is None or output.name in job.fetched:
        return []
    left = (output.expires_at - now).total_seconds()
    if not 0 < left < _COUNTED:
        return [line(f"   {dies_text(output.expires_at, now)}", Tone.WARN)]
    minutes, seconds = divmod(int(left), 60)
    told = f"   link dies in {minutes}:{seconds:02d}"
    return [(toned(told, Tone.WARN), toned(f"  at {time_text(output.expires_at)[11:]}", Tone.DIM))]


def _its_downloads(job: Job, output: Output, glyphs: Glyphs, width: int, held: Mapping[int, Inventory]) -> list[Line]:
    lines: list[Line] = []
    for one in job.downloads:
        if one.output != output.name:
            continue
        told = f"{glyphs.downloads[one.state]} {', '.join(_told_of(one))}"
        lines += [(toned("   "), toned(row, Tone.DIM)) for row in wrap_words(told, max(width - 4, 8))]
        if one.sha256:
            lines += [(toned("   "), toned(row, Tone.DIM)) for row in wrap(f"sha256 {one.sha256}", max(width - 4, 8))]
        if one.id in held:
            lines += _its_files(held[one.id], width)
    return lines


def _told_of(one: Download) -> list[str]:
    """Everything there is to say of a download."""
    words = [f"{one.member} alone"] if one.member is not None else []
    words += [one.state.value, *under_way(one)]
    if one.state is DownloadState.DONE and one.verified is not None:
        words.append(f"{one.verified.value} checked" if one.verified is not Verified.NONE else "unchecked")
    return [*words, *history_of(one), str(one.path) if one.path is not None else f"to {one.folder}"]


def _its_files(inventory: Inventory, width: int) -> list[Line]:
    """The files in a fetched archive."""
    told = [f"{one.name}  {size_text(one.size)}{'  ' + one.what if one.what else ''}" for one in inventory.files]
    if more := and_more(inventory.more):
        told.append(more)
    return [(toned("     "), toned(row)) for text in told for row in wrap(text, max(width - 6, 8))]
