"""Links that no HTTP client can fetch: another program does, or the link is saved where only its owner reads it.

The program gets the link's secrets in its environment, never in its arguments. What it fetched is *handed over*, never
shown as downloaded by us (dossier aspera, section 8).
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tui.engine.facts.jobs import ToCopy
from tui.engine.fetching.names import numbered, safe_name
from tui.engine.storage.private_file import write_private
from tui.engine.unbroken import begun
from tui.errors import DownloadError, UsageError
from tui.model import Safe, Secret
from tui.redact import redact
from tui.text import safe_line
from tui.vendors.contract import HandOver, HandsOver

_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "USER")
"""What of our own environment the program is given."""


_LAST_WORDS = 4096
"""Bytes of what a program says that are kept: the end, where the reason stands."""


def fetcher_of(vendor: HandsOver, environ: Mapping[str, str]) -> str | None:
    """The best program that is installed; None when there is none."""
    return next((one for one in vendor.programs if shutil.which(one, path=environ.get("PATH"))), None)


def command_line(vendor: HandsOver, link: Secret, folder: Path) -> ToCopy:
    """The command that fetches the link, for a shell, with its secrets as variables before it; else the link itself.

    It begins with a blank: shells that are told so (`HISTCONTROL=ignorespace`) keep such a line out of their history.
    """
    try:
        commands = (vendor.hand_over(link.reveal(), program, folder) for program in vendor.programs)
        command = next(command for command in commands if not command.files)
    except (UsageError, StopIteration):
        return ToCopy(link, Safe("the link"))
    variables = (f"{name}={shlex.quote(secret.reveal())}" for name, secret in command.environ.items())
    line = f" {' '.join(variables)} {shlex.join(command.argv)}"
    return ToCopy(Secret(line), safe_line(f"the {command.argv[0]} command"))


async def hand_over(vendor: HandsOver, link: Secret, name: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Run the best program that is installed, else save the link; returns what was done. Raises DownloadError."""
    command = _command(vendor, link, folder, environ)
    if isinstance(command, HandOver):
        await _run(command, folder, environ)
        return f"{command.argv[0]} fetched it into {folder}"
    path = await asyncio.to_thread(_save, link, folder, f"{safe_name(name)}.link")
    return f"{command}: the link is in {path}"


def _command(vendor: HandsOver, link: Secret, folder: Path, environ: Mapping[str, str]) -> HandOver | str:
    """What is to be run, or why nothing can be."""
    program = fetcher_of(vendor, environ)
    if program is None:
        return f"no {' or '.join(vendor.programs)} on this machine"
    try:
        command = vendor.hand_over(link.reveal(), program, folder)
    except UsageError as error:
        return error.message
    missing = ", ".join(name for name in command.needs if not environ.get(name))
    return f"{program} needs {missing} in the environment" if missing else command


async def _run(command: HandOver, folder: Path, environ: Mapping[str, str]) -> None:
    secrets = {name: secret.reveal() for name, secret in command.environ.items()}
    kept = {name: environ[name] for name in (*_KEPT, *command.needs) if name in environ}
    try:
        await asyncio.to_thread(_prepare, command, folder)
        starting = asyncio.create_subprocess_exec(
            *command.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,  # ascp says on stdout why it failed
            env=kept | secrets,
            start_new_session=True,
        )
        process = await begun(starting, _ended)
    except OSError as error:
        raise DownloadError(f"{command.argv[0]} cannot be run: {error.strerror}") from error
    try:
        said = await _last_words(process)
    finally:
        await _ended(process)
        for path in command.files:
            path.unlink(missing_ok=True)
    if process.returncode:
        raise DownloadError(f"{command.argv[0]} ended with {process.returncode}", hint=said)


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # ascli has started ascp
        await process.wait()


async def _last_words(process: asyncio.subprocess.Process) -> str:
    """Wait for the end of the program; returns the last line of what it said, harmless and without secrets."""
    kept = b""
    if process.stdout is not None:
        while piece := await process.stdout.read(_LAST_WORDS):
            kept = (kept + piece)[-_LAST_WORDS:]
    await process.wait()
    lines = redact(kept.decode("utf-8", "replace")).strip().splitlines()
    return safe_line(lines[-1], 200) if lines else ""


def _prepare(command: HandOver, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in command.files.items():
        write_private(path, text)


def _save(link: Secret, folder: Path, name: str) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1000):
            path = folder / numbered(Path(name), number)
            try:
                write_private(path, link.reveal() + "\n")
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise DownloadError(f"{folder} cannot be written: {error.strerror}") from error
    raise DownloadError(f"{folder} holds too many files named {name}")
