"""What holds for every test: no secret of another test is known, hypothesis keeps no time, and Ctrl-C means Ctrl-C."""

from __future__ import annotations

import signal

import pytest
from hypothesis import settings

from tui import redact

settings.register_profile("jobdeck", deadline=None, max_examples=40)
settings.load_profile("jobdeck")

# A shell that starts the tests in the background, or with nohup, has them ignore Ctrl-C and hang-ups, and so would
# every program they start: those find as usual again what is handled here.
signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.fixture(autouse=True)
def nothing_to_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    """The register of live secrets is the process's own; a test begins with an empty one."""
    empty = redact.Register()
    for name, value in vars(empty).items():
        monkeypatch.setattr(redact._process, name, value)
