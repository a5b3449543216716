"""`[keys]`: what is wrong with it is said at the start; what is right is shown everywhere."""

from __future__ import annotations

import pytest

from tests.board.conftest import Open
from tests.board.fakes import FakeDoor, make_jobs
from tui.widgets.actions import BY_NAME, SPECS, Keys
from tui.widgets.key_names import is_key, key_name
from tui.widgets.rebinding import key_trouble


def test_our_own_keys_are_keys_and_do_not_clash() -> None:
    assert all(is_key(key) for spec in SPECS for key in spec.keys)
    assert key_trouble({spec.name: ",".join(spec.keys) for spec in SPECS}) is None


def test_keys_are_shown_as_people_write_them() -> None:
    shown = {"ctrl+p": "^p", "slash": "/", "f5": "F5", "G": "G", "shift+up": "Shift+Up", "ctrl+pageup": "^PgUp"}
    assert {key: key_name(key) for key in shown} == shown


@pytest.mark.parametrize(
    "rebound",
    [
        {"refresh": "f5"},
        {"refresh": "f5, ctrl+r"},
        {"refresh": "?", "help": "f1"},
        {"cancel": "d", "download": "c"},
        {"stop_download": "d"},
        {"edit_connection": "q"},
        {"of_a_newer_jobdeck": "q"},
    ],
    ids=str,
)
def test_what_is_right(rebound: dict[str, str]) -> None:
    assert key_trouble(rebound) is None


@pytest.mark.parametrize(
    ("rebound", "name", "said"),
    [
        ({"downlod": "x"}, "downlod", 'names no action; did you mean "download"?'),
        ({"refresh": "foo"}, "refresh", '"foo" is no key, e.g. "f5"'),
        ({"refresh": "f5,"}, "refresh", '"" is no key'),
        ({"refresh": "ctrl+hyper+x"}, "refresh", '"ctrl+hyper+x" is no key'),
        ({"refresh": "c"}, "refresh", '"c" is the key of cancel (Cancel at the vendor); take another'),
        ({"refresh": "?"}, "refresh", '"?" is the key of help'),
        ({"refresh": "k"}, "refresh", '"k" is the key of up (One line up)'),
        ({"refresh": "f5", "track": "f5"}, "refresh", '"F5" is the key of track'),
    ],
    ids=str,
)
def test_what_is_wrong(rebound: dict[str, str], name: str, said: str) -> None:
    trouble = key_trouble(rebound)
    assert trouble is not None
    assert trouble.name == name
    assert said in trouble.message


async def test_a_sign_and_a_second_key_work_and_are_shown(lab: Open) -> None:
    keys = {"refresh": ";, f6", "undo": "0"}
    assert Keys(keys).all_shown(BY_NAME["refresh"]) == "; F6"
    async with lab(FakeDoor(make_jobs(2)), key_map=keys) as one:
        await one.press("semicolon", "f6", "u")
        assert one.door.names() == ["refresh", "refresh", "untrack"]
        assert "0 brings back" in one.toasts()
        await one.press("question_mark")
        assert "; F6" in one.screen_text()
