"""The OS keyring behind a time limit and an allow-list (facts: secrets, section 1).

A keyring call can hang for ever, so calls run in one daemon thread that nobody waits for beyond the limit: neither
the board nor its exit. Backends that store in plain text, or nowhere, are refused.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from tui.errors import CredentialsError
from tui.model import Secret

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "jobdeck"
SECONDS = 3.0
_GOOD_MODULES = (
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
    "keyring_pass",
)
_HINT = "use an environment variable or secret_command instead (README: servers without a keyring)"

Work = Callable[[], Secret | None]


class GuardedKeyring:
    """Reads, stores and removes secrets; after a call that did not answer it is not asked again in this run.

    With a `trouble` from the start it is never asked at all.
    """

    def __init__(self, seconds: float = SECONDS, trouble: str | None = None) -> None:
        self._seconds = seconds
        self._work: queue.SimpleQueue[tuple[Work, Future[Secret | None]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self.trouble = trouble
        """Why the keyring cannot be used, once that is known."""

    async def get(self, account: str) -> Secret | None:
        """The stored secret; None when there is none, or no usable keyring (`trouble` then says why)."""
        if self.trouble:
            return None
        answer = asyncio.wrap_future(self._start(lambda: _read(account)))
        try:
            return await asyncio.wait_for(answer, self._seconds)
        except TimeoutError:
            self.trouble = "the keyring did not answer"
        except CredentialsError as error:
            self.trouble = error.message
        return None

    async def put(self, account: str, secret: Secret) -> None:
        """Store a secret and read it back, as `set` does, without blocking. Raises CredentialsError."""
        await self._answer(lambda: _write(account, secret))
        if await self._answer(lambda: _read(account)) != secret:
            raise _forgotten()

    def set(self, account: str, secret: Secret) -> None:
        """Store a secret and read it back. Blocks for the limit at most. Raises CredentialsError."""
        self._wait(lambda: _write(account, secret))
        if self._wait(lambda: _read(account)) != secret:
            raise _forgotten()

    def delete(self, account: str) -> None:
        """Remove a stored secret. Blocks for the limit at most. Raises CredentialsError."""
        self._wait(lambda: _erase(account))

    async def _answer(self, work: Work) -> Secret | None:
        if self.trouble:
            raise CredentialsError(self.trouble, hint=_HINT)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(self._start(work)), self._seconds)
        except TimeoutError:
            self.trouble = "the keyring did not answer"
            raise CredentialsError(self.trouble, hint=_HINT) from None

    def _wait(self, work: Work) -> Secret | None:
        if self.trouble:
            raise CredentialsError(self.trouble, hint=_HINT)
        try:
            return self._start(work).result(self._seconds)
        except TimeoutError:
            self.trouble = "the keyring did not answer"
            raise CredentialsError(self.trouble, hint=_HINT) from None

    def _start(self, work: Work) -> Future[Secret | None]:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="keyring", daemon=True)
            self._thread.start()
        answer: Future[Secret | None] = Future()
        self._work.put((work, answer))
        return answer

    def _run(self) -> None:
        while True:
            work, answer = self._work.get()
            if not answer.set_running_or_notify_cancel():
                continue
            try:
                answer.set_result(work())
            except CredentialsError as error:
                answer.set_exception(error)
            except Exception as error:  # noqa: BLE001  # a worker's border: backends raise whatever they like
                answer.set_exception(CredentialsError(_said(error), hint=_HINT))


def _forgotten() -> CredentialsError:
    return CredentialsError("not stored: the keyring took the secret but does not give it back", hint=_HINT)


def _said(error: Exception) -> str:
    name = type(error).__name__  # the class alone: its text may hold what was to be stored
    if name == "KeyringLocked":
        return "the keyring is locked and cannot show its dialog here"
    return f"the keyring failed: {name}"


def _backend() -> KeyringBackend:
    import keyring  # noqa: PLC0415  # 80 ms that a run without the keyring does not pay
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415

    chosen = keyring.get_keyring()
    candidates = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    for backend in candidates:
        if any(f"{type(backend).__module__}.".startswith(f"{good}.") for good in _GOOD_MODULES):
            return backend
    name = type(chosen).__module__.removeprefix("keyring.backends.")
    if name == "fail":
        raise CredentialsError("there is no keyring on this host", hint=_HINT)
    raise CredentialsError(f"the keyring backend {name} is refused: it does not store secrets safely", hint=_HINT)


def _read(account: str) -> Secret | None:
    text = _backend().get_password(SERVICE, account)
    return Secret(text) if text else None


def _write(account: str, secret: Secret) -> None:
    _backend().set_password(SERVICE, account, secret.reveal())


def _erase(account: str) -> None:
    from keyring.errors import PasswordDeleteError  # noqa: PLC0415

    try:
        _backend().delete_password(SERVICE, account)
    except PasswordDeleteError as error:
        raise CredentialsError(f"the keyring holds no secret for {account}") from error
