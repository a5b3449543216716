"""One rule for what must not be seen: signed URLs by their shape, live secrets by their value.

Used by vendors (raw replies, masked links), the border, the log, errors, History and the clipboard.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar
from urllib.parse import quote, quote_plus

from tui import secret_names
from tui.model import Secret

# `***` is a name too: a secret may be the very word that names another one.
# The scheme is left out: looking for its start at every letter takes quadratic time on a long word.
_URL = re.compile(r"://(?P<rest>[^\s\"'<>]+)")
_HOST = re.compile(r"(?:\[[^\]]*\]|[^:]*)(?::\d*)?")
_MASKED_VALUE = re.compile(
    rf"""(?isx)
    (?P<name>\*\*\*|{secret_names.ENDING})
    (?P<between>\\?["']?\s*(?:=>|[:=])\s*)
    (?:(?P<quote>\\") (?:(?!\\").)+  |  (?P<double>") (?:[^"\\]|\\.)+  |  (?P<single>') (?:[^'\\]|\\.)+
        |  (?P<scheme>(?:basic|bearer)\s+)? [^\s"'&,;<>\\]+)
    """
)
_SHORTEST = 4
"""Masking a shorter text everywhere would hide ordinary words."""
_START = 4
"""By so many first characters a form is looked for; none is shorter."""
LONG = 1 << 20
"""A text of so many characters takes long enough to be worked on in a thread."""
_STEP = 1 << 15
"""Characters that are searched at once: a long report is masked in short steps, so that other threads go on."""
_REACH = 1 << 10
"""Characters within which a match shows that it is one; how far it goes then is read from the whole text."""
_HINTS = ("***", *secret_names.HINTS)
"""One of these is in every name of `_MASKED_VALUE`."""
_MOST_PASSING = 64
"""So many tokens that were replaced by newer ones are still masked."""


Masked = TypeVar("Masked", bound=str)


class _Finder:
    """Finds all forms at once: one expression for their first characters, then a comparison where it fits."""

    def __init__(self, forms: Iterable[str]) -> None:
        self._by_start: dict[str, list[str]] = {}
        for form in sorted(forms, key=len, reverse=True):
            self._by_start.setdefault(form[:_START], []).append(form)
        self._start = re.compile(_any_of(self._by_start))

    def mask(self, text: str) -> str:
        """The text with each stretch that a form covers, or several that overlap, as `***`."""
        shown: list[str] = []
        done = first = end = 0
        while (first := self._next(text, first)) >= 0:
            match = text[first : first + _START]
            form = next((one for one in self._by_start[match] if text.startswith(one, first)), "")
            if form and first >= end:
                shown += (text[done:first], "***")
            if form:
                done = end = max(end, first + len(form))
            first += 1
        return "".join((*shown, text[done:])) if shown else text

    def _next(self, text: str, first: int) -> int:
        """Where the next form may begin; -1 where none does."""
        while first < len(text):
            if match := self._start.search(text, first, first + _STEP + _START - 1):
                return match.start()
            first += _STEP
        return -1


class Register:
    """The live secrets of a process, masked by their values."""

    def __init__(self) -> None:
        self._lasting: dict[str, frozenset[str]] = {}
        self._passing: dict[str, frozenset[str]] = {}
        self._finder: _Finder | None = None
        """Made anew when a secret has come or gone."""
        self._changes = 0
        self._lock = threading.Lock()

    def remember(self, secret: Secret, *, lasting: bool = True) -> None:
        """From now on this value is masked: raw, URL-quoted, in JSON and in base64.

        With `lasting` false it is a token that others will follow: the oldest of those are forgotten.
        """
        text = secret.reveal()
        if len(text) < _SHORTEST:
            return
        with self._lock:
            if text in self._lasting or (text in self._passing and not lasting):
                return
            (self._lasting if lasting else self._passing)[text] = frozenset(_written(text))
            while len(self._passing) > _MOST_PASSING:
                del self._passing[next(iter(self._passing))]
            self._finder = None
            self._changes += 1

    def changes(self) -> int:
        """How often a secret has come or gone: what was masked before the last time may have to be masked anew."""
        return self._changes

    def mask_live(self, text: str) -> str:
        """The text with every live secret masked, and all else as it was."""
        finder = self._finder or self._make_finder()
        return finder.mask(text)

    def _make_finder(self) -> _Finder:
        with self._lock:
            known = (*self._lasting.values(), *self._passing.values())
            self._finder = _Finder(frozenset().union(*known))
            return self._finder

    def redact(self, text: str) -> str:
        """The text with URLs' queries, named secrets and every live secret masked."""
        return _replaced(_MASKED_VALUE, _mask_value, mask_url(self.mask_live(text)), _HINTS)


async def beside(work: Callable[[str], Masked], text: str) -> Masked:
    """Do something with a text; in a thread with a long one, so that nobody waits for it."""
    if len(text) < LONG:
        return work(text)
    import asyncio  # noqa: PLC0415  # the smallest commands mask too, and have no loop

    return await asyncio.to_thread(work, text)


async def redact_long(text: str) -> str:
    """`redact` for a text that may be long."""
    return await beside(redact, text)


def _any_of(starts: Iterable[str]) -> str:
    """An expression for any of these texts, shared beginnings first; one that never fits for none."""
    branches: dict[str, set[str]] = {}
    for start in starts:
        branches.setdefault(start[:1], set()).add(start[1:])
    if not branches:
        return r"(?!)"
    letters = [first for first, rest in branches.items() if rest == {""}]
    longer = [re.escape(first) + _any_of(rest) for first, rest in branches.items() if rest != {""}]
    ends = ["[" + "".join(map(re.escape, letters)) + "]"] if letters else []
    return f"(?:{'|'.join(ends + longer)})"


def mask_url(url: str) -> str:
    """The URL without its user, password, query and fragment: `https://host/path?…`."""

    def shorten(match: re.Match[str]) -> str:
        rest, cut = match["rest"], ""
        for mark in "?#":
            if mark in rest:
                rest, cut = rest.split(mark, 1)[0], f"{mark}…"
        host, slash, path = rest.partition("/")
        user, at, host_only = host.rpartition("@")
        if not _HOST.fullmatch(host_only):
            return "://…"  # a password with a slash in it ends the host too early
        shown = f"{user}@{host_only}" if at and ":" not in user else host_only
        return f"://{shown}{slash}{path}{cut}"

    return _replaced(_URL, shorten, url, ("://",))


def _replaced(pattern: re.Pattern[str], told: Callable[[re.Match[str]], str], text: str, hints: Sequence[str]) -> str:
    """The text with each match replaced; the same as `pattern.sub`, but in short steps, and only where a hint is."""
    shown: list[str] = []
    done = at = 0
    while at < len(text):
        over, end = at + _STEP, at + _STEP + _REACH
        window = text[at:end]
        if not window.isascii() or _holds(window, hints):
            while (match := pattern.search(text, at, end)) and (match.start() < over or end >= len(text)):
                whole = pattern.match(text, match.start()) or match
                shown += (text[done : whole.start()], told(whole))
                done = at = whole.end()
        at = max(at, over)
    return "".join((*shown, text[done:])) if shown else text


def _holds(window: str, hints: Sequence[str]) -> bool:
    folded = window.lower()
    for hint in hints:  # noqa: SIM110  # a generator costs more than the search
        if hint in folded:
            return True
    return False


def _mask_value(match: re.Match[str]) -> str:
    kept = match["quote"] or match["double"] or match["single"] or match["scheme"] or ""
    return f"{match['name']}{match['between']}{kept}***"


def _written(text: str) -> Iterator[str]:
    """The ways in which a program may write the text."""
    raw = text.encode("utf-8", "surrogatepass")
    yield text
    for quoted in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield quoted
        yield re.sub("%..", lambda escape: escape[0].lower(), quoted)
    for literal in (json.dumps(text), json.dumps(text, ensure_ascii=False), repr(text)):
        yield literal[1:-1]
    for coded in _base64_pieces(raw):
        yield coded
        yield coded.translate({ord("+"): "-", ord("/"): "_"})


def _base64_pieces(raw: bytes) -> Iterator[str]:
    """What base64 makes of it, by itself and behind any other bytes (as in a Basic login)."""
    yield base64.b64encode(raw).decode()
    for before, first in ((0, 0), (1, 2), (2, 3)):  # how many bytes stand before, and the first character of ours only
        coded = base64.b64encode(bytes(before) + raw).decode()
        yield coded[first : (before + len(raw)) * 8 // 6]


_process = Register()
remember = _process.remember
mask_live = _process.mask_live
secrets_changed = _process.changes
redact = _process.redact
