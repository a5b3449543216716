"""Bearer tokens and password logins, as the emulated vendors keep them."""

from __future__ import annotations

import secrets
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass

from tui.emulators.worldtime import WorldTime

TRIES_BEFORE_LOCK = 5


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows, and until when (seconds of the world)."""

    ends: float
    scopes: frozenset[str] = frozenset()


class Tokens:
    """The living tokens of one vendor; `lifetime` is seconds and may be changed while it runs."""

    def __init__(self, time: WorldTime, lifetime: float) -> None:
        self.lifetime = lifetime
        self.issued = 0
        """How many were given out."""
        self.most_uses: int | None = None
        """So many calls after which a token is forgotten, whatever lifetime was told; None for no such limit."""
        self._uses: dict[str, int] = {}
        self._time = time
        self._grants: dict[str, Grant] = {}

    def issue(self, scopes: frozenset[str] = frozenset()) -> str:
        """A new token."""
        now = self._time.seconds()
        self._grants = {token: grant for token, grant in self._grants.items() if grant.ends > now}
        token = secrets.token_hex(32)
        self._uses = {one: uses for one, uses in self._uses.items() if one in self._grants}
        self._grants[token] = Grant(now + self.lifetime, scopes)
        self.issued += 1
        return token

    def find(self, token: str) -> Grant | None:
        """What a token allows; None when it was never issued, has expired, was used up or was revoked."""
        grant = self._grants.get(token)
        if grant is None or grant.ends <= self._time.seconds():
            return None
        uses = self._uses[token] = self._uses.get(token, 0) + 1
        return grant if self.most_uses is None or uses <= self.most_uses else None

    def left(self, token: str) -> float:
        """Seconds that a living token has left."""
        return self._grants[token].ends - self._time.seconds()

    def revoke(self) -> None:
        """End all tokens at once, as a restart of the vendor's service does."""
        self._grants.clear()


class Account:
    """One user with a password; locked after too many wrong ones in a row."""

    def __init__(self, name: str, password: str) -> None:
        self.name = name
        self._password = password
        self._wrong = 0

    @property
    def is_locked(self) -> bool:
        """Whether even the right password is refused now."""
        return self._wrong >= TRIES_BEFORE_LOCK

    def lock(self) -> None:
        """Refuse even the right password from now on."""
        self._wrong = TRIES_BEFORE_LOCK

    def unlock(self) -> None:
        """Let it in again."""
        self._wrong = 0

    def admits(self, name: str, password: str) -> bool:
        """Whether this login is good; a wrong one is counted."""
        if name != self.name:
            return False
        if self.is_locked or not secrets.compare_digest(password.encode(), self._password.encode()):
            self._wrong += 1
            return False
        self._wrong = 0
        return True


def bearer(headers: Mapping[str, str]) -> str | None:
    """The token of an `Authorization: Bearer` header; a second space makes it unreadable."""
    kind, _, token = headers.get("Authorization", "").partition(" ")
    return token if kind == "Bearer" and token and not token.startswith(" ") else None


def basic(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """Name and password of an `Authorization: Basic` header."""
    kind, _, encoded = headers.get("Authorization", "").partition(" ")
    if kind != "Basic":
        return None
    try:
        name, colon, password = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (name, password) if colon else None
