"""What the board says while it is empty: the ways on, each with its key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tui.widgets.actions import BY_NAME, Keys
from tui.widgets.lines import EMPTY, Line, Tone, line, toned

_FIRST = (
    ("connections", "add a connection to a vendor"),
    ("track", "paste a status URL or a curl command: it tells what to connect to"),
    ("demo", "look around first: five emulated vendors (the same as jobdeck --demo)"),
)

_NEXT = (
    ("track", "track a job: paste its id, its URL or a curl command"),
    ("lately", "see what ran lately at a vendor that tells, and choose"),
    ("start", "start a job at a vendor"),
)


def welcome_lines(keys: Keys) -> tuple[Line, ...]:
    """While there is no connection; `keys` are those in force."""
    return (
        line("Welcome to jobdeck.", Tone.STRONG),
        EMPTY,
        line("There are no connections yet. What to do next:"),
        EMPTY,
        *_ways(_FIRST, keys),
        EMPTY,
        line("Secrets go into this machine's keyring or stay in memory, never in a file.", Tone.DIM),
        line("The rest goes to config.toml; config.toml.example shows every setting.", Tone.DIM),
    )


def no_jobs_lines(keys: Keys) -> tuple[Line, ...]:
    """While there is a connection and no job."""
    return (line("No jobs yet.", Tone.STRONG), EMPTY, *_ways(_NEXT, keys))


def _ways(ways: Iterable[tuple[str, str]], keys: Keys) -> Iterator[Line]:
    return ((toned(f"  {keys.shown(BY_NAME[name])}", Tone.KEY), toned(f"  {told}")) for name, told in ways)
