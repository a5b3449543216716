"""The board through a real sshd on loopback: the line drops, or stalls first and drops then."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.conftest import DEMO, ROOT, OpenTerminal
from tests.realparts import require
from tests.terminal import CLEAN, wait_for

SERVER = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/key.pub
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
"""
CLIENT = """\
Host board
HostName 127.0.0.1
Port {port}
User root
IdentityFile {folder}/key
IdentitiesOnly yes
StrictHostKeyChecking no
UserKnownHostsFile {folder}/known
LogLevel ERROR
"""


BOARD = (sys.executable, "-m", "tui")
"""Without any connection: the welcome, and no vendors to be emulated."""


@dataclass(frozen=True)
class Line:
    """A way to the board over ssh."""

    folder: Path
    temporary: Path

    def words(self, *options: str, remote: tuple[str, ...] = ("LANG=C.UTF-8", *DEMO)) -> tuple[str, ...]:
        """The ssh command for what runs at the far side: variables, then a program."""
        own = (f"TMPDIR={self.temporary}", f"HOME={self.temporary}", f"PYTHONPATH={ROOT}")
        command = shlex.join(["env", "-u", "LANG", "-u", "LC_ALL", *own, *remote])
        return ("ssh", "-F", str(self.folder / "ssh_config"), *(options or ("-tt",)), "board", command)

    def boards(self) -> list[int]:
        """The boards that run under this line's temporary folder."""
        mark = f"TMPDIR={self.temporary}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                environ = (entry / "environ").read_bytes()
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if mark in environ.split(b"\0") and b"--demo" in words and words[0].endswith(DEMO[0].encode()):
                found.append(int(entry.name))
        return found


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    sshd = require("sshd")
    require("ssh")
    if os.getuid() != 0:
        pytest.skip("an sshd that gives out terminals must be started by root")
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o711)
    for name in ("host", "key"):
        keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(keygen, check=True)
    Path("/run/sshd").mkdir(exist_ok=True)
    server = serving(sshd, folder)
    yield Line(folder, tmp_path / "tmp")
    server.terminate()
    server.wait(60)


def serving(sshd: str, folder: Path) -> subprocess.Popen[bytes]:
    """An sshd that listens, at a port that nobody took between its choice and its use."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        (folder / "sshd_config").write_text(SERVER.format(port=port, folder=folder))
        (folder / "ssh_config").write_text(CLIENT.format(port=port, folder=folder))
        log = folder / "sshd.log"
        server = subprocess.Popen([sshd, "-D", "-f", str(folder / "sshd_config"), "-E", str(log)])
        wait_for(lambda: (folder / "sshd.pid").exists() or server.poll() is not None, "sshd")  # noqa: B023
        if server.poll() is None:
            return server
        assert "Address already in use" in log.read_text(), log.read_text()


def client(pid: int) -> int:
    """The ssh client that tmux's shell runs."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


@pytest.mark.parametrize("stalls_first", [False, True], ids=["dropped", "stalled and dropped"])
def test_a_lost_line_leaves_nothing_behind(stalls_first: bool, line: Line, open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(120, 40)
    terminal.run(*line.words())
    terminal.wait("acme.ExportFbx")
    (board,) = line.boards()
    assert board
    ssh = client(terminal.pid())
    if stalls_first:
        os.kill(ssh, signal.SIGSTOP)
    os.kill(ssh, signal.SIGKILL)
    wait_for(lambda: line.boards() == [], "the end of the board")
    wait_for(lambda: list(line.temporary.iterdir()) == [], "an empty temporary folder")


def test_a_stalled_line_goes_on(line: Line, open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(80, 24)
    terminal.run(*line.words())
    terminal.wait("acme.ExportFbx")
    ssh = client(terminal.pid())
    os.kill(ssh, signal.SIGSTOP)
    terminal.type("?")
    os.kill(ssh, signal.SIGCONT)
    terminal.wait(" Keys ")
    terminal.type("Escape")
    wait_for(lambda: " Keys " not in terminal.screen(), "the end of the help")
    terminal.type("q")
    terminal.wait("EXIT 0")


@pytest.mark.parametrize(
    ("term", "locale", "is_ascii"),
    [
        ("screen", "LANG=C.UTF-8", False),
        ("linux", "LC_ALL=C", True),
        ("vt100", "LANG=de_DE.ISO-8859-1", True),  # not installed here, as on many a server
    ],
)
def test_terminals_and_locales(term: str, locale: str, is_ascii: bool, line: Line, open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(80, 24, TERM=term)
    terminal.run(*line.words(remote=(locale, *BOARD)))
    terminal.wait("Welcome to jobdeck")
    terminal.wait("q quit")
    screen = terminal.wait("Jobs 0")
    assert screen.isascii() is is_ascii
    terminal.type("q")
    terminal.wait("EXIT 0")
    assert terminal.flags() == CLEAN
    sent = terminal.bytes_sent()
    assert b"8;2;" not in sent  # no colours that such a terminal does not have
    assert b"8;5;" not in sent


def test_without_a_terminal_it_says_so(line: Line) -> None:
    ran = subprocess.run(line.words("-T", remote=BOARD), capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "terminal" in ran.stderr
    assert "jobdeck list, watch" in ran.stderr


def test_in_a_tmux_of_the_far_side_a_dropped_line_costs_nothing(line: Line, open_terminal: OpenTerminal) -> None:
    far = ("tmux", "-u", "-S", str(line.folder / "far"), "-f", "/dev/null")
    board = ("LANG=C.UTF-8", *far, "new-session", "-A", "-s", "jobs", *BOARD)
    first, second = open_terminal(80, 24), open_terminal(100, 30)
    try:
        first.run(*line.words(remote=board))
        first.wait("Welcome to jobdeck")
        os.kill(client(first.pid()), signal.SIGKILL)
        second.run(*line.words(remote=board))
        second.wait("Welcome to jobdeck")
        second.type("q")
        second.wait("EXIT 0")
    finally:
        subprocess.run([*far, "kill-server"], capture_output=True, check=False)
