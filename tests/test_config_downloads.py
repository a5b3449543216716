"""What config.toml says of downloads: rules, folders, the command afterwards; and what it says wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui import config
from tui.errors import ConfigError

FILE = Path("config.toml")
PLANT = '[connections.plant]\nvendor = "octoplant"\nbase_url = "https://localhost:64023"\nusername = "v"\n'


def test_rules_hold_for_all_connections_or_for_one() -> None:
    text = f'[downloads]\nauto = "vendor:octoplant -test"\nlayout = "{{connection}}/{{date}}/{{output}}"\n{PLANT}'
    read = config.parse(text, FILE)
    assert read.connection("plant").auto == read.downloads.auto == "vendor:octoplant -test"
    assert read.downloads.layout == "{connection}/{date}/{output}"
    assert config.parse(f"[downloads]\nauto = true\n{PLANT}auto = false", FILE).connection("plant").auto is False
    assert config.parse(f'{PLANT}auto = "state:succeeded"', FILE).connection("plant").auto == "state:succeeded"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('auto = "state:dead"', "auto must be true, false or a filter: dead is no state; states: "),
        ('auto = "colour:red"', "colour: is no key; keys: state:"),
        ("auto = 1", "must be true, false or a text in quotes"),
        ('auto = " "', "must be true, false or a text in quotes"),
        ('layout = "{folder}/{output}"', "layout has no field {folder}; fields: {connection} {vendor} {title} {id}"),
        ('layout = "{title}"', "layout must end with {output}"),
        ('layout = "{connection}/{output}.zip"', "must end with {output}"),
        ('layout = "/{connection}/{output}"', "must end with {output}"),
        ('layout = "{output}/{output}"', "must end with {output}"),
        ('layout = "{title/{output}"', "layout has"),
        ('after = ["cp", "{file}"]', "after has no field {file}; fields: {path} {job} {connection} {title} {output}"),
        ('after = "cp"', "after must be a list of texts"),
        ('after = [""]', "after must name a command"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_what_to_write(line: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.parse(f"[downloads]\nat_once = 2\n{line}\n", FILE)
    assert caught.value.message.startswith("config.toml:3 [downloads]: ")
    assert said in caught.value.message


def test_a_wrong_rule_of_one_connection_is_told_there() -> None:
    with pytest.raises(ConfigError, match=r"config.toml:5 \[connections.plant\]: auto must be"):
        config.parse(f'{PLANT}auto = "age:1h"', FILE)
