"""Saved filters: what config.toml says of them, how they are written to it, and where they are used."""

from __future__ import annotations

import random
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clock import START
from tui import config
from tui.cli import main
from tui.config.edit import with_filter
from tui.engine.engine import Engine, Surroundings
from tui.engine.fetching.auto import rule_names, rules_of
from tui.engine.host import EngineThread
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.errors import ConfigError, UsageError

FILE = Path("config.toml")
PLANT = '[connections.plant]\nvendor = "octoplant"\nbase_url = "https://localhost:64023"\nusername = "v"\n'
LIMIT = 30.0


def test_saved_filters_are_read_and_named_by_rules() -> None:
    text = f'[filters]\nover = "-is:active"\nold = "@over age:>1d"\n[downloads]\nauto = "@old"\n{PLANT}'
    read = config.parse(text, FILE)
    assert read.filters == {"over": "-is:active", "old": "@over age:>1d"}
    assert read.connection("plant").auto == "@old"
    names = rule_names(read)
    rule = rules_of(read, {names["plant"]: START})["plant"]
    assert rule.fits.moves
    changed = replace(read, filters={**read.filters, "old": "vendor:enos"})
    assert rule_names(changed) != names, "a rule that means something else is a new one"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[filters]\na = "x"\nb = "state:dead"',
            "config.toml:3 [filters]: b must be a filter: dead is no state; states: ",
        ),
        ('[filters]\na = "@b"', ":2 [filters]: a must be a filter: there is no saved filter @b"),
        ('[filters]\na = "@b"\nb = "@a"', "a must be a filter: @b: there is no saved filter @a"),
        ('[filters]\n"a b" = "x"', "a b is no name for a filter"),
        ("[filters]\na = 1", "a must be a text in quotes"),
        ('[downloads]\nauto = "@none"', "auto must be true, false or a filter: there is no saved filter @none"),
        ('[ui]\ncolumns = ["job", "size"]', ':2 [ui]: columns has no "size"; there are: job, connection, state'),
        ('[ui]\ncolumns = "job"', "columns must be a list of texts"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse(text, FILE)
    assert said in caught.value.message


def test_columns_are_read() -> None:
    assert config.parse('[ui]\ncolumns = ["seen", "job"]', FILE).ui.columns == ("seen", "job")
    assert config.parse("", FILE).ui.columns == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[filters]\nnew = "x y"\n'),
        ("[ui]\n", '[ui]\n\n[filters]\nnew = "x y"\n'),
        ('[filters] # mine\na = "b" # c\n\n[ui]\n', '[filters] # mine\na = "b" # c\nnew = "x y"\n\n[ui]\n'),
        ('[filters]\nnew = "old" # kept\n', '[filters]\nnew = "x y" # kept\n'),
        ("[filters]", '[filters]\nnew = "x y"\n'),
    ],
)
def test_a_filter_is_written_and_nothing_else_is_touched(before: str, after: str) -> None:
    assert with_filter(before, "new", "x y") == after


@pytest.mark.parametrize("text", ['filters = { a = "b" }\n', 'filters.a = "b"\n'])
def test_an_unusual_form_is_left_to_an_editor(text: str) -> None:
    with pytest.raises(ConfigError, match="form that is not changed from here"):
        with_filter(text, "new", "x")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), st.sampled_from(["a", "b-c", "D_1"]))
@settings(max_examples=40)
def test_any_text_comes_back_as_it_was_written(saved: str, name: str) -> None:
    once = with_filter("# top\n[ui]\ntheme = 'ansi'\n", name, saved)
    assert tomllib.loads(with_filter(once, name, saved + "!"))["filters"] == {name: saved + "!"}
    assert once.startswith("# top\n[ui]\ntheme = 'ansi'\n")


def test_a_filter_is_saved_through_the_door_and_used_by_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.toml"
    around = Surroundings(
        rng=random.Random(1), keyring=GuardedKeyring(trouble="none here"), config_file=path, environ={}
    )
    door = EngineThread(Engine(config.load(path), tmp_path / "board.sqlite", around))
    door.start()
    try:
        assert door.saved_filters() == {}
        assert door.save_filter("over", "-is:active").result(LIMIT).startswith("kept: @over")
        assert door.saved_filters() == {"over": "-is:active"}
        with pytest.raises(UsageError, match="no name for a filter"):
            door.save_filter("a b", "x").result(LIMIT)
        with pytest.raises(ConfigError, match="dead is no state"):
            door.save_filter("bad", "state:dead").result(LIMIT)
    finally:
        door.close()
    assert path.read_text() == '[filters]\nover = "-is:active"\n'
    folders = ("--config", str(path), "--state", str(tmp_path))
    assert main.run([*folders, "list", "@over"]) == 0
    assert "no job on the board fits" in capsys.readouterr().err
    assert main.run([*folders, "list", "@under"]) == 2
    assert "there is no saved filter @under\n  saved filters: @over" in capsys.readouterr().err
