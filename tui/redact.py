"""One rule for what must not be seen: signed URLs by their shape, live secrets by their value.

Used by vendors (raw replies, masked links), the border, the log, errors, History and the clipboard.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from tui.model import Secret

# `***` is a name too: a secret may be the very word that names another one.
# The scheme is left out: looking for its start at every letter takes quadratic time on a long word.
_URL = re.compile(r"://(?P<rest>[^\s\"'<>]+)")
_HOST = re.compile(r"(?:\[[^\]]*\]|[^:]*)(?::\d*)?")
_MASKED_VALUE = re.compile(
    r"""(?isx)
    (?P<name>\*\*\*|access[_-]?token|refresh[_-]?token|client[_-]?secret|password|api[_-]?key|apim-(?:accesstoken|signature)
        |authorization|x-amz-(?:signature|security-token|credential)|token|cookie|secret[_-]?key)
    (?P<between>\\?["']?\s*(?:=>|[:=])\s*)
    (?:(?P<quote>\\") (?:(?!\\").)+  |  (?P<double>") (?:[^"\\]|\\.)+  |  (?P<single>') (?:[^'\\]|\\.)+
        |  (?P<scheme>(?:basic|bearer)\s+)? [^\s"'&,;<>\\]+)
    """
)
_SHORTEST = 4
"""Masking a shorter text everywhere would hide ordinary words."""
_START = 4
"""By so many first characters a form is looked for; none is shorter."""
_MOST_PASSING = 64
"""So many tokens that were replaced by newer ones are still masked."""


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
        while match := self._start.search(text, first):
            first = match.start()
            form = next((one for one in self._by_start[match[0]] if text.startswith(one, first)), "")
            if form and first >= end:
                shown += (text[done:first], "***")
            if form:
                done = end = max(end, first + len(form))
            first += 1
        return "".join((*shown, text[done:])) if shown else text


class Register:
    """The live secrets of a process, masked by their values."""

    def __init__(self) -> None:
        self._lasting: dict[str, frozenset[str]] = {}
        self._passing: dict[str, frozenset[str]] = {}
        self._finder: _Finder | None = None
        """Made anew when a secret has come or gone."""
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
        return _MASKED_VALUE.sub(_mask_value, mask_url(self.mask_live(text)))


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

    return _URL.sub(shorten, url)


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
redact = _process.redact
