"""Where the user was on the board: kept in a small file from one run to the next, by job ids, never by line numbers."""

from __future__ import annotations

import logging
import os
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from tui.engine.locks import lock_file

_log = logging.getLogger("jobdeck.place")

_LARGEST = 16 * 1024 * 1024
"""Bytes beyond which the file is none of ours."""


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Jobs by their keys; orders, columns, tabs and views by their names.

    `top` is the job on top when the list is scrolled. `typed` stands in the filter line, `filter` is in force.
    `looked_until` is when the user last had the board before him.
    """

    cursor: str | None = None
    top: str | None = None
    marks: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    looked_until: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    sort: str = ""
    reverse: bool = False
    group: str = ""
    folded: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    tab: str = ""
    view: str = ""
    filter: str = ""
    typed: str = ""
    is_typing: bool = False
    history: tuple[str, ...] = ()


class PlaceFile:
    """One file; without a path nothing is kept. What cannot be read is as good as not there, and logged.

    Of several boards side by side only the one that was opened first writes; when it has ended, another one does. All
    begin where that one was.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock: int | None = None
        self._written: Place | None = None
        self._is_told = False

    def read(self) -> Place:
        """The place as it was left; the start of everything where there is none."""
        if self._path is None:
            return Place()
        self._is_ours(self._path)
        try:
            with self._path.open("rb") as opened:
                return msgspec.json.decode(opened.read(_LARGEST), type=Place)
        except FileNotFoundError:
            return Place()
        except (OSError, msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            _log.warning("%s is not read, the board starts afresh: %s", self._path, error)
            return Place()

    def write(self, place: Place, now: datetime, *, is_end: bool = False) -> None:
        """Keep the place, if it is another one than was kept last; the file is ours alone (0600), and whole.

        At the end of the run it is kept in any case, with the time until when the user looked.
        """
        if self._path is None or (place == self._written and not is_end) or not self._is_ours(self._path):
            return
        self._written = place
        data = msgspec.json.encode(msgspec.structs.replace(place, looked_until=now))
        try:
            file, name = tempfile.mkstemp(prefix=".view.", dir=self._path.parent)
            try:
                with os.fdopen(file, "wb") as opened:
                    opened.write(data)
                Path(name).replace(self._path)
            finally:
                with suppress(OSError):
                    Path(name).unlink(missing_ok=True)
        except OSError as error:
            if not self._is_told:
                _log.warning("%s is not written: %s", self._path, error)
            self._is_told = True

    def close(self) -> None:
        """Nothing is written any more: another board may."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _is_ours(self, path: Path) -> bool:
        """Whether no other board has the file; where nobody can tell, each writes."""
        if self._lock is None:
            try:
                self._lock = lock_file(path.with_suffix(".lock"))
            except OSError:
                return True
        return self._lock is not None
