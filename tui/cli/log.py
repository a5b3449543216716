"""The log file: rotated, readable by its owner alone, and redacted line by line."""

from __future__ import annotations

import logging
import logging.handlers
import sys
import threading
from pathlib import Path

from tui.engine.wire.request_log import REQUESTS
from tui.errors import UsageError
from tui.redact import redact
from tui.text import safe_line

_log = logging.getLogger(__name__)
_MOST_BYTES = 1_000_000
_KEPT = 3


class _LogFile(logging.handlers.RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the library's name
        """A full disk: nothing is said, where the library would print the line with its secrets to stderr."""


class _Redacted(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(safe_line(line, 2000) for line in redact(super().format(record)).splitlines())


def start_log(path: Path, *, with_requests: bool, to_stderr: bool = False) -> None:
    """Send warnings and worse to the log, and what nobody caught. Raises UsageError.

    `with_requests` writes each request too; `to_stderr` says each request on stderr, where nothing else of it goes.
    """
    try:
        handler = _LogFile(path, maxBytes=_MOST_BYTES, backupCount=_KEPT, encoding="utf-8")
        path.chmod(0o600)
    except OSError as error:
        raise UsageError(
            f"the log {path} cannot be written: {error.strerror}", hint="name another one with --log-file FILE"
        ) from error
    handler.setFormatter(_Redacted("%(asctime)s %(levelname)s %(name)s %(message)s"))
    if not with_requests:
        handler.addFilter(lambda record: record.name != REQUESTS)
    logging.captureWarnings(capture=True)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("jobdeck.after").setLevel(logging.INFO)  # what the user's own commands say
    _listen_to_requests(with_requests=with_requests, to_stderr=to_stderr)
    threading.excepthook = _thread_ended
    sys.unraisablehook = _not_raised


def _listen_to_requests(*, with_requests: bool, to_stderr: bool) -> None:
    requests = logging.getLogger(REQUESTS)
    requests.setLevel(logging.INFO if with_requests or to_stderr else logging.WARNING)
    if to_stderr:
        said = logging.StreamHandler(sys.stderr)
        said.setFormatter(_Redacted("jobdeck: %(message)s"))
        requests.addHandler(said)


def _thread_ended(told: threading.ExceptHookArgs) -> None:
    _log.critical("a thread ended", exc_info=told.exc_value)


def _not_raised(told: sys.UnraisableHookArgs) -> None:
    _log.critical("an error that could not be raised", exc_info=told.exc_value)
