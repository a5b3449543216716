"""How a command is added to the command line: its help, its examples, and the options that every command has."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeAlias

from tui.cli.examples import EXAMPLES, as_text
from tui.errors import UsageError

_MOST_SECONDS = 1e9
"""Some thirty years; what lies further off is no date any more."""

SLOWEST, FASTEST = 0.5, 64.0
"""How many times as fast as it was a recording can be played."""

_FLAGS = re.compile(r"-[hqv]+|--.*|-.?", re.DOTALL)
"""What begins with a dash and is no negated term of a filter."""


def is_term(word: str) -> bool:
    """Whether a word that may begin with a dash is one of a filter's terms, not an option."""
    return not (word.startswith("-") and _FLAGS.fullmatch(word))


class Parser(argparse.ArgumentParser):
    """Tells wrong words as every other error is told: what is wrong, and below it what to do next."""

    takes_filter = False
    """Whether its words are a filter's terms, of which one may begin with a dash."""

    def parse_known_args(  # type: ignore[override]  # its overloads say the same of each kind of namespace
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Take `-state:failed` for a term: a blank before it is nothing to the filter, and no option has one."""
        if self.takes_filter and args is not None:
            args = [f" {word}" if word.startswith("-") and is_term(word) else word for word in args]
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError in argparse's words."""
        _, _, command = self.prog.partition(" ")
        raise UsageError(f"{command}: {message}" if command else message, hint=f"{self.prog} --help shows the words")


def seconds(text: str) -> float:
    """A length of time as it is typed. Raises ArgumentTypeError."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text} is no number of seconds; write e.g. 600")
    return number


def speed(text: str) -> float:
    """How fast a recording is played. Raises ArgumentTypeError."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not SLOWEST <= number <= FASTEST:
        raise argparse.ArgumentTypeError(f"{text} is no speed; write a number from {SLOWEST:g} to {FASTEST:g}")
    return number


def whole(least: int, most: int) -> Callable[[str], int]:
    """What reads a whole number between the two. It raises ArgumentTypeError."""

    def read(text: str) -> int:
        if not (text.isdecimal() and len(text) <= len(str(most)) and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text} is no whole number from {least} to {most}")
        return int(text)

    return read


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001  # it has no public name


def add_command(commands: Commands, name: str, says: str, everywhere: Parser, more: str = "") -> Parser:
    """A command with its examples, and `more` below them."""
    return commands.add_parser(
        name,
        help=says,
        description=f"{says[0].upper()}{says[1:]}.",
        epilog="\n\n".join(filter(None, (as_text(EXAMPLES[name]), more))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[everywhere],
        allow_abbrev=False,
    )
