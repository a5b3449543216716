"""How jobs, downloads and history stand in the database: JSON of their dataclasses; packed where nobody looks often."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from tui.model import Download, Event, Job, JobKey, Safe


class _Line(msgspec.Struct, frozen=True, array_like=True):
    at: datetime
    kind: str
    text: Safe


def _to_plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(type(value).__name__)


def from_plain(kind: type, value: object) -> object:
    """What JSON has no word for, from its words: for a decoder's `dec_hook`."""
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(kind.__name__)


_encoder = msgspec.json.Encoder(enc_hook=_to_plain)
_job_decoder = msgspec.json.Decoder(Job, dec_hook=from_plain)
_download_decoder = msgspec.json.Decoder(Download, dec_hook=from_plain)
_history_decoder = msgspec.json.Decoder(tuple[_Line, ...])


def job_body(job: Job) -> bytes:
    """A job on the board: its downloads have a table of their own."""
    return _encoder.encode(replace(job, downloads=()) if job.downloads else job)


def whole_job_body(job: Job) -> bytes:
    """An archived job, its downloads with it."""
    return _encoder.encode(job)


def read_job(body: bytes) -> Job:
    """Raises msgspec.DecodeError."""
    return _job_decoder.decode(body)


def download_body(download: Download) -> bytes:
    """One download."""
    return _encoder.encode(download)


def read_download(body: bytes) -> Download:
    """Raises msgspec.DecodeError."""
    return _download_decoder.decode(body)


def read_moment(text: str) -> datetime:
    """A time as it stands in a column of its own. Raises msgspec.DecodeError."""
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise msgspec.DecodeError(str(error)) from error


def pack_history(events: Iterable[Event]) -> bytes:
    """A job's history, about a tenth as large as its rows."""
    return zlib.compress(_encoder.encode([_Line(event.at, event.kind, event.text) for event in events]))


def unpack_history(packed: bytes, key: JobKey) -> tuple[Event, ...]:
    """Raises msgspec.DecodeError."""
    return tuple(Event(line.at, key, line.kind, line.text) for line in _history_decoder.decode(_inflated(packed)))


def pack_text(text: str) -> bytes:
    """A long text."""
    return zlib.compress(text.encode("utf-8", "surrogatepass"))


def unpack_text(packed: bytes) -> Safe:
    """A text that was made harmless before it was kept. Raises msgspec.DecodeError."""
    try:
        return Safe(_inflated(packed).decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(str(error)) from error


def _inflated(packed: bytes) -> bytes:
    try:
        return zlib.decompress(packed)
    except zlib.error as error:
        raise msgspec.DecodeError(str(error)) from error
