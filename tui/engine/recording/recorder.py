"""`--record`: writes down beside the board what the board is told, from a thread and an outbox of its own.

A disk that is slow, full or gone holds up neither the engine nor the screen: what is new meanwhile gathers in the
outbox, each thing once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from tui.clock import Clock
from tui.engine.outbox import Outbox
from tui.engine.recording.growing_file import GrowingFile, RecordingEndError
from tui.engine.recording.happenings import Happenings
from tui.engine.recording.writer import RecordingWriter

_log = logging.getLogger("jobdeck.recorder")

MOST_BYTES = 200_000_000
"""Bytes of a recording on the disk; then it ends."""
GATHER_SECONDS = 0.5
"""So long changes are gathered into one line."""
PULSE_SECONDS = 60.0
"""So often it is written that the board still runs: a recording that breaks off tells until when."""


class Recorder:
    """One recording. `outbox` is filled by the engine; `tell` says on the board why the recording has ended."""

    def __init__(
        self,
        path: Path,
        database: Path,
        filters: Mapping[str, str],
        clock: Clock,
        tell: Callable[[str], None],
        *,
        most: int = MOST_BYTES,
        gather: float = GATHER_SECONDS,
    ) -> None:
        """Make the file. Raises UsageError."""
        self.path = path
        self.outbox = Outbox()
        self.is_on = True
        self._file = GrowingFile(path, most)
        self._writer = RecordingWriter(self._file, filters)
        self._happenings = Happenings(database)
        self._clock = clock
        self._tell = tell
        self._gather = gather
        self._news = threading.Event()
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Write down what there is, and then what changes."""
        self.outbox.on_changes(self._news.set)
        self._news.set()
        self._thread.start()

    def close(self, timeout: float = 2.0) -> None:
        """Write what is left and let go of the file; a disk that hangs is waited for at most so many seconds."""
        self._is_closing.set()
        self._news.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        try:
            self._follow()
            self._writer.end(self._clock.now(), "the board was closed")
        except RecordingEndError as error:
            self._give_up(str(error))
        except Exception as error:  # noqa: BLE001  # a thread's border: the board goes on, and says so
            _log.error("the recording ended", exc_info=error)
            self._give_up(type(error).__name__)
        finally:
            self._happenings.close()
            self._file.close()

    def _give_up(self, why: str) -> None:
        self.is_on = False
        rest = f"; what is in {self.path} can be replayed" if self.path.exists() else ""
        self._tell(f"the recording has ended: {why}{rest}")

    def _follow(self) -> None:
        is_last = False
        while not is_last:
            if not self._is_closing.is_set():
                self._news.wait(PULSE_SECONDS)
            is_last = self._is_closing.wait(self._gather)  # before the look: nothing comes any more behind it
            self._news.clear()
            self._writer.write(self._clock.now(), self.outbox.drain(), self._happenings.new())
