"""`jobdeck emulate --fault`: anyone's client before a vendor that misbehaves."""

from __future__ import annotations

import json
import shlex
import signal
from collections.abc import Iterator

import httpx
import pytest

from tests.cli.conftest import Command, World
from tui.cli.emulate import for_people, read_faults
from tui.cli.parser import make_parser
from tui.emulators.switch_names import SWITCHES, VENDORS
from tui.errors import ExitCode, UsageError


@pytest.mark.parametrize(
    ("word", "message", "hint"),
    [
        ("slwo", "no fault is called slwo", f"there are: {', '.join(SWITCHES)}"),
        ("", "no fault is called ", f"there are: {', '.join(SWITCHES)}"),
        (
            "slow=faraway",
            "slow cannot be had at faraway",
            "it can at: autodesk, enos, aspera, jaggaer, octoplant, store",
        ),
        ("slow=", "slow cannot be had at ", "it can at: autodesk, enos, aspera, jaggaer, octoplant, store"),
        ("swapped-object=octoplant", "swapped-object cannot be had at octoplant", "it can at: autodesk, enos, aspera"),
    ],
)
def test_a_wrong_fault_names_the_possible_ones(word: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_faults([word])
    assert (caught.value.exit_code, caught.value.message) == (ExitCode.USAGE, message)
    assert caught.value.hint.startswith(hint)


def test_faults_of_all_and_of_one() -> None:
    assert read_faults(["html", "cut=store"]) == [*(("html", vendor) for vendor in VENDORS), ("cut", "store")]


def test_help_has_a_line_for_each_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        make_parser().parse_args(["emulate", "--help"])
    lines = capsys.readouterr().out.splitlines()
    for name, switch in SWITCHES.items():
        assert any(line.split(maxsplit=1) == [name, switch.says] for line in lines), name


def test_its_lines_can_be_pasted(world: World) -> None:
    lines = for_people(world.description).splitlines()
    assert {line.split()[0] for line in lines if line[0] != " "} == set(VENDORS)
    parser, seen = make_parser(), set()
    for line in lines:
        words = shlex.split(line)
        if words[0] == "jobdeck":
            seen.add(parser.parse_args(words[1:]).command)
    assert seen == {"connections", "track"}
    assert sum(line.startswith("  export JOBDECK_SECRET_") for line in lines) >= len(VENDORS)
    assert all(" --output " in line for line in lines if line.startswith("  jobdeck track -c autodesk "))


@pytest.fixture
def under_nohup() -> Iterator[None]:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what is started inherits it
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("under_nohup")
def test_faults_are_on_from_the_start_and_sigusr1_takes_them_away(jobdeck: Command) -> None:
    words = ("--fault", "503=jaggaer", "--fault", "html=autodesk")
    with jobdeck.start("emulate", "--json", *words) as emulate:
        assert emulate.stdout is not None
        sites = json.loads(emulate.stdout.readline())
        with httpx.Client(trust_env=False, timeout=60) as client:

            def statuses() -> list[int]:
                return [
                    client.get(sites[name]["base_url"] + "/nowhere").status_code for name in ("jaggaer", "autodesk")
                ]

            assert statuses() == [503, 200]
            emulate.send_signal(signal.SIGHUP)  # stays ignored
            emulate.send_signal(signal.SIGUSR1)
            while statuses() != [404, 404]:
                pass  # the signal has not come yet
        emulate.send_signal(signal.SIGTERM)
    assert emulate.returncode == 143


def test_a_wrong_fault_ends_the_command(jobdeck: Command) -> None:
    assert "there are: hang, die, slow" in jobdeck("emulate", "--fault", "x", code=2)
