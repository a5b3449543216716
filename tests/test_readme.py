"""What README.md says is so: its commands run, and its keys, settings, messages and exit codes are the program's."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from tests.cli.conftest import Command, World, jobdeck, warm, world  # noqa: F401  # fixtures
from tests.documented import EXPECTED, SERVERS, blocks, run_documented, set_up
from tui import config, vendors
from tui import filter as filters
from tui.cli.emulate import read_faults
from tui.cli.examples import EXAMPLES, OF_ALL
from tui.cli.manual import commands_of, page
from tui.cli.parser import make_parser
from tui.config import Config
from tui.errors import ExitCode
from tui.widgets.actions import BY_NAME, SPECS, Place
from tui.widgets.key_names import key_name

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text("utf-8")
SHELL = blocks(TEXT, "sh")
PROSE = re.sub(r"^```.*?^```", "", TEXT, flags=re.MULTILINE | re.DOTALL)
NAMES_ONLY = {"jobdeck track", "jobdeck connections add"}
"""Commands in the text that stand there without their words."""
FROM_OPENSSL = {"doesn't match", "self-signed certificate"}
SIGNS = {"↓": "down", "↑": "up", "/": "slash", "?": "question_mark", "+": "plus", "Space": "space"}
SIGNS |= {"Enter": "enter", "Ctrl-P": "ctrl+p", "Ctrl-L": "ctrl+l", "Ctrl-Z": "ctrl+z", "!": "exclamation_mark"}
SIGNS |= {"Esc": "escape", "-": "minus"}
NOT_ACTIONS = {"Tab"}
"""Moves the focus, as everywhere."""


def rows(heading: str) -> Iterator[list[str]]:
    """The rows of the table whose head begins so."""
    lines = TEXT[TEXT.index(f"\n| {heading}") + 1 :].splitlines()[2:]
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def code(text: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", text)


def test_the_first_two_blocks_are_one_line_each() -> None:
    assert [block.count("\n") for block in SHELL[:2]] == [1, 1]
    assert SHELL[0].endswith("jobdeck --demo\n")
    assert SHELL[1].endswith("-m pytest\n")


def test_every_command_works(jobdeck: Command, world: World) -> None:  # noqa: F811
    """The README's, and with them those of `--help` and of the manual page: one run is cheaper than two."""
    lines = [line for block in SHELL[2:] for line in block.splitlines() if not line.startswith("mkdir -p ")]
    lines += [one.replace("\n", " ") for one in code(PROSE) if re.match(r"jobdeck [^A-Z…]*$", one)]
    assert all(line.startswith("jobdeck ") for line in lines)
    assert {name for name, _ in commands_of(make_parser())} == set(EXAMPLES)
    lines += [one.line for examples in (OF_ALL, *EXAMPLES.values()) for one in examples]
    set_up(jobdeck, world)
    told = run_documented(jobdeck, world, [line for line in lines if line not in NAMES_ONLY])
    wrong = [f"{line}: {one}" for line, one in told.items() if one.code != EXPECTED.get(line, 0)]
    assert not wrong, "\n".join(wrong)


def test_what_serves_is_understood() -> None:
    shown = [one.replace("\n", " ") for one in code(PROSE) if one.startswith(SERVERS)]
    assert shown
    for line in (*shown, *(one.line for one in EXAMPLES["emulate"])):
        read_faults(make_parser().parse_args(line.split()[1:]).fault)


def test_every_option_is_one() -> None:
    known = set(re.findall(r"--[a-z][a-z-]+", "\n".join(page(make_parser())).replace(r"\-", "-")))
    ours = [one for one in code(PROSE) if re.fullmatch(r"--[a-z-]+( [A-Z]+)?", one)]
    assert len(ours) > 10
    assert {one.split()[0] for one in ours} <= known | {"--help"}


@pytest.mark.parametrize("block", blocks(TEXT, "toml"))
def test_every_config_is_a_good_one(block: str) -> None:
    read = config.parse(block, ROOT / "README.md")
    assert read != Config()
    assert set(tomllib.loads(block).get("keys", {})) <= set(BY_NAME)


def test_every_config_key_is_one() -> None:
    sections = {one.name for one in fields(Config)} - {"connections", "keys", "filters"}
    named = re.findall(rf"\b({'|'.join(sections)})\.(?!py\b)([a-z_]+)\b(?!\()", PROSE)
    assert named
    for section, key in named:
        assert key in {one.name for one in fields(getattr(Config(), section))}, f"{section}.{key}"


def test_each_vendors_settings_and_secrets_are_all_there() -> None:
    shown = {code(row[0])[0]: row for row in rows("vendor | what it tracks")}
    assert set(shown) == set(vendors.names())
    for name, (_, _, settings, secrets) in shown.items():
        vendor = vendors.load(name)
        assert set(code(settings)) == {one.name for one in vendor.settings} - {"base_url"}
        assert set(code(secrets)) == {one.name for one in vendor.secrets}


def test_where_to_click_names_settings_and_secrets() -> None:
    known = {"ca_file"}
    for name in vendors.names():
        vendor = vendors.load(name)
        known |= {one.name for one in vendor.settings} | {one.name for one in vendor.secrets}
    for _, values, _ in rows("vendor | value | where"):
        assert set(code(values)) <= known


def test_every_key_of_the_table_does_something() -> None:
    known = {key for spec in SPECS for key in spec.keys}
    shown = [key for row in rows("key | does") for cell in row[::2] for key in code(cell)]
    assert len(shown) > 25
    for key in shown:
        assert SIGNS.get(key, key) in known or key in NOT_ACTIONS, key


def test_the_keys_of_a_replay_are_all_there() -> None:
    ours = {key_name(key) for spec in SPECS if spec.place is Place.REPLAY for key in spec.keys}
    assert {key for row in rows("key | in a replay") for cell in row[::2] for key in code(cell)} == ours


def test_every_filter_is_understood() -> None:
    shown = [term for row in rows("term | fits") for term in code(row[0])]
    keyed = [one for one in code(PROSE) if re.match(r"-?(state|vendor|connection|age|seen|is|id):\S", one)]
    for term in (*shown, *keyed):
        filters.parse(term)
    readers = {term.lstrip("-").partition(":")[0] for term in shown if ":" in term}
    assert readers == {"state", "vendor", "connection", "age", "seen", "is", "id"}


def test_the_exit_codes_are_all_there_and_say_what_the_manual_says() -> None:
    shown = {int(number): row[1] for row in rows("exit code") for number in re.findall(r"\d+", row[0])}
    assert set(shown) == {int(one) for one in ExitCode}
    manual = "\n".join(page(make_parser())).replace(r"\-", "-")
    for number in (0, 1, 2, 3, 4):
        assert shown[number].replace("`", "") in manual


def test_every_message_is_one_of_ours() -> None:
    ours = "\n".join(path.read_text("utf-8") for path in ROOT.glob("tui/**/*.py"))
    messages = [code(row[0])[0] for row in rows("it says") if code(row[0])]
    assert len(messages) > 10
    for message in messages:
        for part in re.split("…|: ", message):
            assert part.strip() in ours or part.strip() in FROM_OPENSSL, message


def test_every_place_is_there() -> None:
    for place in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / place).exists(), place
    anchors = {
        re.sub(r"[^a-z -]", "", line[3:].lower()).replace(" ", "-") for line in TEXT.splitlines() if line[:3] == "## "
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors
    tree = TEXT[TEXT.index("```\ntui/") : TEXT.index("- A room uses only rooms below it")]
    names = {"tui"} | {path.name for path in ROOT.glob("tui/**/*")}
    for name in re.findall(r"\b([a-z_]+\.py)\b|\b([a-z_]+)/", tree):
        assert (name[0] or name[1]) in names, name


def test_the_unit_is_a_good_one(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd is not installed")
    (unit,) = blocks(TEXT, "ini")
    path = tmp_path / "jobdeck.service"
    path.write_text(unit.replace("%h/.local/bin/jobdeck", "/bin/true"))
    done = subprocess.run(
        [analyze, "verify", "--user", str(path)], capture_output=True, text=True, timeout=100, check=False
    )
    assert "jobdeck.service" not in done.stderr, done.stderr
    command = re.search(r"^ExecStart=\S+/jobdeck (.*)$", unit, re.MULTILINE)
    assert command is not None
    make_parser().parse_args(command[1].split())
    assert {"1", "4", "143"} == set(re.findall(r"SuccessExitStatus=(.*)", unit)[0].split())


def test_the_cron_line_is_a_good_one() -> None:
    (line,) = blocks(TEXT, "cron")
    command = line[line.index("jobdeck ") :].partition(" >>")[0].split()
    assert make_parser().parse_args(command[1:]).timeout == 840
    assert line.startswith("*/15 * * * * ")
