"""Links that no HTTP client can fetch: another program does, or the link is saved where only its owner reads it.

The program gets the link's secrets in its environment, never in its arguments. What it fetched is *handed over*, never
shown as downloaded by us (dossier aspera, section 8).
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tui.engine.names import numbered, safe_name
from tui.errors import DownloadError, UsageError
from tui.model import Secret
from tui.redact import redact
from tui.text import safe_line
from tui.vendors.contract import HandOver, HandsOver

_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "USER")
"""What of our own environment the program is given."""


async def hand_over(vendor: HandsOver, link: Secret, name: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Run the best program that is installed, else save the link; returns what was done. Raises DownloadError."""
    program = next((one for one in vendor.programs if shutil.which(one, path=environ.get("PATH"))), None)
    why_not = f"no {' or '.join(vendor.programs)} on this machine"
    if program is not None:
        try:
            command = vendor.hand_over(link.reveal(), program, folder)
        except UsageError as error:
            why_not = error.message
        else:
            await _run(command, folder, environ)
            return f"{program} fetched it into {folder}"
    path = await asyncio.to_thread(_save, link, folder, f"{safe_name(name)}.link")
    return f"{why_not}: the link is in {path}"


async def _run(command: HandOver, folder: Path, environ: Mapping[str, str]) -> None:
    secrets = {name: secret.reveal() for name, secret in command.environ.items()}
    kept = {name: environ[name] for name in _KEPT if name in environ}
    try:
        await asyncio.to_thread(_prepare, command, folder)
        process = await asyncio.create_subprocess_exec(
            *command.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=kept | secrets,
            start_new_session=True,
        )
    except OSError as error:
        raise DownloadError(f"{command.argv[0]} cannot be run: {error.strerror}") from error
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        raise
    finally:
        for path in command.files:
            path.unlink(missing_ok=True)
    if process.returncode:
        last = safe_line(redact(said.decode("utf-8", "replace").strip()), 200)
        raise DownloadError(f"{command.argv[0]} ended with {process.returncode}", hint=last)


def _prepare(command: HandOver, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in command.files.items():
        _write_private(path, text)


def _write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner can read. Raises FileExistsError."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        opened.write(text)


def _save(link: Secret, folder: Path, name: str) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1000):
            path = folder / numbered(Path(name), number)
            try:
                _write_private(path, link.reveal() + "\n")
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise DownloadError(f"{folder} cannot be written: {error.strerror}") from error
    raise DownloadError(f"{folder} holds too many files named {name}")
