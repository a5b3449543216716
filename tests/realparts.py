"""Real programs that some tests need: missing ones skip a test, and fail it under CI."""

from __future__ import annotations

import os
import shutil

import pytest

_PACKAGES = {
    "tmux": "tmux",
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "gnome-keyring-daemon": "gnome-keyring",
    "dbus-run-session": "dbus",
}


def require(program: str) -> str:
    """The program's path; skips the test where it is not installed, fails it where `CI` is `true`."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if path:
        return path
    reason = f"needs {program} (Debian: {_PACKAGES.get(program, program)})"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
