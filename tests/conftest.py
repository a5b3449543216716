"""What holds for every test: no secret of another test is known, hypothesis keeps no time, and Ctrl-C means Ctrl-C.

It also has the workers share the work of getting ready.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tui import redact

settings.register_profile(
    "jobdeck", deadline=None, max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("jobdeck")

# A shell that starts the tests in the background, or with nohup, has them ignore Ctrl-C and hang-ups, and so would
# every program they start: those find as usual again what is handled here.
signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

ROOT = Path(__file__).parents[1]


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Each worker compiles its share of the tests and keeps it for the others, that else would all compile them all.

    Rewriting the asserts costs far more than loading what was rewritten, which pytest keeps only where Python keeps
    what it compiled; so it is kept even if the environment says that nothing is to be.
    """
    sys.dont_write_bytecode = False
    worker, number = os.environ.get("PYTEST_XDIST_WORKER", ""), os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")
    if not worker:
        return
    folders = [session.config.invocation_params.dir / asked for asked in session.config.args]
    files = sorted({file.resolve() for folder in folders if folder.is_dir() for file in folder.rglob("test_*.py")})
    for file in files[int(worker.removeprefix("gw")) :: int(number)]:
        with suppress(Exception, pytest.skip.Exception):  # told when the file is collected
            importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))


@pytest.fixture(autouse=True)
def nothing_to_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    """The register of live secrets is the process's own; a test begins with an empty one."""
    empty = redact.Register()
    for name, value in vars(empty).items():
        monkeypatch.setattr(redact._process, name, value)
