"""The board through a real sshd on loopback: the line drops, or stalls first and drops then."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.conftest import DEMO, OpenTerminal
from tests.realparts import require
from tests.terminal import wait_for

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


@dataclass(frozen=True)
class Line:
    """A way to the board over ssh."""

    folder: Path
    temporary: Path

    def words(self) -> tuple[str, ...]:
        remote = shlex.join(
            ["env", f"TMPDIR={self.temporary}", f"PYTHONPATH={os.getcwd()}", "LANG=C.UTF-8", *DEMO]  # noqa: PTH109
        )
        return ("ssh", "-F", str(self.folder / "ssh_config"), "-tt", "board", remote)

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
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    (folder / "sshd_config").write_text(SERVER.format(port=port, folder=folder))
    (folder / "ssh_config").write_text(CLIENT.format(port=port, folder=folder))
    Path("/run/sshd").mkdir(exist_ok=True)
    server = subprocess.Popen([sshd, "-D", "-f", str(folder / "sshd_config"), "-E", str(folder / "sshd.log")])
    wait_for((folder / "sshd.pid").exists, "sshd")
    yield Line(folder, tmp_path / "tmp")
    server.terminate()
    server.wait(10)


def client(pid: int) -> int:
    """The ssh client that tmux's shell runs."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


@pytest.mark.parametrize("stalls_first", [False, True], ids=["dropped", "stalled and dropped"])
def test_a_lost_line_leaves_nothing_behind(stalls_first: bool, line: Line, open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(120, 40)
    terminal.run(*line.words())
    terminal.wait("acme.ExportFbx+prod")
    (board,) = line.boards()
    assert board
    ssh = client(terminal.pid())
    if stalls_first:
        os.kill(ssh, signal.SIGSTOP)
    os.kill(ssh, signal.SIGKILL)
    wait_for(lambda: line.boards() == [], "the end of the board", seconds=15)
    wait_for(lambda: list(line.temporary.iterdir()) == [], "an empty temporary folder")


def test_quitting_over_ssh(line: Line, open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(80, 24)
    terminal.run(*line.words())
    terminal.wait("acme.ExportFbx+prod")
    terminal.type("q")
    terminal.wait("EXIT 0")
