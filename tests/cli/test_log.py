"""The log is its owner's alone and masks secrets; what nobody caught goes there, and not to the terminal."""

from __future__ import annotations

import stat
import subprocess
import sys

from tests.cli.conftest import Command

NOISY = """
import logging, sys, threading
from pathlib import Path
from tui.cli import main
from tui.cli.log import start_log
from tui.model import Secret
from tui.redact import remember

remember(Secret("canary-hunter2"))
start_log(Path("jobdeck.log"))
logging.getLogger("any").warning("GET %s", "https://h/p?sig=canary-query")
logging.getLogger("any").error("with canary-hunter2\\x1b]52;c;x")
logging.getLogger("httpx").info("quiet canary")

class Bad:
    def __del__(self):
        raise ValueError("canary-hunter2 in __del__")

def work():
    local = "canary-local"
    raise ValueError("canary-hunter2 in a thread")

thread = threading.Thread(target=work)
thread.start()
thread.join()
Bad()
main._run = lambda words: work()
print(main.run(["list"]))
"""


def test_nothing_gets_past_the_log(jobdeck: Command) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NOISY],
        env=jobdeck.environment(),
        cwd=jobdeck.folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert done.stdout == "1\n"
    assert done.stderr.splitlines()[0].startswith("jobdeck: a fault in jobdeck itself: ValueError in ")
    log = jobdeck.folder / "jobdeck.log"
    said = log.read_text()
    for told in ("GET https://h/p?…", "with ***", "*** in a thread", "*** in __del__", "the command ended"):
        assert told in said
    assert "canary" not in said + done.stderr
    assert "\x1b" not in said
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
