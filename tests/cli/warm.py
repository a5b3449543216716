"""Commands in processes of their own that need not load the program first: each is forked off one that has.

`Warm` is the tests' end. `python -m tests.cli.warm SOCKET LOAD` is the process that forks; it ends with its socket.
That each command can also load itself is tested in test_cold_start.py.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self

ROOT = Path(__file__).parent.parent.parent
FIXED = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "PYTHONPATH": str(ROOT)}
"""What each command finds in its environment, and what forks it too."""
_PATIENCE = 100.0
_LONGEST = 1_000_000
"""Bytes of one request."""


def kept() -> dict[str, str]:
    """What a command keeps of the tests' own environment."""
    return {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


class Load(StrEnum):
    """What is loaded before the forks."""

    LIBRARIES = "libraries"
    """What others wrote, and nothing of the program."""
    ALL = "all"
    """Everything that commands load; not what the board is drawn with, nor the emulators."""


class Warm:
    """The process that forks; a context manager."""

    def __init__(self, load: Load = Load.ALL) -> None:
        self._load = load
        self._start()

    def _start(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ours.settimeout(_PATIENCE)
        with theirs:
            words = [sys.executable, "-W", "error", "-m", "tests.cli.warm", str(theirs.fileno()), self._load]
            env, number = kept() | FIXED, theirs.fileno()
            self._process = subprocess.Popen(words, env=env, pass_fds=[number], start_new_session=True)

    def run(self, words: tuple[str, ...], environ: Mapping[str, str], folder: Path, stdin: str) -> Ended:
        """Run one command to its end. Raises TimeoutError."""
        with TemporaryFile("w+") as given, TemporaryFile("w+") as out, TemporaryFile("w+") as err:
            given.write(stdin)
            given.seek(0)
            asked = json.dumps([list(words), dict(environ), str(folder)]).encode()
            socket.send_fds(self._ours, [asked], [one.fileno() for one in (given, out, err)])
            try:
                code = int(self._ours.recv(16))
            except TimeoutError:  # what comes late is no answer to the next one
                self._end()
                self._start()
                raise
            out.seek(0)
            err.seek(0)
            return Ended(code, out.read(), err.read())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        self._ours.close()
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:  # it waits for a command that does not end
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _load(load: Load) -> None:
    for library in ("asyncio", "httpx", "keyring", "sqlite3", "ssl"):
        import_module(library)
    if load is Load.ALL:
        for module in set(import_module("tui.cli.main")._MODULES.values()) - {"board", "emulate"}:
            import_module(f"tui.cli.{module}")
        import_module("tui.engine.engine")
        vendors = import_module("tui.vendors")
        for name in vendors.names():
            vendors.load(name)
    gc.freeze()  # a collection in each child would copy all of it


def _serve(asked: socket.socket) -> None:
    """Fork for each request; returns in the child that is to run one, and ends the process when no more come."""
    while True:
        request, fds, _, _ = socket.recv_fds(asked, _LONGEST, 3)
        if not request:
            sys.exit()
        child = os.fork()
        if child == 0:
            words, environ, folder = json.loads(request)
            for number, fd in enumerate(fds):
                os.dup2(fd, number)
                os.close(fd)
            os.chdir(folder)
            os.environ.clear()
            os.environ |= environ
            sys.argv[1:] = words
            return
        for fd in fds:
            os.close(fd)
        _, status = os.waitpid(child, 0)
        with suppress(BrokenPipeError):  # nobody waits for it any more
            asked.send(str(os.waitstatus_to_exitcode(status)).encode())


def _main() -> None:
    _load(Load(sys.argv[2]))
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        _serve(asked)
    from tui.__main__ import main  # noqa: PLC0415

    main()


if __name__ == "__main__":
    _main()
