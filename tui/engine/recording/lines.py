"""The lines of a recording: JSON, one a line. The first says what it is, each other one what was new at a moment.

Some lines hold the whole board: from each of them on it can be played. A recording may be a stranger's: whatever is
read becomes harmless here, as a vendor's answer does at the border.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from operator import attrgetter, is_
from pathlib import Path
from typing import Annotated, Any

import msgspec

from tui.engine.border import inert
from tui.engine.facts.jobs import Slept
from tui.engine.storage.stored import from_plain
from tui.model import ConnectionHealth, Download, Event, Job, JobKey, Safe, Snapshot
from tui.moments import usable
from tui.text import safe_line

VERSION = 1
_LONGEST = 5000
"""Characters of a text of one line."""
_MOST_WHOLE = 2**63
_MOST_FRACTION = 3e10
"""Seconds and the like: more cannot be added to a time."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The first line: the version of these lines, and of the jobdeck that wrote them."""

    jobdeck_recording: int
    by: str = ""
    filters: Mapping[str, str] = {}
    """The saved filters by their names."""


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """That a job was asked for and stands as before: when the vendor answered, when it is asked next."""

    key: JobKey
    checked_at: Moment | None
    next_check_at: Moment | None
    fresh_until: Moment | None


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was new at a moment; with `whole`, all there was. Jobs stand there without their downloads.

    `events` are new lines of jobs' histories. `ended` says in the last line why nothing follows.
    """

    at: Moment
    whole: bool = False
    jobs: tuple[Job, ...] = ()
    asked: tuple[Asked, ...] = ()
    gone: tuple[JobKey, ...] = ()
    connections: tuple[ConnectionHealth, ...] = ()
    connections_gone: tuple[str, ...] = ()
    downloads: tuple[Download, ...] = ()
    told: tuple[Safe, ...] = ()
    slept: Slept | None = None
    events: tuple[Event, ...] = ()
    ended: str = ""


def _to_plain(value: object) -> object:
    """A folder's name may be no text at all."""
    if isinstance(value, Path):
        return str(value).encode("utf-8", "replace").decode()
    raise NotImplementedError(type(value).__name__)


_encoder = msgspec.json.Encoder(enc_hook=_to_plain)
_head_decoder = msgspec.json.Decoder(Head)
_line_decoder = msgspec.json.Decoder(Line, dec_hook=from_plain)


def encoded(line: Head | Line) -> bytes:
    """The line as it stands in the file, its break included."""
    return _encoder.encode(line) + b"\n"


def read_head(text: bytes) -> Head:
    """Raises ValueError for what is none."""
    try:
        head = _head_decoder.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error
    filters: dict[str, str] = {safe_line(name): safe_line(one) for name, one in head.filters.items()}
    return Head(jobdeck_recording=head.jobdeck_recording, by=safe_line(head.by, 40), filters=filters)


def checked(text: bytes) -> Line:
    """The line as it stands there, not harmless yet: for its moment and its states alone. Raises ValueError."""
    try:
        return _line_decoder.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error


def harmless(line: Line) -> Line:
    """The line with every text and figure in it made harmless. Raises ValueError where that cannot be."""
    return msgspec.structs.replace(
        line,
        **{name: _harmless(getattr(line, name)) for name in line.__struct_fields__},
    )


def _harmless(value: object) -> Any:
    """The same value where it was harmless."""
    way = _WAYS[type(value)]
    if way is None:
        return value
    made = way(value)
    return value if made is value or made == value else made


_Way = Callable[[Any], Any]


class _Ways(dict[type, _Way | None]):
    """How values of a type become harmless, or are refused; None for those that do no harm."""

    def __missing__(self, kind: type) -> _Way | None:
        self[kind] = _way_of(kind)
        return self[kind]


_WAYS = _Ways()


def _way_of(kind: type) -> _Way | None:
    ways: tuple[tuple[type, _Way], ...] = (
        (tuple, _each),
        (Path, lambda path: Path(safe_line(str(path), _LONGEST))),
        (datetime, _moment),
        (float, _fraction),
        (int, _whole_number),
        (Asked, lambda asked: Asked(*map(_harmless, msgspec.structs.astuple(asked)))),
        (Snapshot, inert),
    )
    if kind is str:
        return lambda text: safe_line(text, _LONGEST)
    if is_dataclass(kind) and not issubclass(kind, Snapshot):
        return _way_of_fields(kind)
    return None if kind is bool else next((way for known, way in ways if issubclass(kind, known)), None)


def _each(values: tuple[Any, ...]) -> tuple[Any, ...]:
    made = tuple(map(_harmless, values))
    return values if all(map(is_, made, values)) else made


def _way_of_fields(kind: type[Any]) -> _Way:
    """For a dataclass whose fields are all given to its constructor."""
    values_of = attrgetter(*(field.name for field in fields(kind)))

    def way(value: Any) -> Any:
        old = values_of(value)
        made = _each(old)
        return value if made is old else kind(*made)

    return way


def _moment(moment: datetime) -> datetime:
    """Raises ValueError for what no clock shows."""
    if moment.tzinfo is None or usable(moment) is None:
        raise ValueError(f"no time that a clock shows: {moment}")
    return moment


def _fraction(figure: float) -> float:
    """Raises ValueError for what nobody can reckon with."""
    if not abs(figure) <= _MOST_FRACTION:
        raise ValueError("a figure beyond all measure")
    return figure


def _whole_number(figure: int) -> int:
    """Raises ValueError for what nobody can reckon with."""
    if abs(figure) > _MOST_WHOLE:
        raise ValueError("a figure beyond all measure")
    return figure
