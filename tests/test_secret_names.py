"""What names a secret does so for everybody who hides, refuses or cuts off values."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.config import parse
from tui.engine.pasting.paste import without_credentials
from tui.errors import ConfigError
from tui.redact import redact
from tui.secret_names import ENDINGS
from tui.vendors.aspera.mask import mask_json, mask_text

SPELT = [spelt for word in ENDINGS for spelt in dict.fromkeys((word, word.replace("_", "-"), word.replace("_", "")))]


@pytest.mark.parametrize("name", [*SPELT, *map(str.upper, ENDINGS)])
def test_every_room_knows_the_name(name: str) -> None:
    assert redact(f"{name}=hush db_{name}: hush") == f"{name}=*** db_{name}: ***"
    assert mask_text(f'"{name}": "hush", :db_{name} => hush') == f'"{name}": ***, :db_{name} => ***'
    assert mask_json({f"db-{name}": "hush"}) == {f"db-{name}": "***"}
    assert without_credentials(f"https://h.example/a?x=1&{name}=hush&y=2") == "https://h.example/a?x=1&y=2"
    for key in (name, f"db_{name}"):
        with pytest.raises(ConfigError, match=f"{key} (is|looks like) a secret"):
            parse(f'[connections.c]\nvendor = "octoplant"\n{key} = "hush"\n', Path("config.toml"))


def test_what_only_ends_like_one_stays_in_an_address() -> None:
    assert without_credentials("https://h.example/a?pageToken=7") == "https://h.example/a?pageToken=7"
