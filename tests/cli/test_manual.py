"""The manual page holds what `--help` holds, and roff has nothing to say against it."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess

import pytest

from tui.cli.manual import commands_of, page
from tui.cli.parser import make_parser
from tui.errors import ExitCode

PAGE = "\n".join(page(make_parser()))
PLAIN = PAGE.replace(r"\-", "-").replace(r"\(ti", "~").replace(r"\(aq", "'").replace(r"\&", "")


def test_every_command_and_option_is_in_it() -> None:
    parser = make_parser()
    for name, command in commands_of(parser):
        assert f".SS jobdeck {name}" in PLAIN
        said = command.format_help().partition("\nexamples:")[0]
        for option in re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", said, re.MULTILINE):
            assert option == "--help" or f"{option}" in PLAIN, f"{name} {option}"


def test_every_exit_code_is_in_it() -> None:
    said = PLAIN.partition(".SH EXIT STATUS")[2].partition(".SH ENVIRONMENT")[0]
    assert re.findall(r"\.B (\d+)", said) == [str(int(code)) for code in sorted(ExitCode)]


def test_no_line_is_taken_for_a_macro() -> None:
    known = {".TH", ".SH", ".SS", ".TP", ".B", ".PP", ".EX", ".EE"}
    assert {line.split()[0] for line in PAGE.splitlines() if line.startswith((".", "'"))} <= known


def test_no_colour_of_argparse_gets_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        argparse.ArgumentParser, "format_usage", lambda _: "\x1b[1;34musage: \x1b[0mjobdeck \x1b[32mx\x1b[0m"
    )
    assert ".SS jobdeck x\n" in "\n".join(page(make_parser()))


def test_roff_takes_it() -> None:
    groff = shutil.which("groff")
    if groff is None:
        pytest.skip("groff is not installed")
    done = subprocess.run(
        [groff, "-man", "-Tutf8", "-ww", "-z"], input=PAGE, capture_output=True, text=True, timeout=100, check=True
    )
    assert done.stderr == ""
