"""The log is its owner's alone and masks secrets; what nobody caught goes there, and not to the terminal."""

from __future__ import annotations

import re
import stat
import subprocess
import sys

from tests.cli.conftest import Command, World
from tui.engine.secrets.ways import variable

NOISY = """
import logging, resource, sys, threading
from pathlib import Path
from tui.cli import main
from tui.cli.log import start_log
from tui.model import Secret
from tui.redact import remember

remember(Secret("canary-hunter2"))
start_log(Path("jobdeck.log"), with_requests=False)
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
resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))  # as on a full disk
logging.getLogger("any").warning("canary-hunter2 that cannot be written")
"""


def test_nothing_gets_past_the_log(jobdeck: Command) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NOISY],
        env=jobdeck.environment(),
        cwd=jobdeck.folder,
        capture_output=True,
        text=True,
        timeout=100,
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


def test_each_request_is_told_with_its_time_and_no_secret(connected: Command, world: World) -> None:
    quick = world.description["autodesk"].cast["quick"]
    words = ("--verbose", "track", "-c", "autodesk", quick, "--log-file", "requests.log")
    process = connected.start(*words)
    out, err = process.communicate(timeout=100)
    assert (process.returncode, out) == (0, f"autodesk:{quick.rpartition('/')[2]}\n")
    assert len(err.splitlines()) == 2, "the login, then the job"
    for one in err.splitlines():
        assert re.fullmatch(r"jobdeck: 20[01] in \d+\.\d{3} s  (GET|POST) http://\S+", one), one
    log = connected.folder / "requests.log"
    assert log.read_text().count(" INFO jobdeck.requests ") == 2
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert not (connected.state / "jobdeck.log").exists()
    for value in connected.environ.values():
        assert value not in err + log.read_text()


def test_what_got_no_answer_is_told_too_and_quiet_is_quiet(jobdeck: Command) -> None:
    jobdeck.config.write_text(
        '[connections.aps]\nvendor = "autodesk"\nbase_url = "http://127.0.0.1:9"\nclient_id = "app"\n'
    )
    jobdeck.environ[variable("aps", "client_secret")] = "canary"
    process = jobdeck.start("-q", "-v", "track", "-c", "aps", "f" * 32)
    out, err = process.communicate(timeout=100)
    assert (process.returncode, out) == (0, f"aps:{'f' * 32}\n")
    first, *rest = err.splitlines()
    assert re.fullmatch(r"jobdeck: no answer \(ConnectError\)  \w+ http://127\.0\.0\.1:9/\S*", first)
    assert [line.partition(": tracked")[0] for line in rest] == ["jobdeck"]
    assert "jobdeck.requests" not in jobdeck.state.joinpath("jobdeck.log").read_text()
