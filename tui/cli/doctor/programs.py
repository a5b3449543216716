"""Python and the libraries: whether they are there, and of a version that jobdeck was made for."""

from __future__ import annotations

import platform
import re
import sqlite3
import ssl
import sys
from collections.abc import Callable, Iterator
from importlib import metadata

from tui.cli.doctor.finding import Finding, broken, doubtful, fine, skipped

TOPIC = "programs"
_LEAST_PYTHON = (3, 11)
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)\s*(?P<bounds>[^;]*)(?:;\s*(?P<marker>.*))?")
_BOUND = re.compile(r"(?P<sign>>=|<)\s*(?P<version>[\d.]+)")
_REINSTALL = "install jobdeck anew in a virtual environment of its own"

VersionOf = Callable[[str], str]
"""The version of an installed library. Raises PackageNotFoundError."""


def programs() -> Iterator[Finding]:
    """Python, what it was built with, and the libraries."""
    told = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info[:2] >= _LEAST_PYTHON:
        yield fine(TOPIC, "Python", told)
    else:
        yield broken(TOPIC, "Python", told, "use Python 3.11 or newer")
    yield fine(TOPIC, "TLS", ssl.OPENSSL_VERSION)
    yield fine(TOPIC, "SQLite", sqlite3.sqlite_version)
    try:
        required = metadata.requires("jobdeck") or []
    except metadata.PackageNotFoundError:
        yield doubtful(TOPIC, "libraries", "jobdeck is not installed: their versions are not known", _REINSTALL)
        return
    yield from libraries(required, metadata.version)


def libraries(required: list[str], version_of: VersionOf) -> Iterator[Finding]:
    """One finding for each library; those of the demo may be missing, those of the tests are not looked at."""
    for line in required:
        match = _REQUIREMENT.match(line)
        if match is None or "dev" in (marker := match["marker"] or ""):
            continue
        name, bounds = match["name"], match["bounds"].strip()
        try:
            version = version_of(name)
        except metadata.PackageNotFoundError:
            if "extra" in marker:
                yield skipped(TOPIC, name, "not installed: only --demo and emulate need it")
            else:
                yield broken(TOPIC, name, "not installed", _REINSTALL)
            continue
        if _fits(version, bounds):
            yield fine(TOPIC, name, version)
        else:
            yield doubtful(TOPIC, name, f"{version}, but jobdeck was made for {bounds}", _REINSTALL)


def _fits(version: str, bounds: str) -> bool:
    have = _numbers(version)
    for bound in _BOUND.finditer(bounds):
        wanted = _numbers(bound["version"])
        if (have >= wanted) is not (bound["sign"] == ">="):
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    """The release's numbers, without zeros at the end."""
    found = [int(part) for part in re.findall(r"\d+", re.match(r"[\d.]*", version)[0])]  # type: ignore[index]
    while found and not found[-1]:
        found.pop()
    return tuple(found)
