"""`jobdeck __complete SHELL`: what may come at the end of the line in JOBDECK_LINE, one a line.

Reads the command's own parser, the names in config.toml and the keys in the database; asks nobody, changes nothing.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
from collections.abc import Iterable, Iterator

from tui.cli import offers
from tui.cli.offers import Offer
from tui.cli.parser import make_parser
from tui.cli.words import is_term
from tui.errors import ExitCode, JobdeckError
from tui.paths import find_paths
from tui.text import safe_line

_FILES = ":files"
"""The answer that sends the shell to its own completion of file names."""
_FILE_WORDS = frozenset({"FILE", "DIR", "FILE|-"})
_LONGEST_SAID = 60


def run(words: list[str]) -> int:
    """Print what fits; never an error, which a shell would show in the middle of a line."""
    shell, line = words[0] if words else "bash", os.environ.get("JOBDECK_LINE", "")
    try:
        told = what_fits(line)
    except JobdeckError:  # the home folder of nobody here
        return int(ExitCode.OK)
    if told is None:
        print(_FILES)
        return int(ExitCode.OK)
    for one in told:
        if shell == "bash":
            print(_behind_break(one.word, line))
        else:
            print(f"{one.word}\t{safe_line(one.says, _LONGEST_SAID)}" if one.says else one.word)
    return int(ExitCode.OK)


def what_fits(line: str) -> list[Offer] | None:
    """The words that may stand at the end of the line; None for names of files."""
    *before, typed = _split(line)
    place = _Place(make_parser(), before[1:])
    metavar = place.wants_value_of
    if typed.startswith("-") and not place.is_behind_option and not (metavar == "FILTER" and is_term(typed)):
        found: Iterable[Offer] = place.options()
    elif metavar is not None:
        if metavar in _FILE_WORDS:
            return None
        found = _values(metavar, typed, place)
    else:
        found = place.commands()
    return [one for one in found if one.word.startswith(typed)]


def _split(line: str) -> list[str]:
    """The words of an unfinished line; the last one is the one that is being typed, empty after a space."""
    reader = shlex.shlex(line, posix=True, punctuation_chars=False)
    reader.whitespace_split = True
    reader.commenters = ""
    words: list[str] = []
    try:
        words.extend(reader)
    except ValueError:  # a quote that is not closed yet
        words.append(reader.token)
        return words
    return [*words, ""] if not words or line[-1:].isspace() else words


def _behind_break(word: str, line: str) -> str:
    """What bash puts in: it replaces only what stands behind the last colon or equals sign."""
    typed = _split(line)[-1]
    rest = word[max(typed.rfind(":"), typed.rfind("=")) + 1 :]
    return re.sub(r"([^\w@%+=:,./-])", r"\\\1", rest)


class _Place:
    """Where in the command line the cursor is."""

    def __init__(self, parser: argparse.ArgumentParser, words: list[str]) -> None:
        self._parser = parser
        self._plain = 0
        self.settings: dict[str, str] = {}
        """The values of options before the cursor, by the option's name."""
        self._open: argparse.Action | None = None
        for word in words:
            self._pass(word)

    @property
    def is_behind_option(self) -> bool:
        """Whether the word is the value of the option before it."""
        return self._open is not None

    @property
    def wants_value_of(self) -> str | None:
        """What the word stands for, as the help names it; None where a command or an option is to come."""
        action = self._open or self._positional()
        if action is None or isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  # it has no public name
            return None
        metavar = action.metavar
        return metavar if isinstance(metavar, str) else metavar[0] if metavar else action.dest.upper()

    def commands(self) -> Iterator[Offer]:
        """The commands that may come here."""
        action = self._positional()
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for one in action._choices_actions:  # noqa: SLF001
                yield Offer(one.dest, one.help or "")

    def options(self) -> Iterator[Offer]:
        """The options that may come here."""
        for action in self._parser._actions:  # noqa: SLF001
            if action.help != argparse.SUPPRESS:
                yield Offer(action.option_strings[-1], action.help or "") if action.option_strings else Offer("")

    def choices(self) -> Iterator[str]:
        """The closed set of values that the word is one of."""
        action = self._open or self._positional()
        if action is not None and action.choices is not None:
            yield from (str(choice) for choice in action.choices)

    def _pass(self, word: str) -> None:
        if self._open is not None:
            self.settings[self._open.dest], self._open = word, None
            return
        option = self._parser._option_string_actions.get(word)  # noqa: SLF001
        if option is not None:
            self._open = option if option.nargs != 0 else None
            return
        if word.startswith("--") and "=" in word:
            name, _, value = word.partition("=")
            option = self._parser._option_string_actions.get(name)  # noqa: SLF001
            if option is not None:
                self.settings[option.dest] = value
            return
        action = self._positional()
        if isinstance(action, argparse._SubParsersAction) and word in action.choices:  # noqa: SLF001
            self._parser, self._plain = action.choices[word], 0
        else:
            self._plain += 1

    def _positional(self) -> argparse.Action | None:
        places = [action for action in self._parser._actions if not action.option_strings]  # noqa: SLF001
        for number, action in enumerate(places):
            if number == self._plain or (number < self._plain and action.nargs in ("*", "+")):
                return action
        return None


def _values(metavar: str, typed: str, place: _Place) -> Iterable[Offer]:
    paths = find_paths(place.settings.get("config"), place.settings.get("state"))
    match metavar:
        case "JOB":
            return offers.jobs(paths.database, typed)
        case "NAME" if place.is_behind_option:  # of an output, which only its vendor knows
            return ()
        case "CONNECTION" | "NAME" | "OLD":
            return offers.connections(paths.config)
        case "FILTER":
            return offers.terms(typed, paths.config)
        case "VENDOR":
            return offers.vendors()
    return map(Offer, place.choices())
