"""The OS keyring behind a time limit and an allow-list (facts: secrets, section 1).

A keyring call can hang for ever, so calls run in one daemon thread that nobody waits for beyond the limit: neither
the board nor its exit. Backends that store in plain text, or nowhere, are refused.
"""

from __future__ import annotations

import asyncio
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from tui.engine.secrets import secret_service
from tui.errors import CredentialsError
from tui.model import Secret

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "jobdeck"
SECONDS = 3.0
_GOOD_MODULES = {
    "keyring.backends.SecretService": "Secret Service",
    "keyring.backends.libsecret": "libsecret",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
    "keyring_pass": "pass",
}
"""The backends that keep secrets safe, and their names for people."""
_TELL_OF_A_KEYRING = (
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "PYTHON_KEYRING_BACKEND",
)
"""Environment variables: with one of them a keyring is looked for."""
_HINT = "use an environment variable or secret_command instead (README: Over SSH and on servers)"

_SILENT = "the keyring did not answer"

Work = Callable[["KeyringBackend"], Secret | None]


class GuardedKeyring:
    """Reads, stores and removes secrets; after a call that did not answer it is not asked by itself in this run.

    With a `trouble` from the start it is never asked at all.
    """

    def __init__(self, seconds: float = SECONDS, trouble: str | None = None) -> None:
        self._seconds = seconds
        self._worker: _Worker | None = None
        self._is_off = trouble is not None
        self.trouble = trouble
        """Why the keyring cannot be used, once that is known."""

    @property
    def source(self) -> str:
        """What it is called where a secret's source is told."""
        kind = self._worker.kind if self._worker else None
        return f"keyring ({kind})" if kind else "keyring"

    async def state(self) -> str | None:
        """Look anew: None when it can be used, else why not, in one line."""
        if not self._is_off:
            self.trouble = None
            try:
                await self._answer(_probe)
            except CredentialsError as error:
                self.trouble = error.message
        return self.trouble

    async def unlock(self, password: Secret) -> None:
        """Unlock it with its password, which is kept nowhere. Raises CredentialsError: a wrong password, or no way."""
        if self._is_off:
            raise CredentialsError(self.trouble or "", hint=_HINT)
        self.trouble = None
        try:
            await self._answer(lambda backend: _unlock(backend, password))
        except CredentialsError:
            await self.state()
            raise

    async def get(self, account: str) -> Secret | None:
        """The stored secret; None when there is none, or no usable keyring (`trouble` then says why)."""
        if self.trouble:
            return None
        try:
            return await self._answer(lambda backend: _read(backend, account))
        except CredentialsError as error:
            self.trouble = error.message
        return None

    async def put(self, account: str, secret: Secret) -> None:
        """Store a secret and read it back, as `set` does, without blocking. Raises CredentialsError."""
        await self._answer(lambda backend: _write(backend, account, secret))
        if await self._answer(lambda backend: _read(backend, account)) != secret:
            raise _forgotten()

    async def remove(self, account: str) -> None:
        """Remove a stored secret, as `delete` does, without blocking. Raises CredentialsError."""
        await self._answer(lambda backend: _erase(backend, account))

    def set(self, account: str, secret: Secret) -> None:
        """Store a secret and read it back. Blocks for the limit at most. Raises CredentialsError."""
        self._wait(lambda backend: _write(backend, account, secret))
        if self._wait(lambda backend: _read(backend, account)) != secret:
            raise _forgotten()

    def delete(self, account: str) -> None:
        """Remove a stored secret. Blocks for the limit at most. Raises CredentialsError."""
        self._wait(lambda backend: _erase(backend, account))

    async def _answer(self, work: Work) -> Secret | None:
        answer = asyncio.wrap_future(self._start(work))
        try:
            return await asyncio.wait_for(answer, self._seconds)
        except TimeoutError:
            raise self._give_up() from None

    def _wait(self, work: Work) -> Secret | None:
        try:
            return self._start(work).result(self._seconds)
        except TimeoutError:
            raise self._give_up() from None

    def _start(self, work: Work) -> Future[Secret | None]:
        """Raises CredentialsError where the keyring is known to be of no use."""
        if self.trouble:
            is_locked = self.trouble == secret_service.LOCKED
            raise CredentialsError(self.trouble, hint=secret_service.LOCKED_HINT if is_locked else _HINT)
        if self._worker is None:
            self._worker = _Worker()
        return self._worker.put(work)

    def _give_up(self) -> CredentialsError:
        """Leave the thread to the call that hangs; whoever asks on purpose gets a new one."""
        self._worker = None
        self.trouble = _SILENT
        return CredentialsError(_SILENT, hint=_HINT)


class _Worker:
    """One daemon thread that asks the keyring, one call after the other."""

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[tuple[Work, Future[Secret | None]]] = queue.SimpleQueue()
        self.kind: str | None = None
        """The backend's name for people, once a call went well."""
        threading.Thread(target=self._run, name="keyring", daemon=True).start()

    def put(self, work: Work) -> Future[Secret | None]:
        answer: Future[Secret | None] = Future()
        self._work.put((work, answer))
        return answer

    def _run(self) -> None:
        while True:
            work, answer = self._work.get()
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                backend = _backend()
                told = work(backend)
                self.kind = _kind(backend)
                answer.set_result(told)
            except CredentialsError as error:
                answer.set_exception(error)
            except Exception as error:  # noqa: BLE001  # a worker's border: backends raise whatever they like
                answer.set_exception(CredentialsError(_said(error), hint=_HINT))


def _forgotten() -> CredentialsError:
    return CredentialsError("not stored: the keyring took the secret but does not give it back", hint=_HINT)


def _said(error: Exception) -> str:
    name = type(error).__name__  # the class alone: its text may hold what was to be stored
    return secret_service.LOCKED if name == "KeyringLocked" else f"the keyring failed: {name}"


def _is_known_to_be_missing(environ: Mapping[str, str]) -> bool:
    """Whether there cannot be a keyring: a Linux host where no desktop runs and no other backend is installed.

    Then keyring and what it tries, half of the board's memory above Textual's, are not loaded.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415  # only in the keyring's thread

    if sys.platform != "linux" or any(environ.get(name) for name in _TELL_OF_A_KEYRING):
        return False
    bus = Path(environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}", "bus")
    chosen = Path(environ.get("XDG_CONFIG_HOME") or "~/.config", "python_keyring", "keyringrc.cfg").expanduser()
    backends = entry_points(group="keyring.backends")
    is_alone = all(backend.value.startswith("keyring.backends.") for backend in backends)
    return is_alone and not bus.exists() and not chosen.exists()


def _backend() -> KeyringBackend:
    if "keyring" not in sys.modules and _is_known_to_be_missing(os.environ):
        raise CredentialsError("there is no keyring on this host", hint=_HINT)
    import keyring  # noqa: PLC0415  # 80 ms that a run without the keyring does not pay
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415

    chosen = keyring.get_keyring()
    candidates = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    for backend in candidates:
        if _kind(backend):
            return backend
    name = type(chosen).__module__.removeprefix("keyring.backends.")
    if name == "fail":
        raise CredentialsError("there is no keyring on this host", hint=_HINT)
    raise CredentialsError(f"the keyring backend {name} is refused: it does not store secrets safely", hint=_HINT)


def _kind(backend: KeyringBackend) -> str | None:
    """The name for people of a backend that keeps secrets safe; None for any other."""
    module = f"{type(backend).__module__}."
    return next((kind for good, kind in _GOOD_MODULES.items() if module.startswith(f"{good}.")), None)


def _look(backend: KeyringBackend) -> None:
    """Raise CredentialsError instead of letting a dialog come up that nobody may see."""
    from keyring.backends.SecretService import Keyring  # noqa: PLC0415

    if isinstance(backend, Keyring):
        secret_service.refuse_locked()


def _probe(backend: KeyringBackend) -> None:
    """Ask for what is not there: who answers can be used."""
    _read(backend, "nobody/nothing")


def _unlock(backend: KeyringBackend, password: Secret) -> None:
    from keyring.backends.SecretService import Keyring  # noqa: PLC0415

    if not isinstance(backend, Keyring):
        raise CredentialsError(f"{_kind(backend)} cannot be unlocked from here", hint="unlock it with its own program")
    secret_service.unlock(password)


def _read(backend: KeyringBackend, account: str) -> Secret | None:
    _look(backend)
    text = backend.get_password(SERVICE, account)
    return Secret(text) if text else None


def _write(backend: KeyringBackend, account: str, secret: Secret) -> None:
    _look(backend)
    backend.set_password(SERVICE, account, secret.reveal())


def _erase(backend: KeyringBackend, account: str) -> None:
    from keyring.errors import PasswordDeleteError  # noqa: PLC0415

    _look(backend)
    try:
        backend.delete_password(SERVICE, account)
    except PasswordDeleteError as error:
        raise CredentialsError(f"the keyring holds no secret for {account}") from error
