"""The log file: rotated, readable by its owner alone, and redacted line by line."""

from __future__ import annotations

import logging
import logging.handlers
import sys
import threading
from pathlib import Path

from tui.redact import redact
from tui.text import safe_line

_log = logging.getLogger(__name__)
_MOST_BYTES = 1_000_000
_KEPT = 3


class _Redacted(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(safe_line(line, 2000) for line in redact(super().format(record)).splitlines())


def start_log(path: Path) -> None:
    """Send warnings and worse to the log, and what nobody caught; nothing ever goes to the terminal by itself."""
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=_MOST_BYTES, backupCount=_KEPT, encoding="utf-8")
    path.chmod(0o600)
    handler.setFormatter(_Redacted("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.captureWarnings(capture=True)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("jobdeck.after").setLevel(logging.INFO)  # what the user's own commands say
    threading.excepthook = _thread_ended
    sys.unraisablehook = _not_raised


def _thread_ended(told: threading.ExceptHookArgs) -> None:
    _log.critical("a thread ended", exc_info=told.exc_value)


def _not_raised(told: sys.UnraisableHookArgs) -> None:
    _log.critical("an error that could not be raised", exc_info=told.exc_value)
