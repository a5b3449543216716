"""config.toml.example shows every key that the code knows, with its default, and can be used as it stands."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from tui import config, vendors
from tui.config import Config, Polling
from tui.engine.wire.quota import DEFAULT_REQUESTS_PER_MINUTE
from tui.model import Connection
from tui.widgets.actions import BY_NAME

EXAMPLE = Path(__file__).parent.parent / "config.toml.example"
TEXT = EXAMPLE.read_text("utf-8")
WHOLE = re.sub(r"^#(?=[\[a-z_])", "", TEXT, flags=re.MULTILINE)
"""The example with every `#key = …` in force."""

SHOWN = tomllib.loads(WHOLE)
CONNECTIONS = {vendor["vendor"]: vendor for vendor in SHOWN["connections"].values()}
NOT_IN_THE_FILE = {"name", "options", "max_interval"}
"""Fields of a connection that have no key of their own."""


def test_as_it_stands_it_says_the_defaults() -> None:
    assert config.load(EXAMPLE) == Config()


def test_every_key_of_polling_is_shown_with_its_default() -> None:
    assert tomllib.loads(TEXT)["polling"] == asdict(Polling())


@pytest.mark.parametrize("section", ["downloads", "notify", "ui", "retention", "callbacks"])
def test_every_general_key_is_shown(section: str) -> None:
    assert set(tomllib.loads(TEXT)[section]) == {one.name for one in fields(getattr(Config(), section))}


def test_with_everything_in_force_it_is_a_good_file() -> None:
    read = config.parse(WHOLE, EXAMPLE)
    assert {one.vendor for one in read.connections.values()} == set(vendors.names())


@pytest.mark.parametrize("vendor", vendors.names())
def test_every_key_of_a_vendor_is_shown_with_its_default_and_its_secrets_are_named(vendor: str) -> None:
    shown = CONNECTIONS[vendor]
    for setting in vendors.load(vendor).settings:
        assert setting.name in shown
        if setting.default is not None:
            assert shown[setting.name] == setting.default
        for choice in setting.choices:
            assert re.search(rf'"?{setting.name} = .*\b{re.escape(choice)}\b', WHOLE)
    for secret in vendors.load(vendor).secrets:
        assert secret.name not in shown
        assert re.search(rf'vendor = "{vendor}".*{secret.name}', WHOLE)


def test_every_key_that_any_connection_may_have_is_shown_with_its_default() -> None:
    own = {setting.name for setting in vendors.load("octoplant").settings} - {"base_url"}
    keys = {one.name for one in fields(Connection)} - NOT_IN_THE_FILE - {"secret_commands"} | {"secret_command"}
    shown = CONNECTIONS["octoplant"]
    assert set(shown) == keys | own
    for one in fields(Connection):
        if isinstance(one.default, bool | float):
            assert shown.get(one.name, one.default) == one.default
    assert shown["max_requests_per_minute"] == DEFAULT_REQUESTS_PER_MINUTE


def test_keys_are_actions_of_the_board() -> None:
    assert SHOWN["keys"]
    for action, keys in SHOWN["keys"].items():
        assert tuple(keys.split(",")) == BY_NAME[action].keys
