"""What the header says: how many jobs stand how, and how the connections are doing. Pure text, no screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tui.model import Condition, ConnectionHealth, DownloadState, JobState
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import EMPTY, Line, Piece, Tone, fit, fit_line, spread, toned, width_of
from tui.widgets.words import clock_text

CONDITION_TONES = {
    Condition.IDLE: Tone.DIM,
    Condition.OK: Tone.GOOD,
    Condition.SLOW: Tone.WARN,
    Condition.THROTTLED: Tone.WARN,
    Condition.REFUSED: Tone.BAD,
    Condition.DOWN: Tone.BAD,
    Condition.PAUSED: Tone.WARN,
}
"""How a connection's condition looks."""

_FINE = frozenset({Condition.IDLE, Condition.OK})
_MESSAGE = 40
"""Cells of a vendor's own words beside a connection's state."""
_SOON = 60.0
"""Seconds below which a time is told as "soon", so that it need not be counted down."""


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


@dataclass(frozen=True, slots=True)
class CatchingUp:
    """After a sleep or a dead link: why, how many jobs were to be asked then, and how many have been since."""

    why: str
    asked: int
    due: int


def header_lines(
    totals: Totals,
    connections: Sequence[tuple[ConnectionHealth, int]],
    now: datetime,
    width: int,
    glyphs: Glyphs,
    *,
    rows: int,
    badge: str = "",
    catching: CatchingUp | None = None,
) -> tuple[Line, ...]:
    """The header in one or two rows of `width` cells; `connections` come with their number of jobs."""
    name = (toned(" jobdeck", Tone.STRONG), toned(f" {badge}" if badge else "", Tone.WARN), toned("  "))
    clock = (toned(f"{clock_text(now)} ", Tone.DIM),)
    told, brief = _catching(catching)
    long, short = _totals(totals, glyphs, words=True), _totals(totals, glyphs, words=False)
    if rows == 2:
        heads = ((*name, *told, *long), (*name, *told, *short), (*name, *brief, *short))
        first = _first_fitting(width - width_of(clock), *heads)
        second = fit_line(_all_connections(connections, now, width, glyphs), width, glyphs.ellipsis)
        return spread(first, clock, width, glyphs.ellipsis), second
    named, counted = _troubles_named(connections, glyphs), _counted(connections, glyphs, words=True)
    signs = _counted(connections, glyphs, words=False)
    insecure = [piece for piece in _dangers(connections) if piece.tone is Tone.BAD]
    nameless = (toned(f" {badge} " if badge else " ", Tone.WARN), *brief, *short, toned("  "))
    one_row: tuple[Line, ...] = (
        (*name, *told, *long, toned("  "), *named),
        (*name, *told, *short, toned("  "), *named),
        (*name, *brief, *short, toned("  "), *_apart([*counted, *_dangers(connections)])),
        (*nameless, *_apart([*counted, *_dangers(connections)])),
        (*nameless, *_apart([*counted, *insecure])),
    )
    only = _first_fitting(width - width_of(clock), *one_row)
    if width_of(only) > width:  # even without the clock
        only = (*nameless, *_apart([*signs, *insecure]))
    return (spread(only, clock, width, glyphs.ellipsis),)


def _catching(catching: CatchingUp | None) -> tuple[Line, Line]:
    """What is told of it, in full and in short; nothing where there is nothing to catch up with."""
    if catching is None:
        return EMPTY, EMPTY
    told = f"{catching.why}, catching up: {catching.asked} of {catching.due} asked"
    brief = f"catching up {catching.asked}/{catching.due}"
    return (toned(f"{told}  ", Tone.WARN),), (toned(f"{brief}  ", Tone.WARN),)


def _first_fitting(width: int, *candidates: Line) -> Line:
    """The first that has room, else the last."""
    return next((pieces for pieces in candidates if width_of(pieces) <= width), candidates[-1])


def _totals(totals: Totals, glyphs: Glyphs, *, words: bool) -> Line:
    shown = (
        (JobState.RUNNING, "running", Tone.RUN),
        (JobState.WAITING, "waiting", Tone.WAIT),
        (JobState.FAILED, "failed", Tone.BAD),
        (JobState.UNKNOWN, "unknown", Tone.DIM),
    )
    pieces = [toned("1 job" if totals.jobs == 1 else f"{totals.jobs} jobs")]
    told = [(glyphs.states[state], totals.states.get(state, 0), word, tone) for state, word, tone in shown]
    told.append((glyphs.down, totals.fetching, "fetching", Tone.RUN))
    told.append((glyphs.downloads[DownloadState.PAUSED], totals.paused, "paused", Tone.WARN))
    for glyph, number, word, tone in told:
        if number:
            pieces.append(toned(f"   {glyph} {number} {word}" if words else f"  {glyph} {number}", tone))
    return tuple(pieces)


def _all_connections(
    connections: Sequence[tuple[ConnectionHealth, int]], now: datetime, width: int, glyphs: Glyphs
) -> Line:
    """Each connection with its number of jobs or its trouble.

    Where not all fit, the vendors' own words go first. Where that is not enough, those in trouble come first, then
    those that check no certificate.
    """
    if not connections:
        return (toned(" no connections yet", Tone.DIM),)
    for words in (width, _MESSAGE, _MESSAGE // 2, 0):
        told = [(health, _one(health, number, now, glyphs, words)) for health, number in connections]
        if sum(width_of(pieces) for _, pieces in told) <= width:
            return tuple(piece for _, pieces in told for piece in pieces)
    told.sort(key=lambda pair: (pair[0].condition in _FINE, not pair[0].insecure))
    line: tuple[Piece, ...] = ()
    for index, (_, pieces) in enumerate(told):
        more = f"  +{len(told) - index}"
        if width_of(line) + width_of(pieces) + len(more) > width and index:
            return (*line, toned(more, Tone.DIM))
        line = (*line, *pieces)
    return line


def _one(health: ConnectionHealth, number: int, now: datetime, glyphs: Glyphs, most: int) -> Line:
    """One connection; `most` cells for the vendor's own words on its trouble."""
    words = f"{glyphs.conditions[health.condition]} {number}"
    if health.condition not in _FINE:
        words = f"{glyphs.conditions[health.condition]} {standing(health, now)}"
        if health.message and most:
            words += f": {fit(health.message, most, glyphs.ellipsis).rstrip()}"
    dangers = danger_pieces(insecure=health.insecure, plain_http=health.plain_http)
    return (toned(f" {health.name} "), toned(words, CONDITION_TONES[health.condition]), *dangers, toned("  "))


_STANDING = {
    Condition.IDLE: "not asked yet",
    Condition.OK: "ok",
    Condition.SLOW: "slow",
    Condition.THROTTLED: "throttled",
    Condition.REFUSED: "credentials refused",
    Condition.DOWN: "down",
    Condition.PAUSED: "paused by you",
}


def standing(health: ConnectionHealth, now: datetime) -> str:
    """How a connection is doing, in words that change seldom; the vendor's own words are not in it."""
    words, again = _STANDING[health.condition], health.next_try_at
    if health.condition is Condition.SLOW and health.latency is not None:
        words += f", {health.latency:.0f} s an answer"
    if health.condition is Condition.DOWN and health.since is not None:
        words += f" since {clock_text(health.since)}"
    if again is None or again <= now:
        return words
    is_soon = (again - now).total_seconds() < _SOON
    if health.condition is Condition.THROTTLED:
        return f"{words} for a moment" if is_soon else f"{words} until {clock_text(again)}"
    return f"{words}, again soon" if is_soon else f"{words}, again {clock_text(again)}"


def danger_pieces(*, insecure: bool, plain_http: bool) -> Line:
    """What stands in red and in yellow wherever the connection appears."""
    red = (toned(" insecure", Tone.BAD),) if insecure else EMPTY
    return (*red, toned(" http", Tone.WARN)) if plain_http else red


def _troubles_named(connections: Sequence[tuple[ConnectionHealth, int]], glyphs: Glyphs) -> Line:
    """How many connections are fine, or were not asked yet, and the names of those that are not."""
    pieces: list[Piece] = []
    for condition in (Condition.OK, Condition.IDLE):
        number = sum(health.condition is condition for health, _ in connections)
        if number:
            told = f"{glyphs.conditions[condition]} {number} {condition.value}"
            pieces.append(toned(f"  {told}" if pieces else told, CONDITION_TONES[condition]))
    for health, _ in connections:
        if health.condition not in _FINE:
            glyph = glyphs.conditions[health.condition]
            pieces.append(toned(f"  {glyph} {health.name} {health.condition.value}", CONDITION_TONES[health.condition]))
    pieces += [toned(f"  {health.name} insecure", Tone.BAD) for health, _ in connections if health.insecure]
    pieces += [toned(f"  {health.name} http", Tone.WARN) for health, _ in connections if health.plain_http]
    return tuple(pieces)


def _counted(connections: Sequence[tuple[ConnectionHealth, int]], glyphs: Glyphs, *, words: bool) -> list[Piece]:
    """The same in numbers, for narrow screens; for the narrowest with the conditions' signs alone."""
    pieces = []
    for condition in Condition:
        number = sum(health.condition is condition for health, _ in connections)
        if number:
            word = f" {condition.value}" if words else ""
            pieces.append(toned(f"{glyphs.conditions[condition]} {number}{word}", CONDITION_TONES[condition]))
    return pieces


def _dangers(connections: Sequence[tuple[ConnectionHealth, int]]) -> list[Piece]:
    """How many check no certificate, and how many send everything in the clear."""
    insecure = sum(health.insecure for health, _ in connections)
    plain = sum(health.plain_http for health, _ in connections)
    told = [toned(f"{insecure} insecure", Tone.BAD)] if insecure else []
    return [*told, toned(f"{plain} http", Tone.WARN)] if plain else told


def _apart(pieces: Sequence[Piece]) -> Line:
    """The pieces with a gap between each two."""
    return tuple(piece for one in pieces for piece in (toned("  "), one))[1:]
