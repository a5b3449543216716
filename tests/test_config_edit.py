"""Changing connections in config.toml: what is meant changes, every other byte stays, whatever the file looks like."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.config.edit import connection_table, renamed, with_connection, with_settings, without_connection
from tui.errors import ConfigError, UsageError

EXAMPLE = Path(__file__).parent.parent / "config.toml.example"
TEXT = '''# my connections
[polling]
min_interval = 5.0  # not too often

# the first
[connections.a]
vendor = "aspera"  # v
base_url = """https://a.example"""
#username = "ops"

# the second
[connections."b.c"]
vendor = "octoplant"
future = [ 1, # one
  "]" ]
[connections."b.c".secret_command]
password = ["pass", "show"]   # p

[ui]
theme = "x" # [connections.a]
'''


def test_a_changed_value_keeps_its_line_and_its_comment() -> None:
    assert with_settings(TEXT, "a", {"vendor": "enos"}) == TEXT.replace('"aspera"', '"enos"')
    said = with_settings(TEXT, "a", {"base_url": "https://b.example", "insecure": True})
    assert said == TEXT.replace('"""https://a.example"""', '"https://b.example"\ninsecure = true')


def test_what_is_the_same_already_is_not_written_anew() -> None:
    assert with_settings(TEXT, "a", {"base_url": "https://a.example"}) == TEXT


def test_a_key_that_is_taken_out_takes_its_line_along() -> None:
    assert with_settings(TEXT, "a", {"vendor": None, "label": None}) == TEXT.replace('vendor = "aspera"  # v\n', "")
    assert with_settings(TEXT, "b.c", {"future": None}) == TEXT.replace('future = [ 1, # one\n  "]" ]\n', "")


def test_a_table_of_commands_is_changed_as_a_whole() -> None:
    said = with_settings(TEXT, "b.c", {"secret_command": {"password": ["pass", 'a "b"']}})
    assert connection_table(said, "b.c")["secret_command"] == {"password": ["pass", 'a "b"']}
    assert "[ui]" in said


def test_a_new_connection_stands_at_the_end() -> None:
    said = with_connection(TEXT, "d", {"vendor": "enos", "timeout": 5.0})
    assert said == f'{TEXT}\n[connections.d]\nvendor = "enos"\ntimeout = 5.0\n'
    assert with_connection("", "d", {}) == "[connections.d]\n"
    with pytest.raises(UsageError, match="already"):
        with_connection(TEXT, "a", {})


def test_a_renamed_connection_keeps_everything() -> None:
    said = renamed(TEXT, "b.c", "d")
    assert said == TEXT.replace('"b.c"', "d")
    assert renamed(said, "d", "b.c") == TEXT
    with pytest.raises(UsageError, match="already"):
        renamed(TEXT, "a", "b.c")


def test_a_removed_connection_takes_the_comment_above_it_and_no_other() -> None:
    said = without_connection(TEXT, "a")
    assert "# the first" not in said
    assert "# the second" in said
    assert said.startswith("# my connections")
    said = without_connection(TEXT, "b.c")
    assert "secret_command" not in said
    assert '[ui]\ntheme = "x" # [connections.a]\n' in said


def test_nobody_of_that_name() -> None:
    with pytest.raises(UsageError, match="no connection named x"):
        with_settings(TEXT, "x", {})
    with pytest.raises(UsageError, match="no connection named x"):
        without_connection(TEXT, "x")
    with pytest.raises(UsageError, match="no connection named x"):
        renamed(TEXT, "x", "y")


@pytest.mark.parametrize("text", ['connections = { a = { vendor = "enos" } }', 'connections.a.vendor = "enos"'])
def test_an_unusual_form_is_left_to_an_editor(text: str) -> None:
    with pytest.raises(ConfigError, match="form"):
        renamed(text, "a", "b")
    with pytest.raises(ConfigError, match="form"):
        without_connection(text, "a")
    with pytest.raises(ConfigError, match="form"):
        with_settings(text, "a", {"label": "x"})


def test_the_example_can_be_filled_in_and_emptied_again() -> None:
    text = EXAMPLE.read_text("utf-8")
    assert without_connection(with_connection(text, "plant", {"vendor": "octoplant"}), "plant") == text


_names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,5}", fullmatch=True)
_texts = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)
_values = st.one_of(_texts, st.booleans(), st.integers(-9, 9), st.floats(0, 9), st.lists(_texts, max_size=3))
_tables = st.dictionaries(_names, st.one_of(_values, st.dictionaries(_names, _values, max_size=2)), max_size=4)
_comments = st.lists(st.sampled_from(["", "# a comment", "\t# [connections.x]", '# "']), max_size=3)


@st.composite
def _files(draw: st.DrawFn) -> str:
    """A config with a few connections between other tables, comments everywhere."""
    connections = draw(st.dictionaries(_names, _tables, min_size=1, max_size=3))
    parts = [tomli_w.dumps({"connections": {name: table}}) for name, table in connections.items()]
    parts.append(tomli_w.dumps({"ui": draw(_tables)}, multiline_strings=draw(st.booleans())))
    lines: list[str] = []
    for part in draw(st.permutations(parts)):
        lines += [*draw(_comments), part.rstrip("\n")]
    return "\n".join([*lines, *draw(_comments)]) + "\n"


@settings(max_examples=80, deadline=None)
@given(_files(), st.data())
def test_whatever_the_file_looks_like(text: str, data: st.DataObject) -> None:
    before = tomllib.loads(text)
    name = data.draw(st.sampled_from(sorted(before["connections"])))
    key, value = data.draw(_names), data.draw(_values)
    try:
        changed = with_settings(text, name, {key: value})
        assert tomllib.loads(changed)["connections"][name][key] == value
        assert with_settings(changed, name, {key: value}) == changed
        if key not in before["connections"][name]:
            assert with_settings(changed, name, {key: None}) == text
        assert tomllib.loads(without_connection(text, name)).get("ui") == before.get("ui")
        again = renamed(text, name, "new-name-of-it")
        assert tomllib.loads(again)["connections"]["new-name-of-it"] == before["connections"][name]
    except ConfigError:
        assert f"[connections.{name}]" not in text  # tomli-w writes no header for a table of tables alone
    added = with_connection(text, "another-name", {key: value})
    assert added.startswith(text)
    assert without_connection(added, "another-name").rstrip() == text.rstrip()
    assert [line for line in added.split("\n") if "#" in line][: text.count("#")] == [
        line for line in text.split("\n") if "#" in line
    ]
