"""A stranger with an empty home: five connections by keys alone on a small screen, and the way into the demo."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from tests.e2e.conftest import OpenTerminal
from tests.terminal import CLEAN, Terminal, wait_for

BOARD = (sys.executable, "-m", "tui")
TOLD = {
    "aspera": ("base_url", "username", "", "password"),
    "autodesk": ("base_url", "client_id", "client_secret"),
    "enos": ("base_url", "access_key", "org_id", "secret_key"),
    "jaggaer": ("base_url", "token_url", "client_id", "api_key", "", "client_secret"),
    "octoplant": ("base_url", "username", "", "password", "client_secret", "", "", "ca_file"),
}
"""What is pasted into each vendor's form, field by field below the name; "" goes on."""

Site = Mapping[str, Any]


@pytest.fixture
def sites(environ: dict[str, str]) -> Iterator[Mapping[str, Site]]:
    """The five emulated vendors in a process of their own."""
    command = [*BOARD, "emulate", "--json", "--until-stdin-ends"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield cast("Mapping[str, Site]", json.loads(process.stdout.readline()))
        process.stdin.close()


def add(terminal: Terminal, vendor: str, site: Site) -> None:
    """Add one connection from the welcome or from the list, and wait for its test."""
    terminal.type("a")
    terminal.wait("Which vendor?")
    terminal.type(*["Down"] * sorted(TOLD).index(vendor), "Enter")
    terminal.wait("Save and test")
    terminal.type("Enter")
    for name in TOLD[vendor]:
        if name:
            terminal.paste({**site["connection"], **site["secrets"]}[name])
        terminal.type("Tab")
    terminal.type("C-s")
    terminal.wait("It works")


def test_five_connections_are_set_up_by_keys_alone(
    open_terminal: OpenTerminal, environ: dict[str, str], sites: Mapping[str, Site]
) -> None:
    terminal = open_terminal(80, 24)
    terminal.run(*BOARD)
    terminal.wait("Welcome to jobdeck")
    for number, vendor in enumerate(sorted(TOLD)):
        if number:
            terminal.type("a")
            terminal.wait("d duplicate")
        add(terminal, vendor, sites[vendor])
        terminal.type("Escape")
        wait_for(lambda: "Testing" not in terminal.screen(), "the end of the test's dialog")
        if number:
            terminal.type("Escape")
            wait_for(lambda: "d duplicate" not in terminal.screen(), "the end of the list")
    terminal.paste(next(job for job in sites["octoplant"]["jobs"] if "/v1/order/" in job))
    terminal.wait("Track a job")
    terminal.type("Enter")
    terminal.wait("1 job ")
    terminal.type("q")
    terminal.wait("EXIT 0")
    config = Path(environ["HOME"]) / ".config/jobdeck/config.toml"
    assert config.stat().st_mode & 0o777 == 0o600
    assert sorted(tomllib.loads(config.read_text())["connections"]) == sorted(TOLD)
    written = [path.read_bytes() for path in Path(environ["HOME"]).rglob("*") if path.is_file()]
    seen = terminal.bytes_sent() + b"".join(written)
    secrets = [secret for site in sites.values() for secret in site["secrets"].values()]
    assert len(secrets) >= len(TOLD)
    assert [secret for secret in secrets if secret.encode() in seen] == []


def test_the_welcome_leads_into_the_demo(open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(80, 24)
    terminal.run(*BOARD)
    terminal.wait("look around first")
    terminal.type("m")
    terminal.wait("40 jobs")
    terminal.type("q")
    terminal.wait("EXIT 0")
    assert terminal.flags() == CLEAN
