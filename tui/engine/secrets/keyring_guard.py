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

from tui.engine.secrets import backends, secret_service
from tui.errors import CredentialsError
from tui.model import Secret

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SECONDS = 3.0
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
                await self._answer(backends.probe)
            except CredentialsError as error:
                self.trouble = error.message
        return self.trouble

    async def unlock(self, password: Secret) -> None:
        """Unlock it with its password, which is kept nowhere. Raises CredentialsError: a wrong password, or no way."""
        if self._is_off:
            raise CredentialsError(self.trouble or "", hint=backends.HINT)
        self.trouble = None
        try:
            await self._answer(lambda backend: backends.unlock(backend, password))
        except CredentialsError:
            await self.state()
            raise

    async def get(self, account: str) -> Secret | None:
        """The stored secret; None when there is none, or no usable keyring (`trouble` then says why)."""
        if self.trouble:
            return None
        try:
            return await self._answer(lambda backend: backends.read(backend, account))
        except CredentialsError as error:
            self.trouble = error.message
        return None

    async def put(self, account: str, secret: Secret) -> None:
        """Store a secret and read it back, looking anew at a keyring that was in trouble. Raises CredentialsError."""
        await self._look_anew()
        await self._answer(lambda backend: backends.write(backend, account, secret))
        if await self._answer(lambda backend: backends.read(backend, account)) != secret:
            raise CredentialsError(
                "not stored: the keyring took the secret but does not give it back", hint=backends.HINT
            )

    async def remove(self, account: str) -> None:
        """Remove a stored secret, looking anew as `put`. Raises CredentialsError, also where there is none."""
        await self._look_anew()
        await self._answer(lambda backend: backends.erase(backend, account))

    async def _look_anew(self) -> None:
        """Its user may have unlocked it meanwhile, with its own program; one that hung is left alone."""
        if self.trouble not in (None, _SILENT):
            await self.state()

    @property
    def may_hold_secrets(self) -> bool:
        """Whether there are secrets in it perhaps, although it cannot be used."""
        return not self._is_off and self.trouble in (secret_service.LOCKED, _SILENT)

    async def _answer(self, work: Work) -> Secret | None:
        answer = asyncio.wrap_future(self._start(work))
        try:
            return await asyncio.wait_for(answer, self._seconds)
        except TimeoutError:
            raise self._give_up() from None

    def _start(self, work: Work) -> Future[Secret | None]:
        """Raises CredentialsError where the keyring is known to be of no use."""
        if self.trouble:
            is_locked = self.trouble == secret_service.LOCKED
            raise CredentialsError(self.trouble, hint=secret_service.LOCKED_HINT if is_locked else backends.HINT)
        if self._worker is None:
            self._worker = _Worker()
        return self._worker.put(work)

    def _give_up(self) -> CredentialsError:
        """Leave the thread to the call that hangs; whoever asks on purpose gets a new one."""
        self._worker = None
        self.trouble = _SILENT
        return CredentialsError(_SILENT, hint=backends.HINT)


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
                backend = backends.usual()
                told = work(backend)
                self.kind = backends.kind(backend)
                answer.set_result(told)
            except CredentialsError as error:
                answer.set_exception(error)
            except Exception as error:  # noqa: BLE001  # a worker's border: backends raise whatever they like
                answer.set_exception(CredentialsError(_said(error), hint=backends.HINT))


def _said(error: Exception) -> str:
    name = type(error).__name__  # the class alone: its text may hold what was to be stored
    return secret_service.LOCKED if name == "KeyringLocked" else f"the keyring failed: {name}"
