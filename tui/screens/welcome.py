"""What the board says while there is no connection: three ways on, each with its key."""

from __future__ import annotations

from tui.widgets.actions import BY_NAME, Keys
from tui.widgets.lines import EMPTY, Line, Tone, line, toned

_WAYS = (
    ("connections", "add a connection: Autodesk, EnOS, Aspera, JAGGAER or octoplant"),
    ("track", "paste a status URL or a curl command: it tells what to connect to"),
    ("demo", "look around first: five emulated vendors (the same as jobdeck --demo)"),
)


def welcome_lines(keys: Keys) -> tuple[Line, ...]:
    """The lines; `keys` are those in force."""
    ways = ((toned(f"  {keys.shown(BY_NAME[name])}", Tone.KEY), toned(f"  {told}")) for name, told in _WAYS)
    return (
        line("Welcome to jobdeck.", Tone.STRONG),
        EMPTY,
        line("There are no connections yet. What to do next:"),
        EMPTY,
        *ways,
        EMPTY,
        line("Secrets go into this machine's keyring or stay in memory, never in a file.", Tone.DIM),
        line("The rest goes to config.toml; config.toml.example shows every setting.", Tone.DIM),
    )
