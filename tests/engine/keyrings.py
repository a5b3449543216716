"""Keyring backends as test doubles; `used` makes one of them the keyring of the process for a while."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, TypeVar

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class MemoryBackend(KeyringBackend):
    """Keeps secrets in memory; `kind` gives it the class module of a real backend."""

    viable: ClassVar[bool] = False  # never chosen by keyring itself

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not found")


class ForgetfulBackend(MemoryBackend):
    """Takes everything and gives nothing back."""

    def get_password(self, service: str, username: str) -> str | None:
        return None


class BrokenBackend(MemoryBackend):
    """Raises what backends raise, with the secret in its text."""

    error: type[Exception] = OSError

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error("socket closed")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error(f"cannot store {password}")


class HangingBackend(MemoryBackend):
    """Waits for a dialog that nobody answers, until the test ends."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.answered = threading.Event(), threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        self.reached.set()
        self.answered.wait()
        return "too late"

    def hold_time(self) -> None:
        """Let no time limit of the event loop run out, once it has begun, before this keyring was asked."""
        asyncio.get_running_loop().call_soon(self.reached.wait)


_Backend = TypeVar("_Backend", bound=MemoryBackend)


def of_module(backend: type[_Backend], module: str) -> _Backend:
    """An instance whose class seems to stand in that module."""
    made: type[_Backend] = type(backend.__name__, (backend,), {"__module__": module})
    return made()


@contextmanager
def used(backend: KeyringBackend) -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield
    finally:
        keyring.set_keyring(before)
