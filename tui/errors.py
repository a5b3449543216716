"""Errors that carry what the user needs: one sentence, what to do next, and the exit code.

JobdeckError
├── UsageError          2   wrong words on the command line, an ambiguous JOB
├── ConfigError         2   config.toml cannot be used as it is
├── StateError          2   the state folder cannot be used
├── CredentialsError    3   a secret is missing, refused, or there is no keyring to change
├── DownloadError       1   a file could not be had
└── AskError            by its kind: how one question to a vendor went wrong
"""

from __future__ import annotations

from enum import IntEnum

from tui.model import ProblemKind


class ExitCode(IntEnum):
    """What the command says to the shell (CONTRACT section 1)."""

    OK = 0
    FAILED = 1
    USAGE = 2
    CREDENTIALS = 3
    UNREACHABLE = 4
    HANGUP = 129
    INTERRUPTED = 130
    TERMINATED = 143


class JobdeckError(Exception):
    """The root: `message` says what is wrong, `hint` what to do about it."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(JobdeckError):
    """The command line or a typed text cannot be understood."""

    exit_code = ExitCode.USAGE


class ConfigError(JobdeckError):
    """config.toml cannot be used as it is."""

    exit_code = ExitCode.USAGE


class StateError(JobdeckError):
    """The state folder is read-only, full or damaged."""

    exit_code = ExitCode.USAGE


class CredentialsError(JobdeckError):
    """A secret is missing or refused, or there is no keyring to change."""

    exit_code = ExitCode.CREDENTIALS


class DownloadError(JobdeckError):
    """A file could not be had."""


_ASK_EXIT_CODES = {
    ProblemKind.AUTH: ExitCode.CREDENTIALS,
    ProblemKind.FORBIDDEN: ExitCode.CREDENTIALS,
    ProblemKind.GONE: ExitCode.FAILED,
}


class AskError(JobdeckError):
    """One question to a vendor went wrong.

    `retry_after` is the vendor's own wish in seconds, where it told one. A `GONE` error means that the vendor
    does not know the job (any more).
    """

    def __init__(self, kind: ProblemKind, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.retry_after = retry_after

    @property
    def exit_code(self) -> ExitCode:  # type: ignore[override]  # by kind, not by class
        """The exit code of the command that ends with this error."""
        return _ASK_EXIT_CODES.get(self.kind, ExitCode.UNREACHABLE)
