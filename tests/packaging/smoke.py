"""What an installed `jobdeck` must do, with nothing but itself: `python smoke.py PATH/TO/jobdeck` (for .ci/packages).

Needs no pytest and nothing of this repository, so that it runs beside any set of dependencies.
"""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_PATIENCE = 60.0


def run(command: str, *words: str, environ: dict[str, str], code: int = 0, given: str = "") -> str:
    """Run one command to its end; the exit code must be `code`."""
    done = subprocess.run(
        [command, *words], env=environ, input=given, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == code, f"{words}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def follow_jobs(command: str, environ: dict[str, str]) -> None:
    """Track and follow jobs of one emulated vendor."""
    with subprocess.Popen(
        [command, "emulate", "--json", "--until-stdin-ends"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environ,
        text=True,
    ) as emulate:
        assert emulate.stdin is not None
        assert emulate.stdout is not None
        site = json.loads(emulate.stdout.readline())["octoplant"]
        settings = [f"{key}={value}" for key, value in site["connection"].items() if key != "vendor"]
        run(command, "connections", "add", "plant", "--vendor", "octoplant", *settings, environ=environ)
        secrets = {re.sub(r"[^A-Z0-9]", "_", name.upper()): value for name, value in site["secrets"].items()}
        environ = environ | {f"JOBDECK_SECRET_PLANT_{name}": value for name, value in secrets.items()}
        run(command, "connections", "test", environ=environ)
        refs = "\n".join(ref for ref in site["jobs"] if not ref.startswith("{"))
        keys = run(command, "track", "-c", "plant", "-", given=refs, environ=environ).split()
        assert len(json.loads(run(command, "list", "--json", environ=environ))) == len(keys)
        shown = json.loads(run(command, "show", keys[0], "--refresh", "--json", environ=environ))
        assert shown["state"] != "unknown"
        emulate.stdin.close()


def open_the_board(command: str, environ: dict[str, str]) -> None:
    """Open the demo in a terminal of our own, wait until it shows jobs, and quit it."""
    process, terminal = pty.fork()
    if process == 0:
        os.execve(command, [command, "--demo"], environ | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"})
    seen, end = b"", time.monotonic() + _PATIENCE
    while b"40 jobs" not in seen:
        assert time.monotonic() < end, seen[-2000:]
        if select.select([terminal], [], [], 1)[0]:
            seen += os.read(terminal, 65536)
    os.write(terminal, b"q")
    while select.select([terminal], [], [], _PATIENCE)[0]:
        try:
            seen += os.read(terminal, 65536)
        except OSError:  # the terminal's other end is closed: the board has ended
            break
    _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == 0, (status, seen[-2000:])


def look_at_the_manual_page(command: str) -> None:
    """It is installed where `man` finds it beside the command."""
    page = Path(command).resolve().parent.parent.joinpath("share", "man", "man1", "jobdeck.1").read_text("utf-8")
    assert page.startswith(".TH JOBDECK 1 "), page[:100]
    assert "\x1b" not in page


def main() -> None:
    """Try everything, in a home of its own."""
    command = sys.argv[1]
    with tempfile.TemporaryDirectory() as home:
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "LANG": "C.UTF-8",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "PYTHONWARNINGS": "error",
        }
        version = run(command, "--version", environ=environ).strip()
        assert "examples:" in run(command, "--help", environ=environ)
        assert json.loads(run(command, "doctor", "--json", environ=environ))["broken"] == 0
        look_at_the_manual_page(command)
        follow_jobs(command, environ)
        open_the_board(command, environ)
        assert not list(Path(home).rglob("*.part"))
    sys.stdout.write(f"{version} works: {command}\n")


if __name__ == "__main__":
    main()
