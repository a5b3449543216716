"""The terminal and the locale: what the board can draw here, and what a copied text reaches (facts: SSH, section 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import terminal_size

from tui.cli.board_look import tmux
from tui.cli.doctor.finding import Finding, doubtful, fine
from tui.cli.terminal import locale_of, wants_ascii
from tui.screens.clipboard import Osc52, osc52_of
from tui.screens.tmux import ask_tmux

TOPIC = "terminal"
_LEAST_COLUMNS, _LEAST_ROWS = 80, 24
_COPY_REMEDY = "select text with the mouse, Shift held down"
_NOT_KNOWN = "not known"


def surface(
    environ: Mapping[str, str],
    encoding: str | None,
    size: terminal_size,
    trouble: str | None,
    tmux_copies: str = _NOT_KNOWN,
) -> Iterator[Finding]:
    """Terminal, its size, colours, signs and clipboard, and the locale; `trouble` is why there can be no board.

    `tmux_copies` is what `copies_in_tmux` tells.
    """
    if trouble:
        yield doubtful(TOPIC, "board", trouble, "the other commands work; over SSH: ssh -t HOST jobdeck")
    else:
        told = f"TERM={environ.get('TERM', '')}, {size.columns}x{size.lines}"
        if size.columns < _LEAST_COLUMNS or size.lines < _LEAST_ROWS:
            yield doubtful(TOPIC, "board", f"{told}: narrow", f"make it {_LEAST_COLUMNS}x{_LEAST_ROWS} or larger")
        else:
            yield fine(TOPIC, "board", told)
        yield fine(TOPIC, "colours", _colours(environ))
        yield _clipboard(environ, tmux_copies)
        yield _line(environ)
    yield _signs(environ, encoding)


def _colours(environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return "none: NO_COLOR is set"
    if environ.get("COLORTERM") in ("truecolor", "24bit"):
        return "16 million"
    term = environ.get("TERM", "")
    return "256" if "256color" in term or term == "xterm-kitty" else "16"


async def copies_in_tmux(environ: Mapping[str, str]) -> str:
    """How tmux's `set-clipboard` stands; `not known` outside of it, and where it does not answer."""
    program = tmux(environ)
    told = await ask_tmux(program, "show-options", "-gv", "set-clipboard") if program else None
    return (told or "").strip() or _NOT_KNOWN


def _clipboard(environ: Mapping[str, str], tmux_copies: str) -> Finding:
    """Whether a copied text is likely to come where the user is."""
    name = "clipboard"
    if environ.get("TMUX"):
        if tmux_copies in ("on", "external"):
            return fine(TOPIC, name, "copies go into tmux's buffer, and on to the terminal if that takes them (OSC 52)")
        remedy = "tmux set -g set-clipboard external"
        return doubtful(TOPIC, name, f"tmux keeps copies in its own buffer (set-clipboard {tmux_copies})", remedy)
    match osc52_of(environ):
        case Osc52.DROPPED:
            who, instead = ("screen", "use tmux, or ") if environ.get("STY") else ("this terminal", "")
            told = f"{who} takes no copies (OSC 52): the board writes them to a file"
            return doubtful(TOPIC, name, told, f"{instead}{_COPY_REMEDY}")
        case Osc52.DOUBTFUL:
            return doubtful(TOPIC, name, "this terminal is not known to take copies (OSC 52)", _COPY_REMEDY)
    return fine(TOPIC, name, "copies are sent to the terminal (OSC 52); most take them, none says so")


def _line(environ: Mapping[str, str]) -> Finding:
    is_kept = environ.get("TMUX") or environ.get("STY")
    if environ.get("SSH_CONNECTION") and not is_kept:
        told = "SSH, outside tmux: the board ends when the line drops; nothing is lost, but nothing goes on"
        return fine(TOPIC, "line", told, "tmux -u new -A -s jobs")
    where = "SSH" if environ.get("SSH_CONNECTION") else "here"
    return fine(TOPIC, "line", f"{where}, kept by tmux or screen" if is_kept else where)


def _signs(environ: Mapping[str, str], encoding: str | None) -> Finding:
    locale = locale_of(environ) or "no locale is set"
    if wants_ascii("auto", environ, encoding):
        told = f"{locale}, {encoding or 'no encoding'}: signs are drawn in ASCII"
        return doubtful("locale", "signs", told, "export LANG=C.UTF-8")
    if environ.get("TMUX") and "utf" not in locale.lower():
        return doubtful("locale", "signs", f"{locale}: tmux draws _ for each sign", "start it as tmux -u")
    return fine("locale", "signs", f"{locale}, {encoding}")
