"""Every error knows its sentence, what to do next, and the exit code of CONTRACT section 1."""

from __future__ import annotations

import pytest

from tui import errors
from tui.errors import AskError, ExitCode, JobdeckError
from tui.model import ProblemKind


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.UsageError, 2),
        (errors.ConfigError, 2),
        (errors.StateError, 2),
        (errors.CredentialsError, 3),
        (errors.DownloadError, 1),
        (JobdeckError, 1),
    ],
)
def test_the_class_decides_the_exit_code(kind: type[JobdeckError], code: int) -> None:
    error = kind("what", hint="do this")
    assert (error.exit_code, error.message, error.hint, str(error)) == (code, "what", "do this", "what")
    assert kind("what").hint == ""


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ProblemKind.AUTH, ExitCode.CREDENTIALS),
        (ProblemKind.FORBIDDEN, ExitCode.CREDENTIALS),
        (ProblemKind.GONE, ExitCode.FAILED),
        (ProblemKind.RATE_LIMITED, ExitCode.UNREACHABLE),
        (ProblemKind.UNREACHABLE, ExitCode.UNREACHABLE),
        (ProblemKind.TLS, ExitCode.UNREACHABLE),
        (ProblemKind.BAD_REPLY, ExitCode.UNREACHABLE),
    ],
)
def test_a_failed_ask_is_judged_by_its_kind(kind: ProblemKind, code: ExitCode) -> None:
    assert AskError(kind, "what").exit_code is code


def test_every_kind_of_problem_was_judged() -> None:
    assert len(ProblemKind) == 7


def test_no_terminal_obeys_an_error() -> None:
    error = JobdeckError("it said \x1b[2J\nand \u202e", hint="see \x9b31m")
    assert (error.message, error.hint) == ("it said ␛[2J␊and \ufffd", "see \ufffd31m")
    assert str(error) == error.message
    assert error.told == "it said ␛[2J␊and \ufffd\nsee \ufffd31m"
    assert JobdeckError("alone").told == "alone"
    assert len(JobdeckError("x" * 9000).message) == 2000
