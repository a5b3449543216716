"""`jobdeck doctor`: what works, what does not, what to do about it; one line each, and an exit code."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError
from os import terminal_size
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tui.cli.doctor.files import folders, read_config
from tui.cli.doctor.finding import Finding
from tui.cli.doctor.network import surroundings
from tui.cli.doctor.programs import libraries
from tui.cli.doctor.surface import copies_in_tmux, surface
from tui.engine.facts.connections import StepState
from tui.engine.fetching.part_file import Owner, PartFile
from tui.engine.fetching.progress import Piece
from tui.engine.secrets.ways import variable
from tui.engine.storage.batch import Batch
from tui.engine.storage.database import Database
from tui.model import Download, DownloadState, JobKey, Safe
from tui.paths import Paths
from tui.screens.clipboard import takes_osc52

OK, WARNING, BROKEN, SKIPPED = StepState.OK, StepState.WARNING, StepState.BROKEN, StepState.SKIPPED
WIDE = terminal_size((120, 40))


def checks(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(one["topic"], one["name"]): one for one in json.loads(text)["checks"]}


def test_with_five_connections_everything_is_looked_at(connected: Command) -> None:
    connected.config.chmod(0o600)
    told = json.loads(connected("doctor", "--json"))
    found = checks(json.dumps(told))
    assert told["broken"] == 0
    assert found["config", "content"]["told"] == "5 connections"
    assert found["keyring", "keyring"]["state"] == "warning"
    for name in ("autodesk", "enos", "aspera", "jaggaer", "octoplant"):
        assert found[name, "secrets"]["state"] == "ok"
        assert "from environment" in found[name, "secrets"]["told"]
        for step in ("address", "clock", "login"):
            assert found[name, step]["state"] in ("ok", "warning"), found[name, step]
    for secret in connected.environ.values():
        assert len(secret) < 5 or secret not in json.dumps(told)


def test_a_broken_config_stops_nothing_else(jobdeck: Command) -> None:
    jobdeck.config.write_text("[connections.plant]\nvendor = 'octoplamt'\n")
    jobdeck.config.chmod(0o600)
    ended = jobdeck.end("doctor")
    out = ended.out
    assert (ended.code, ended.err) == (1, "")
    lines = [line.split(None, 3) for line in out.splitlines()]
    words = {line[2]: line for line in lines if len(line) == 4}
    assert words["content"][1] == "broken"
    assert f"{jobdeck.config}:2" in words["content"][3]
    assert words["Python"][1] == "ok"
    assert "1 broken" in out.splitlines()[-1]
    assert "not tried: config.toml is broken" in out


def test_what_fails_at_a_vendor_is_broken(jobdeck: Command) -> None:
    jobdeck.config.write_text(
        '[connections.plant]\nvendor = "octoplant"\nbase_url = "http://127.0.0.1:9"\nusername = "ops"\n'
    )
    jobdeck.environ[variable("plant", "password")] = "canary-hunter2"
    ended = jobdeck.end("doctor", "--json")
    out = ended.out
    assert ended.code == 1
    found = checks(out)
    assert found["plant", "address"]["state"] == "broken"
    assert found["plant", "login"]["state"] == "skipped"
    assert "canary" not in out


def test_without_textual_it_works_all_the_same(jobdeck: Command) -> None:
    code = "import sys; sys.modules['textual'] = None\nfrom tui.cli.main import run\nprint(run(['doctor']))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=jobdeck.environment(), capture_output=True, text=True, timeout=100, check=True
    )
    assert (done.stdout.splitlines()[-1], done.stderr) == ("0", "")


def by_name(found: list[Finding]) -> dict[str, tuple[StepState, str]]:
    return {one.name: (one.state, one.told) for one in found}


def test_libraries_that_are_missing_or_of_another_version() -> None:
    installed = {"httpx": "0.28.1", "textual": "9.0", "keyring": "25.6.0", "tomli-w": "1.2.0rc1"}

    def version_of(name: str) -> str:
        try:
            return installed[name]
        except KeyError:
            raise PackageNotFoundError(name) from None

    required = [
        "httpx<0.29,>=0.28",
        "textual<9,>=8.2",
        "keyring<27,>=25.6",
        "tomli-w<2,>=1.1",
        "msgspec<1,>=0.20",
        'aiohttp<4,>=3.11; extra == "demo"',
        'ruff<1,>=0.9; extra == "dev"',
    ]
    assert by_name(list(libraries(required, version_of))) == {
        "httpx": (OK, "0.28.1"),
        "textual": (WARNING, "9.0, but jobdeck was made for <9,>=8.2"),
        "keyring": (OK, "25.6.0"),
        "tomli-w": (OK, "1.2.0rc1"),
        "msgspec": (BROKEN, "not installed"),
        "aiohttp": (SKIPPED, "not installed: only --demo and emulate need it"),
    }


TERM = {"TERM": "xterm-256color", "LANG": "en_GB.UTF-8"}


@pytest.mark.parametrize(
    ("environ", "name", "state", "told"),
    [
        (TERM, "board", OK, "TERM=xterm-256color, 120x40"),
        (TERM, "colours", OK, "256"),
        (TERM | {"COLORTERM": "truecolor"}, "colours", OK, "16 million"),
        (TERM | {"TERM": "xterm"}, "colours", OK, "16"),
        (TERM | {"NO_COLOR": "1"}, "colours", OK, "none: NO_COLOR is set"),
        (TERM, "clipboard", OK, "most take them"),
        (TERM | {"VTE_VERSION": "7000"}, "clipboard", WARNING, "not known to take copies"),
        (TERM | {"STY": "1.pts"}, "clipboard", WARNING, "screen takes no copies (OSC 52): the board writes"),
        (TERM | {"TERM": "vt220"}, "clipboard", WARNING, "this terminal takes no copies (OSC 52)"),
        (TERM | {"TERM": "linux"}, "clipboard", WARNING, "this terminal takes no copies (OSC 52)"),
        (TERM | {"TERM": "screen-256color"}, "clipboard", WARNING, "not known to take copies"),
        (TERM, "line", OK, "here"),
        (TERM | {"SSH_CONNECTION": "a b"}, "line", OK, "the board ends when the line drops"),
        (TERM | {"SSH_CONNECTION": "a b", "STY": "1"}, "line", OK, "SSH, kept by tmux or screen"),
        (TERM, "signs", OK, "LANG=en_GB.UTF-8, utf-8"),
        (TERM | {"LC_ALL": "C"}, "signs", WARNING, "LC_ALL=C, utf-8: signs are drawn in ASCII"),
        (TERM | {"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "signs", WARNING, "LANG=C, utf-8: signs are drawn in ASCII"),
        ({"TERM": "screen", "TMUX": "/none"}, "signs", WARNING, "tmux draws _"),
    ],
)
def test_the_terminal(environ: dict[str, str], name: str, state: StepState, told: str) -> None:
    found = by_name(list(surface(environ, "utf-8", WIDE, None)))
    assert found[name][0] is state
    assert told in found[name][1]


@pytest.mark.parametrize(("setting", "state"), [("on", OK), ("external", OK), ("off", WARNING), ("", WARNING)])
async def test_tmux_is_asked_whether_it_passes_copies_on(tmp_path: Path, setting: str, state: StepState) -> None:
    tmux = tmp_path / "tmux"
    tmux.write_text(f"#!/bin/sh\n[ $3 = set-clipboard ] && echo {setting}\n")
    tmux.chmod(0o755)
    environ = TERM | {"TMUX": "/tmp/tmux", "PATH": str(tmp_path)}
    found = by_name(list(surface(environ, "utf-8", WIDE, None, await copies_in_tmux(environ))))
    assert found["clipboard"][0] is state


def test_a_copy_is_refused_by_the_board_where_the_doctor_says_so() -> None:
    names = ("xterm", "xterm-256color", "screen", "screen-256color", "tmux-256color", "linux", "vt100", "vt220")
    for more in ({}, {"STY": "1.pts"}, {"VTE_VERSION": "7000"}, {"TERM_PROGRAM": "Apple_Terminal"}):
        for name in names:
            environ = {"TERM": name, **more}
            told = by_name(list(surface(environ, "utf-8", WIDE, None)))["clipboard"][1]
            assert ("to a file" in told) is not takes_osc52(environ), environ


def test_a_small_terminal_and_none() -> None:
    assert by_name(list(surface(TERM, "utf-8", terminal_size((79, 40)), None)))["board"][0] is WARNING
    found = by_name(list(surface(TERM, "utf-8", WIDE, "the board needs a terminal")))
    assert found["board"] == (WARNING, "the board needs a terminal")
    assert "clipboard" not in found


@pytest.mark.parametrize(
    ("mode", "state", "told"),
    [
        (0o600, OK, "(0600)"),
        (0o640, WARNING, "others may read it"),
        (0o660, WARNING, "its group may change it"),
        (0o606, BROKEN, "everybody may change it"),
    ],
)
def test_whose_the_config_is(tmp_path: Path, mode: int, state: StepState, told: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text("")
    path.chmod(mode)
    settings, found = read_config(path)
    assert settings is not None
    assert by_name(found)["file"][0] is state
    assert told in by_name(found)["file"][1]
    assert state is OK or found[0].remedy == f"chmod 600 '{path}'"


def test_folders_that_are_there_and_not(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "config.toml", tmp_path / "state")
    found = by_name(list(folders(paths, tmp_path / "a" / "b")))
    assert found["folder"][1].endswith(" free, made when it is needed")
    assert found["names"] == (OK, "a finished file gets its name in one step")
    assert not (tmp_path / "state").exists()
    assert not [*tmp_path.iterdir()]


def test_parts_that_nobody_goes_on_with_are_told_with_their_size(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "config.toml", tmp_path / "state")
    folder = tmp_path / "got" / "plant" / "it's"
    ages = {"old.zip": 40 * 86_400, "new.zip": 86_400, "other": 40 * 86_400}
    for number, (name, age) in enumerate(ages.items()):
        part = PartFile(folder, name, Owner("plant:job1", name), spare=0)
        part.write(Piece(0, 0, None), memoryview(bytes(100_000 * (number + 1))))
        part.close()
        for file in folder.glob(f"{name}.part*"):
            os.utime(file, (time.time() - age,) * 2)
    (folder / "other.part.json").unlink()
    (one,) = [one for one in folders(paths, tmp_path / "got") if one.name == "unfinished"]
    assert (one.topic, one.state) == ("downloads", WARNING)
    assert "old.zip.part: 100 kB of old.zip of plant:job1, untouched for 40d" in one.told
    command = shlex.split(one.remedy.partition("; or ")[2])
    assert command == ["rm", f"{folder}/old.zip.part", f"{folder}/old.zip.part.json"]
    assert len(list(folder.iterdir())) == 5, "it only looks"


def test_parts_elsewhere_are_found_by_the_board_and_at_most_five_shown(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "config.toml", tmp_path / "state")
    paths.state.mkdir(mode=0o700)
    for number in range(7):
        PartFile(tmp_path / "to", f"{number}", Owner("plant:job1", f"{number}"), spare=0).close()
    for file in (tmp_path / "to").iterdir():
        os.utime(file, (0, 0))
    board = Database(paths.database)
    board.write(
        [Batch(downloads=(Download(1, JobKey("plant:job1"), Safe("0"), tmp_path / "to", DownloadState.PAUSED),))]
    )
    board.close()
    told = [one.told for one in folders(paths, tmp_path / "got") if one.name == "unfinished"]
    assert len(told) == 6
    assert told[-1].startswith("2 more .part files")


def test_a_damaged_board_and_a_file_in_the_way(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "config.toml", tmp_path / "state")
    paths.state.mkdir(mode=0o700)
    paths.database.write_bytes(b"no database" * 100)
    (tmp_path / "file").write_text("")
    found = list(folders(paths, tmp_path / "file" / "downloads"))
    told = {(one.topic, one.name): one for one in found}
    assert told["state", "board"].state is BROKEN
    assert told["state", "folder"].state is OK
    assert told["downloads", "folder"].state is BROKEN
    assert all(one.remedy for one in found if one.state is BROKEN)


def test_places_that_may_not_even_be_looked_at_are_broken_ones() -> None:
    """A name that no disk can hold stands for a folder that is closed to this user: a test may run as root."""
    closed = Path("/", "n" * 300)
    found = list(folders(Paths(closed / "config.toml", closed), closed / "downloads"))
    assert {(one.topic, one.state) for one in found} >= {("state", BROKEN)}


def test_a_proxys_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://ops:canary@proxy.example:3128")
    monkeypatch.setenv("no_proxy", "plant.example")
    found = by_name(list(surroundings({"SSL_CERT_FILE": "/nowhere/ca.pem"})))
    assert found["proxy"] == (OK, "https through http://proxy.example:3128; not for plant.example")
    assert found["SSL_CERT_FILE"][0] is BROKEN
