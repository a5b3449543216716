"""Errors that carry what the user needs: one sentence, what to do next, and the exit code.

JobdeckError
├── UsageError          2   wrong words on the command line, an ambiguous JOB
├── ConfigError         2   config.toml cannot be used as it is
├── StateError          2   the state folder cannot be used
│   └── DamagedError    2   the board's file cannot be read
├── CredentialsError    3   a secret is missing, refused, or there is no keyring to change
├── DownloadError       1   a file could not be had
│   └── DiskFullError   1   the disk has no room for it: the download pauses
└── AskError            by its kind: how one question to a vendor went wrong
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

from tui.text import Safe, safe_block, safe_line

_LONGEST = 2000
"""Characters of a sentence."""


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


class ProblemKind(StrEnum):
    """How an ask can go wrong."""

    AUTH = "auth"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate-limited"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    BAD_REPLY = "bad-reply"
    GONE = "gone"


class JobdeckError(Exception):
    """The root: `message` says what is wrong, `hint` what to do about it. No terminal obeys either of them."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = safe_line(message, _LONGEST)
        self.hint = safe_line(hint, _LONGEST)
        super().__init__(self.message)

    @property
    def told(self) -> Safe:
        """What is wrong, and in a second line what to do about it."""
        return safe_block(f"{self.message}\n{self.hint}".strip())


class UsageError(JobdeckError):
    """The command line or a typed text cannot be understood."""

    exit_code = ExitCode.USAGE


class ConfigError(JobdeckError):
    """config.toml cannot be used as it is."""

    exit_code = ExitCode.USAGE


class StateError(JobdeckError):
    """The state folder is read-only, full or damaged."""

    exit_code = ExitCode.USAGE


class DamagedError(StateError):
    """The board's file cannot be read; it is left as it is."""


class CredentialsError(JobdeckError):
    """A secret is missing or refused, or there is no keyring to change."""

    exit_code = ExitCode.CREDENTIALS


class DownloadError(JobdeckError):
    """A file could not be had."""


class DiskFullError(DownloadError):
    """The disk has no room for the rest of a file; what came is kept."""


_ASK_EXIT_CODES = {
    ProblemKind.AUTH: ExitCode.CREDENTIALS,
    ProblemKind.FORBIDDEN: ExitCode.CREDENTIALS,
    ProblemKind.GONE: ExitCode.FAILED,
}


class AskError(JobdeckError):
    """One question to a vendor went wrong.

    `retry_after` is the vendor's own wish in seconds, where it told one. A `GONE` error means that the vendor
    does not know the job (any more). `not_sent` says that the vendor certainly did nothing: the request never left,
    or no login was to be had for it.
    """

    def __init__(
        self,
        kind: ProblemKind,
        message: str,
        *,
        hint: str = "",
        retry_after: float | None = None,
        not_sent: bool = False,
    ) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.retry_after = retry_after
        self.not_sent = not_sent

    def worded(self, message: str | None = None, *, hint: str | None = None) -> AskError:
        """The same error in other words; what is None stays."""
        return AskError(
            self.kind,
            self.message if message is None else message,
            hint=self.hint if hint is None else hint,
            retry_after=self.retry_after,
            not_sent=self.not_sent,
        )

    @property
    def leaves_open(self) -> bool:
        """Whether the vendor may have done what it was told all the same: the answer was lost, not bad."""
        return not self.not_sent and self.kind in (ProblemKind.UNREACHABLE, ProblemKind.TLS)

    @property
    def exit_code(self) -> ExitCode:  # type: ignore[override]  # by kind, not by class
        """The exit code of the command that ends with this error."""
        return _ASK_EXIT_CODES.get(self.kind, ExitCode.UNREACHABLE)
