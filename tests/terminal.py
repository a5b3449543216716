"""The board in a real terminal: tmux runs it, types into it and reads its screen."""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60.0
_STEP = 0.05


@dataclass(frozen=True)
class Flags:
    """What a program may leave behind in a terminal."""

    alternate_screen: bool
    mouse: bool
    cursor: bool
    bracketed_paste: bool


CLEAN = Flags(alternate_screen=False, mouse=False, cursor=True, bracketed_paste=False)


def wait_for(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Return as soon as the condition holds; fail when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"never came: {what}")
        time.sleep(_STEP)


class Terminal:
    """One tmux server with one window; a shell line runs in it and its exit code is shown as `EXIT n`."""

    def __init__(self, socket: Path, columns: int, rows: int, environ: dict[str, str]) -> None:
        self._socket = socket
        self._size = (columns, rows)
        self._environ = environ

    def run(self, *words: str) -> None:
        """Start a command."""
        self._log = self._socket.with_suffix(".log")
        line = (
            f"{shlex.join(['env', '-i', *(f'{k}={v}' for k, v in self._environ.items()), *words])}; echo EXIT $?; cat"
        )
        columns, rows = self._size
        self._tmux("new-session", "-d", "-s", "t", "-x", str(columns), "-y", str(rows), "cat")
        self._tmux("set", "-g", "remain-on-exit", "on")
        self._tmux("pipe-pane", "-o", "-t", "t", f"cat > {shlex.quote(str(self._log))}")
        self._tmux("respawn-pane", "-k", "-t", "t", line)

    def type(self, *keys: str) -> None:
        """Press keys, by tmux's names for them."""
        self._tmux("send-keys", "-t", "t", *keys)

    def paste(self, text: str) -> None:
        """Paste a text as a terminal does; tmux's own buffers never hold it longer than that."""
        self._tmux("set-buffer", "--", text)
        self._tmux("paste-buffer", "-p", "-d", "-t", "t")

    def screen(self) -> str:
        """What is on the screen."""
        return self._tmux("capture-pane", "-p", "-t", "t")

    def wait(self, text: str, seconds: float = PATIENCE) -> str:
        """Return the screen as soon as the text is on it."""
        wait_for(lambda: text in self.screen(), f"{text!r} on\n{self.screen()}", seconds)
        return self.screen()

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size."""
        self._tmux("resize-window", "-t", "t", "-x", str(columns), "-y", str(rows))

    def pid(self) -> int:
        """The process that tmux runs (the shell)."""
        return int(self._tmux("display", "-p", "-t", "t", "#{pane_pid}"))

    def flags(self) -> Flags:
        """What is set in the terminal now."""
        format_ = "#{alternate_on} #{mouse_any_flag} #{cursor_flag}"
        alternate, mouse, cursor = self._tmux("display", "-p", "-t", "t", format_).split()
        sent = self._log.read_bytes()
        paste = sent.rfind(b"\x1b[?2004h") > sent.rfind(b"\x1b[?2004l")
        return Flags(alternate == "1", mouse == "1", cursor == "1", paste)

    def bytes_sent(self) -> bytes:
        """Everything that was written to the terminal."""
        return self._log.read_bytes()

    def close(self) -> None:
        """End tmux and what runs in it."""
        subprocess.run(["tmux", "-S", str(self._socket), "kill-server"], capture_output=True, check=False)

    def _tmux(self, *words: str) -> str:
        command = ["tmux", "-S", str(self._socket), "-f", "/dev/null", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
