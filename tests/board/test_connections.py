"""The connections on the board: their list, the form, the test, their secrets."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast

import pytest
from textual import events
from textual.widgets import Input

from tests.board import accounts
from tests.board.conftest import SMALL, Lab, Open
from tests.board.fakes import CONNECTIONS, FakeDoor, failed, make_job, offer
from tui.engine.facts.connections import ConnectionDraft
from tui.engine.facts.jobs import Changes
from tui.engine.secrets.secret_service import LOCKED
from tui.errors import CredentialsError, UsageError
from tui.model import Condition, Safe, Secret
from tui.screens.connect.check import CheckDialog
from tui.screens.connect.choose import PasteDialog, RemoveDialog, VendorDialog
from tui.screens.connect.fields import ChoiceField, SecretInput
from tui.screens.connect.form import FormDialog
from tui.screens.connect.listing import ConnectionsDialog
from tui.screens.connect.prompt import SecretDialog, UnlockDialog
from tui.screens.help import HelpDialog
from tui.screens.track import TrackDialog

CANARY = "hunter2secret"


def the_door() -> FakeDoor:
    plant = [make_job(number, connection="plant", vendor="octoplant") for number in (1, 2)]
    return FakeDoor(plant, CONNECTIONS)


async def paste(lab: Lab, text: str) -> None:
    lab.app.post_message(events.Paste(text))
    await lab.settle()


def asked(door: FakeDoor, name: str) -> list[object]:
    return [wish for called, wish in door.calls if called == name]


def saved(door: FakeDoor) -> tuple[ConnectionDraft, str | None]:
    """The one draft that was saved, and what it replaces."""
    (wish,) = asked(door, "save_connection")
    return cast("tuple[ConnectionDraft, str | None]", wish)


def flat(lab: Lab) -> str:
    """The screen as one text without the boxes, so that a sentence is found that was broken into lines."""
    return " ".join(re.sub("[│┃]", " ", lab.screen_text()).split())


async def fill(lab: Lab, name: str, text: str) -> None:
    lab.top.query_one(f"#{name}", Input).value = text
    await lab.settle()


# ── without a connection ──


async def test_the_welcome_has_three_ways_on(lab: Open) -> None:
    async with lab(FakeDoor(), SMALL) as one:
        text = one.screen_text()
        for words in (" a  add a connection", " t  paste a status URL", " m  look around first"):
            assert words in text
        assert "a connections" in one.said("footer")
        assert "m demo" in one.said("footer")
        await one.press("m")
        assert one.board.wants_demo
        assert one.app.return_code == 0


async def test_the_demo_is_not_opened_over_connections(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("m")
        assert not one.board.wants_demo
        assert "demo: there are connections here" in one.toasts()
        assert "m demo" not in one.said("footer")


async def test_add_asks_for_the_vendor_then_for_its_own_fields(lab: Open) -> None:
    door = FakeDoor()
    door.facts = ()
    async with lab(door, SMALL) as one:
        await one.press("a")
        assert one.is_open(VendorDialog)
        await one.press("G", "enter")
        assert one.is_open(FormDialog)
        for words in ("base_url *", "username *", "password *", "client_secret", "octoplant"):
            assert words in one.screen_text()
        await one.press("tab")
        assert "Address of the server, e.g. https://plant.example:64023" in flat(one)


async def test_a_pasted_url_fills_the_form_and_is_tracked_afterwards(lab: Open) -> None:
    door = FakeDoor()
    door.facts = ()
    settings = (("base_url", "https://plant.example:64023"), ("username", "ops"))
    door.guesses = (ConnectionDraft("octoplant", "octoplant", settings, (("password", Secret(CANARY)),)),)
    url = "https://plant.example:64023/v1/order/ORD-1"
    async with lab(door, SMALL) as one:
        await paste(one, url)
        assert one.is_open(FormDialog)
        assert "https://plant.example:64023" in one.screen_text()
        assert CANARY not in one.screen_text()
        await one.press("ctrl+s")
        draft = ConnectionDraft("octoplant", "octoplant", settings, (("password", Secret(CANARY)),))
        assert asked(door, "save_connection") == [(draft, None)]
        assert one.is_open(CheckDialog)
        door.tell(Changes(connections=CONNECTIONS))
        await one.press("escape")
        assert one.is_open(TrackDialog)
        assert "ORD-1" in one.screen_text()


async def test_track_without_a_connection_asks_for_the_text_first(lab: Open) -> None:
    door = FakeDoor()
    door.facts = ()
    async with lab(door) as one:
        await one.press("t")
        assert one.is_open(PasteDialog)
        await one.type("ORD-1")
        await one.press("enter")
        assert one.is_open(VendorDialog), "the text alone does not tell the vendor"
        await one.press("escape")
        assert one.top is one.board
        assert door.calls == []


# ── the list ──


async def test_the_list_tells_health_secrets_and_dangers(lab: Open) -> None:
    async with lab(the_door(), SMALL) as one:
        await one.press("a")
        text = flat(one)
        assert "plant octoplant ok 2 jobs insecure" in text
        since = next(f"{one.since.astimezone():%H:%M}" for one in CONNECTIONS if one.since and one.name[0] == "o")
        assert f"orchestrator aspera down since {since}" in text
        assert "insecure: no certificate is checked" in text
        assert "password keyring (Secret Service)" in text
        assert "client_secret vendor's published default" in text
        assert "access_token not set" in text
        assert "requests left 28 at once; then one by one" in text
        await one.press("down")
        text = flat(one)
        assert "http: everything goes unencrypted" in text
        assert "not found: no keyring on this host: set JOBDECK_SECRET_ORCHESTRATOR_PASSWORD" in text
        assert "api_key environment" in text


async def test_the_list_follows_how_they_are_doing(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("a")
        good = replace(CONNECTIONS[4], latency=0.5, last_good_at=one.clock.now())
        await one.tell(connections=(good,))
        one.clock.jump(130)
        dialog = one.top
        assert isinstance(dialog, ConnectionsDialog)
        dialog.tick()
        await one.settle()
        assert "ok, 500 ms" in one.screen_text()
        assert "2m ago, took 500 ms" in one.screen_text()


async def test_its_keys_are_in_the_footer_and_in_the_help(lab: Open) -> None:
    async with lab(the_door(), SMALL) as one:
        await one.press("a")
        for words in ("a add", "e edit", "x remove", "t test", "s secret"):
            assert words in one.screen_text()
        assert "u unlock" not in one.screen_text()
        await one.press("question_mark")
        assert one.is_open(HelpDialog)
        assert "Log out: the next ask logs in anew" in one.screen_text()


async def test_without_a_connection_each_action_says_why_not(lab: Open) -> None:
    door = the_door()
    door.facts = ()
    async with lab(door) as one:
        await one.press("a", "e")
        assert "edit: there is no connection" in one.screen_text()
        await one.press("u")
        assert "unlock: the keyring is not locked" in one.screen_text()


async def test_log_out(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("a", "o")
        assert asked(one.door, "log_out") == ["plant"]
        assert "plant is logged out; the next ask logs in anew" in one.screen_text()


async def test_remove_names_the_jobs_and_starts_on_cancel(lab: Open) -> None:
    async with lab(the_door(), SMALL) as one:
        await one.press("a", "x")
        assert one.is_open(RemoveDialog)
        for words in ("job 0001", "job 0002", "Also take its 2 jobs off"):
            assert words in one.screen_text()
        await one.press("enter")
        assert asked(one.door, "remove_connection") == []
        await one.press("x", "right", "enter")
        assert asked(one.door, "remove_connection") == [("plant", False)]
        assert "plant is removed; a secret stays" in one.screen_text()
        assert "plant.example" not in one.screen_text()


async def test_remove_takes_the_jobs_along_on_a_word(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("a", "x", "right", "right", "enter")
        assert asked(one.door, "remove_connection") == [("plant", True)]


async def test_a_refused_removal_says_why(lab: Open) -> None:
    door = the_door()
    door.refuses = UsageError("config.toml is [read-only]", hint="mend its permissions")
    async with lab(door) as one:
        await one.press("a", "x", "right", "enter")
        assert "config.toml is [read-only]; mend its permissions" in one.screen_text()
        assert "https://plant.example:64023" in one.screen_text()


# ── the form ──


async def test_edit_keeps_what_is_not_touched_and_shows_no_secret(lab: Open) -> None:
    async with lab(the_door(), SMALL) as one:
        await one.press("a", "e")
        assert one.top.query_one("#field-base_url", Input).has_focus
        assert "kept: keyring (Secret Service)" in one.screen_text()
        assert "insecure: no certificate is checked" in flat(one)
        await fill(one, "field-username", "")
        await one.press("ctrl+s")
        draft, replaces = saved(one.door)
        assert replaces == "plant"
        assert dict(draft.settings) == dict(accounts.PLANT.settings) | {"username": ""}
        assert draft.secrets == ()


async def test_rename_begins_with_the_name(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("a", "r")
        name = one.top.query_one("#field-name", Input)
        assert name.has_focus
        await paste(one, "\x1b]52;c;x\x07\n")
        assert "\x1b" not in name.value
        name.action_select_all()
        await one.type("hall")
        assert name.value == "hall"
        await one.press("ctrl+s")
        draft, replaces = saved(one.door)
        assert (draft.name, replaces) == ("hall", "plant")


async def test_duplicate_has_a_free_name_and_no_secrets(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("a", "d", "ctrl+s")
        draft = ConnectionDraft("plant-2", "octoplant", accounts.PLANT.settings)
        assert asked(one.door, "save_connection") == [(draft, None)]


async def test_what_is_wrong_is_told_while_typing(lab: Open) -> None:
    door = the_door()
    door.mistakes = {"https//": "base_url must be a full address, e.g. [https]://host.example"}
    async with lab(door, SMALL) as one:
        await one.press("a", "a", "G", "enter")
        assert "must be a full address" not in flat(one), "nobody has typed yet"
        one.top.query_one("#field-base_url").focus()
        await fill(one, "field-base_url", "https//")
        assert "base_url must be a full address, e.g. [https]://host.example" in flat(one)
        await fill(one, "field-base_url", "HTTP://h.example")
        assert "must be a full address" not in flat(one)
        assert "http: everything goes unencrypted, secrets too" in flat(one)


async def test_saving_goes_to_what_is_wrong(lab: Open) -> None:
    async with lab(the_door(), SMALL) as one:
        await one.press("a", "a", "G", "enter", "ctrl+s")
        assert "base_url is missing" in one.screen_text()
        assert "write base_url" not in one.screen_text(), "that is for config.toml"
        assert one.top.query_one("#field-base_url").has_focus
        assert asked(one.door, "save_connection") == []


async def test_a_choice_is_made_with_the_arrows(lab: Open) -> None:
    async with lab(the_door(), SMALL) as one:
        await one.press("a", "down", "e")
        choice = one.top.query_one("#field-auth", ChoiceField)
        choice.focus()
        await one.settle()
        assert "[basic] token  query  api-key" in one.screen_text()
        await one.press("right", "right", "left", "space")
        assert choice.value == "query"
        await one.press("ctrl+s")
        draft, _ = saved(one.door)
        assert ("auth", "query") in draft.settings


async def test_a_secret_is_masked_pasted_without_its_line_break_and_never_copied(lab: Open) -> None:
    async with lab(the_door(), SMALL) as one:
        await one.press("a", "e")
        masked = one.top.query_one("#secret-password", SecretInput)
        masked.focus()
        await paste(one, f"{CANARY}\r\n")
        assert masked.value == CANARY
        assert CANARY not in one.screen_text()
        masked.action_select_all()
        await one.press("ctrl+c", "ctrl+x")
        assert one.app.clipboard == ""
        assert masked.value == CANARY
        await paste(one, f"{CANARY}\nand more")
        assert "a secret has one: copy it alone" in flat(one)
        assert masked.value == CANARY
        await one.press("ctrl+s")
        draft, _ = saved(one.door)
        assert draft.secrets == (("password", Secret(CANARY)),)
        assert CANARY not in repr(one.door.calls)


async def test_a_refused_save_is_told_and_the_text_stays(lab: Open) -> None:
    door = the_door()
    async with lab(door, SMALL) as one:
        await one.press("a", "e")
        door.refuses = UsageError("config.toml is [read-only]", hint="mend its permissions")
        await fill(one, "field-username", "typed")
        await one.press("ctrl+s")
        assert "config.toml is [read-only]" in one.screen_text()
        assert one.top.query_one("#field-username", Input).value == "typed"


async def test_what_was_typed_is_thrown_away_only_after_a_yes(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("a", "e", "escape")
        assert one.is_open(ConnectionsDialog), "nothing was typed"
        await one.press("e")
        await fill(one, "field-username", "typed")
        await one.press("escape")
        assert "Throw away what was typed?" in one.screen_text()
        await one.press("enter")
        assert one.is_open(FormDialog)
        await one.press("escape", "y")
        assert one.is_open(ConnectionsDialog)
        assert asked(one.door, "save_connection") == []


# ── the test ──


async def test_the_test_runs_after_saving_and_names_the_step_that_failed(lab: Open) -> None:
    async with lab(the_door(), SMALL) as one:
        await one.press("a", "e", "ctrl+s")
        assert one.is_open(CheckDialog)
        assert asked(one.door, "check_connection") == ["plant"]
        text = flat(one)
        assert "plant is written to config.toml" in text
        for words in ("✓ address", "! TLS", "name the server's own with ca_file", "✗ login the password is [refused]"):
            assert words in text
        assert "It stops at: login." in text
        await one.press("s")
        assert one.is_open(SecretDialog)
        await one.press("escape", "t", "enter")
        assert "its test stops at: login" in flat(one)


async def test_each_step_appears_as_it_ends(lab: Open) -> None:
    door = the_door()
    door.holds = True
    async with lab(door) as one:
        await one.press("a", "t")
        assert "✓ address" in one.screen_text()
        assert "Testing plant …" in one.screen_text()
        await one.press("r")
        assert len(asked(door, "check_connection")) == 1, "one test at a time"
        door.steps = accounts.STEPS[:1]
        door.release()
        await one.settle()
        await one.press("r")
        assert len(asked(door, "check_connection")) == 2
        assert "It works." in one.screen_text()
        assert "✗ login" not in one.screen_text()


# ── secrets ──


async def test_a_refused_connection_offers_a_prompt_and_never_opens_it(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("slash")
        await one.type("pla")
        refused = replace(CONNECTIONS[4], condition=Condition.REFUSED, message=Safe("the password is [refused]"))
        await one.tell(connections=(refused,))
        assert one.top is one.board
        assert "plant: not logged in, nothing is asked there; S enters the secret" in one.toasts()
        assert "plant ✗ credentials refused" in one.said("header")
        assert "S secret" in one.said("footer")
        await one.press("escape", "S")
        assert one.is_open(SecretDialog)
        assert "the password is [refused]" in one.screen_text()
        assert one.top.query_one("#secret-password").has_focus
        await fill(one, "secret-password", CANARY)
        assert CANARY not in one.screen_text()
        await one.press("enter")
        assert asked(one.door, "keep_secret") == [("plant", "password", Secret(CANARY), False)]
        assert "password kept in the keyring" in one.toasts()


async def test_without_a_refusal_there_is_no_prompt(lab: Open) -> None:
    async with lab(the_door()) as one:
        assert "S secret" not in one.said("footer")
        await one.press("S")
        assert "secret: no connection waits for one" in one.toasts()


async def test_where_there_is_no_keyring_it_is_for_this_run(lab: Open) -> None:
    door = the_door()
    door.keyring_trouble = "no keyring on this host (no D-Bus session)"
    async with lab(door, SMALL) as one:
        await one.press("a")
        assert "no keyring on this host (no D-Bus session). Other ways: the environment" in flat(one)
        await one.press("u")
        assert "unlock: the keyring is not locked" in one.screen_text()
        await one.press("down", "s")
        text = flat(one)
        assert "[for this run]" in text
        assert "in the keyring" not in text
        assert "comes from the environment, which wins" in text
        await one.press("enter")
        assert "Type or paste a secret first." in one.screen_text()
        await one.press("x", "enter")
        assert asked(door, "keep_secret") == [("orchestrator", "password", Secret("x"), True)]


async def test_a_locked_keyring_is_opened_with_its_password(lab: Open) -> None:
    door = the_door()
    door.keyring_trouble = LOCKED
    async with lab(door, SMALL) as one:
        await one.press("a")
        assert "the keyring is locked. u unlocks it with its password. Other ways: the environment" in flat(one)
        assert "u unlock" in one.screen_text()
        await one.press("u")
        assert one.is_open(UnlockDialog)
        door.refuses = CredentialsError("the password is [wrong]")
        await fill(one, "password", CANARY)
        await one.press("enter")
        assert "the password is [wrong]" in one.screen_text()
        assert one.top.query_one("#password", Input).value == ""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(door, "keyring_state", lambda: failed(UsageError("the keyring is gone")))
            await one.press("x", "enter")
            assert "the keyring is gone" in one.screen_text()
        door.refuses = None
        await fill(one, "password", CANARY)
        assert CANARY not in one.screen_text()
        await one.press("enter")
        assert asked(door, "unlock_keyring") == [Secret(CANARY), Secret("x"), Secret(CANARY)]
        assert one.is_open(ConnectionsDialog)
        assert "the keyring is open" in one.screen_text()
        assert "u unlock" not in one.screen_text()


# ── how it looks ──


async def test_ascii_stays_ascii_and_nothing_blinks(lab: Open) -> None:
    async with lab(the_door(), SMALL, ascii=True) as one:
        await one.press("a", "e")
        await fill(one, "secret-password", CANARY)
        assert "*" * len(CANARY) in one.screen_text()
        for key in ("tab", "ctrl+s", "s"):
            assert not any(field.cursor_blink for field in one.top.query(Input))
            await one.press(key)
            assert one.screen_text().isascii()


async def test_an_unsafe_connection_is_told_wherever_it_appears(lab: Open) -> None:
    door = the_door()
    door.offered = (offer("orchestrator", "aspera"), offer("plant", "octoplant"))
    async with lab(door) as one:
        assert "plant: insecure" in one.screen_text()
        await one.press("n")
        assert "aspera http" in flat(one)
        assert "octoplant insecure" in flat(one)


async def test_the_cursor_goes_to_what_was_added(lab: Open) -> None:
    door = the_door()
    async with lab(door) as one:
        await one.press("a", "d", "ctrl+s")
        door.facts = (*door.facts, replace(accounts.PLANT, name="plant-2"))
        await one.press("escape")
        dialog = one.top
        assert isinstance(dialog, ConnectionsDialog)
        assert dialog.current is not None
        assert dialog.current.name == "plant-2"
        assert "plant-2 is saved" in one.screen_text()
