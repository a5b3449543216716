"""What is said of an ask that could not be made because this program may open no more files."""

from __future__ import annotations

from tui.errors import AskError, ProblemKind
from tui.open_files import NO_MORE_FILES, RAISE_THE_LIMIT

_HINT = f"{RAISE_THE_LIMIT}, or have fewer downloads at once; asking goes on by itself"


def no_more_files() -> AskError:
    """Nothing was sent."""
    return AskError(ProblemKind.UNREACHABLE, NO_MORE_FILES, hint=_HINT, not_sent=True)
