"""What the header says: how many jobs stand how, and how the connections are doing. Pure text, no screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tui.model import Condition, ConnectionHealth, DownloadState, JobState
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import EMPTY, Line, Piece, Tone, fit_line, spread, width_of
from tui.widgets.words import clock_text

CONDITION_TONES = {
    Condition.IDLE: Tone.DIM,
    Condition.OK: Tone.GOOD,
    Condition.SLOW: Tone.WARN,
    Condition.THROTTLED: Tone.WARN,
    Condition.REFUSED: Tone.BAD,
    Condition.DOWN: Tone.BAD,
}
"""How a connection's condition looks."""

_FINE = frozenset({Condition.IDLE, Condition.OK})


@dataclass(frozen=True, slots=True)
class Totals:
    """How many jobs stand how, and how many files are moving, or held."""

    states: Mapping[JobState, int]
    fetching: int = 0
    paused: int = 0

    @property
    def jobs(self) -> int:
        """All jobs on the board."""
        return sum(self.states.values())


def header_lines(
    totals: Totals,
    connections: Sequence[tuple[ConnectionHealth, int]],
    now: datetime,
    width: int,
    glyphs: Glyphs,
    *,
    rows: int = 2,
    badge: str = "",
) -> tuple[Line, ...]:
    """The header in one or two rows of `width` cells; `connections` come with their number of jobs."""
    name = (Piece(" jobdeck", Tone.STRONG), Piece(f" {badge}" if badge else "", Tone.WARN), Piece("  "))
    clock = (Piece(f"{clock_text(now)} ", Tone.DIM),)
    long, short = _totals(totals, glyphs, words=True), _totals(totals, glyphs, words=False)
    if rows == 2:
        first = _first_fitting(width - width_of(clock), (*name, *long), (*name, *short))
        second = fit_line(_all_connections(connections, now, width, glyphs), width, glyphs.ellipsis)
        return spread(first, clock, width, glyphs.ellipsis), second
    named, counted = _troubles_named(connections, glyphs), _troubles_counted(connections, glyphs)
    pairs = ((long, named), (short, named), (short, counted))
    only = _first_fitting(width - width_of(clock), *((*name, *start, Piece("  "), *end) for start, end in pairs))
    return (spread(only, clock, width, glyphs.ellipsis),)


def _first_fitting(width: int, *candidates: Line) -> Line:
    """The first that has room, else the last."""
    return next((pieces for pieces in candidates if width_of(pieces) < width), candidates[-1])


def _totals(totals: Totals, glyphs: Glyphs, *, words: bool) -> Line:
    shown = (
        (JobState.RUNNING, "running", Tone.RUN),
        (JobState.WAITING, "waiting", Tone.WAIT),
        (JobState.FAILED, "failed", Tone.BAD),
    )
    pieces = [Piece("1 job" if totals.jobs == 1 else f"{totals.jobs} jobs")]
    told = [(glyphs.states[state], totals.states.get(state, 0), word, tone) for state, word, tone in shown]
    told.append((glyphs.down, totals.fetching, "fetching", Tone.RUN))
    told.append((glyphs.downloads[DownloadState.PAUSED], totals.paused, "paused", Tone.WARN))
    for glyph, number, word, tone in told:
        if number:
            pieces.append(Piece(f"   {glyph} {number} {word}" if words else f"  {glyph} {number}", tone))
    return tuple(pieces)


def _all_connections(
    connections: Sequence[tuple[ConnectionHealth, int]], now: datetime, width: int, glyphs: Glyphs
) -> Line:
    """Each connection with its number of jobs or its trouble; those in trouble first when not all fit."""
    if not connections:
        return (Piece(" no connections yet", Tone.DIM),)
    told = [(health, _one(health, number, now, glyphs)) for health, number in connections]
    if sum(width_of(pieces) for _, pieces in told) > width:
        told.sort(key=lambda pair: pair[0].condition in _FINE)
    line: tuple[Piece, ...] = ()
    for index, (_, pieces) in enumerate(told):
        more = f"  +{len(told) - index}"
        if width_of(line) + width_of(pieces) + len(more) > width and index:
            return (*line, Piece(more, Tone.DIM))
        line = (*line, *pieces)
    return line


def _one(health: ConnectionHealth, number: int, now: datetime, glyphs: Glyphs) -> Line:
    glyph = glyphs.conditions[health.condition]
    words = f"{glyph} {number}"
    if health.condition not in _FINE:
        words = f"{glyph} {health.message or health.condition.value}"
        if health.next_try_at is not None and health.next_try_at > now:
            soon = (health.next_try_at - now).total_seconds() < 60
            words += ", again soon" if soon else f", again {clock_text(health.next_try_at)}"
    dangers = danger_pieces(insecure=health.insecure, plain_http=health.plain_http)
    return (Piece(f" {health.name} "), Piece(words, CONDITION_TONES[health.condition]), *dangers, Piece("  "))


def danger_pieces(*, insecure: bool, plain_http: bool) -> Line:
    """What stands in red and in yellow wherever the connection appears."""
    red = (Piece(" insecure", Tone.BAD),) if insecure else EMPTY
    return (*red, Piece(" http", Tone.WARN)) if plain_http else red


def _troubles_named(connections: Sequence[tuple[ConnectionHealth, int]], glyphs: Glyphs) -> Line:
    """How many connections are fine, and the names of those that are not."""
    fine = sum(health.condition in _FINE for health, _ in connections)
    pieces = [Piece(f"{glyphs.conditions[Condition.OK]} {fine} ok", Tone.GOOD)] if fine else []
    for health, _ in connections:
        if health.condition not in _FINE:
            glyph = glyphs.conditions[health.condition]
            pieces.append(Piece(f"  {glyph} {health.name} {health.condition.value}", CONDITION_TONES[health.condition]))
    pieces += [Piece(f"  {health.name} insecure", Tone.BAD) for health, _ in connections if health.insecure]
    pieces += [Piece(f"  {health.name} http", Tone.WARN) for health, _ in connections if health.plain_http]
    return tuple(pieces)


def _troubles_counted(connections: Sequence[tuple[ConnectionHealth, int]], glyphs: Glyphs) -> Line:
    """The same in numbers, for narrow screens."""
    pieces: list[Piece] = []
    for condition in Condition:
        number = sum(health.condition is condition for health, _ in connections)
        if number:
            word = "ok" if condition is Condition.OK else condition.value
            pieces.append(Piece(f"{glyphs.conditions[condition]} {number} {word}  ", CONDITION_TONES[condition]))
    insecure = sum(health.insecure for health, _ in connections)
    plain = sum(health.plain_http for health, _ in connections)
    pieces += [Piece(f"{insecure} insecure  ", Tone.BAD)] if insecure else []
    pieces += [Piece(f"{plain} http", Tone.WARN)] if plain else []
    return tuple(pieces)
