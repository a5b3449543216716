"""One table of a TOML document, read key by key, with errors that name file and line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from itertools import takewhile
from pathlib import Path

from tui.errors import ConfigError

_NAME = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_HEADER = re.compile(rf"\s*\[\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(rf"\s*({_NAME}(?:\s*\.\s*{_NAME})*)\s*=")

EXAMPLE_HINT = "config.toml.example shows every key"


class Table:
    """Reads typed values and remembers which keys were asked for, so that typing mistakes can be told."""

    def __init__(self, values: Mapping[str, object], text: str, path: Path, names: tuple[str, ...]) -> None:
        self._values = values
        self._text = text
        self._path = path
        self._names = names
        self._known: set[str] = set()

    def names(self) -> tuple[str, ...]:
        """The keys that stand in the file."""
        return tuple(self._values)

    def table(self, name: str) -> Table:
        """The table below; an empty one if it is not there."""
        value = self._take(name)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self.error(name, "must be a table, written as [" + ".".join((*self._names, name)) + "]")
        return Table(value, self._text, self._path, (*self._names, name))

    def text(self, name: str, default: str | None = None) -> str:
        """A text that is not empty; required if there is no default."""
        value = self._take(name)
        if value is None and default is not None:
            return default
        if value is None:
            typo = difflib.get_close_matches(name, self._values.keys() - self._known, 1, cutoff=0.75)
            if typo:
                raise self.error(typo[0], f'is not known; did you mean "{name}"?')
            raise self.error(name, f'is missing; write {name} = "…"')
        if not isinstance(value, str) or not value:
            raise self.error(name, 'must be a text in quotes, e.g. "…"')
        return value

    def optional_text(self, name: str) -> str | None:
        """A text, or None if the key is not there."""
        self._known.add(name)
        return self.text(name) if name in self._values else None

    def text_or_zero(self, name: str) -> str:
        """A text, or the number 0, as a text; required."""
        value = self._take(name)
        return "0" if value == 0 and not isinstance(value, bool) else self.text(name)

    def choice(self, name: str, default: str | None, choices: Iterable[str]) -> str:
        """One of a closed set of words."""
        value, words = self.text(name, default), tuple(choices)
        if value in words:
            return value
        close = difflib.get_close_matches(value, words, 1)
        meant = f'; did you mean "{close[0]}"?' if close else ""
        raise self.error(name, f"must be one of {', '.join(words)}{meant}")

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        value = self._take(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.error(name, "must be true or false, without quotes")
        return value

    def flag_or_text(self, name: str, *, default: bool | str) -> bool | str:
        """True, false or a text that is not empty."""
        value = self._take(name)
        if value is None:
            return default
        if not isinstance(value, bool | str) or (isinstance(value, str) and not value.strip()):
            raise self.error(name, 'must be true, false or a text in quotes, e.g. "…"')
        return value

    def number(self, name: str, default: float, *, least: float, most: float) -> float:
        """A number within bounds."""
        value = self._take(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124  # NaN
            raise self.error(name, "must be a number, without quotes")
        self._refuse_outside(name, value, least, most)
        return float(value)

    def whole(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self.optional_whole(name, least=least, most=most)
        return default if value is None else value

    def optional_whole(self, name: str, *, least: int, most: int) -> int | None:
        """A whole number within bounds, or None if the key is not there."""
        value = self._take(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(name, "must be a whole number, without quotes")
        self._refuse_outside(name, value, least, most)
        return value

    def path(self, name: str) -> Path | None:
        """A path, `~` replaced by the home folder; None if the key is not there."""
        text = self.optional_text(name)
        if text is None:
            return None
        try:
            return Path(text).expanduser()
        except RuntimeError as error:
            raise self.error(name, "names the home folder of nobody here") from error

    def words(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty if the key is not there."""
        value = self._take(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.error(name, 'must be a list of texts, e.g. ["pass", "show", "plant"]')
        return tuple(value)

    def refuse_typos(self, extra: tuple[str, ...] = ()) -> None:
        """Raise ConfigError for a key nobody asked for that looks like one that was."""
        known = self._known | set(extra)
        for name in self._values:
            close = difflib.get_close_matches(name, known, 1, cutoff=0.75)
            if name not in known and close:
                raise self.error(name, f'is not known; did you mean "{close[0]}"?')

    def error(self, name: str, message: str) -> ConfigError:
        """The error to raise about a key."""
        said = f"{name} {message}" if name else message
        return ConfigError(f"{self.place(name)}: {said}", hint=EXAMPLE_HINT)

    def place(self, name: str) -> str:
        """`FILE:LINE [table]` of a key, or of its table where the key is missing."""
        where = f" [{'.'.join(self._names)}]" if self._names else ""
        return f"{self._path}:{self._line(name)}{where}"

    def _refuse_outside(self, name: str, value: float, least: float, most: float) -> None:
        if value < least:
            raise self.error(name, f"must be at least {least:g}")
        if value > most:
            raise self.error(name, f"must be at most {most:g}")

    def _line(self, name: str) -> int:
        """The line where the key stands, else the one that comes closest: its inline table, its table's header."""
        wanted = (*self._names, name) if name else self._names
        table: tuple[str, ...] = ()
        best, line = 0, 1
        for number, text in enumerate(self._text.splitlines(), 1):
            if header := _HEADER.match(text):
                path = table = _names_in(header[1])
            elif key := _KEY.match(text):
                path = (*table, *_names_in(key[1]))
            else:
                continue
            fits = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(path, wanted, strict=False)))
            if fits > best:
                best, line = fits, number
        return line

    def _take(self, name: str) -> object:
        self._known.add(name)
        return self._values.get(name)


def _names_in(dotted: str) -> tuple[str, ...]:
    """The names of a dotted key, without their quotes."""
    return tuple(name.strip("\"'") for name in re.findall(_NAME, dotted))
