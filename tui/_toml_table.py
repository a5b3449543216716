"""One table of a TOML document, read key by key, with errors that name file and line."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from tui.errors import ConfigError


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
            raise self.error(name, f'is missing; write {name} = "…"')
        if not isinstance(value, str) or not value:
            raise self.error(name, 'must be a text in quotes, e.g. "…"')
        return value

    def optional_text(self, name: str) -> str | None:
        """A text, or None if the key is not there."""
        self._known.add(name)
        return self.text(name) if name in self._values else None

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

    def number(self, name: str, default: float, *, least: float) -> float:
        """A finite number, at least `least`."""
        value = self._take(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.error(name, "must be a number, without quotes")
        if value < least:
            raise self.error(name, f"must be at least {least:g}")
        return float(value)

    def whole(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self.optional_whole(name, least=least)
        if value is not None and value > most:
            raise self.error(name, f"must be at most {most}")
        return default if value is None else value

    def optional_whole(self, name: str, *, least: int) -> int | None:
        """A whole number, or None if the key is not there."""
        value = self._take(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(name, "must be a whole number, without quotes")
        if value < least:
            raise self.error(name, f"must be at least {least}")
        return value

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
        return ConfigError(f"{self.place(name)}: {said}", hint="config.toml.example shows every key")

    def place(self, name: str) -> str:
        """`FILE:LINE [table]` of a key, or of its table where the key is missing."""
        where = f" [{'.'.join(self._names)}]" if self._names else ""
        return f"{self._path}:{self._line(name)}{where}"

    def _line(self, name: str) -> int:
        header = re.compile(r"\s*\[+\s*([^\]]+?)\s*\]+")
        key = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[.=]") if name else None
        inside, found = not self._names, 1
        for number, line in enumerate(self._text.splitlines(), 1):
            if match := header.match(line):
                inside = re.sub(r"[\"'\s]", "", match[1]) == ".".join(self._names)
                found = number if inside else found
            elif inside and key and key.match(line):
                return number
        return found

    def _take(self, name: str) -> object:
        self._known.add(name)
        return self._values.get(name)
