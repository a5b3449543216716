"""The form of a connection: its vendor's own fields, checked while they are typed, secrets never shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from tui.clock import Clock
from tui.engine.door import Door
from tui.engine.facts.connections import ConnectionDraft, ConnectionForm, Mistake
from tui.model import Secret, is_plain
from tui.screens.confirm import Confirm
from tui.screens.connect.facts_text import INSECURE, PLAIN
from tui.screens.connect.fields import MOVES, ChoiceField, SecretInput, TextField
from tui.screens.connect.form_rows import Filling, field_id, helps, rows, secret_id
from tui.screens.connect.masked import MaskedDialog
from tui.screens.dialog import words
from tui.screens.says import Says
from tui.widgets.glyphs import Glyphs
from tui.widgets.plain import plain

_HINT = "Enter goes on, ^s saves and tests, Escape closes."


@dataclass(frozen=True, slots=True)
class Saved:
    """A connection that was saved, and where its secrets went, in words."""

    name: str
    told: str


class FormDialog(MaskedDialog[Saved | None]):
    """Saves the connection and says what is wrong where it cannot; what was typed stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("ctrl+s", "save", "Save"),
        *MOVES,
        Binding("enter", "go_on", "Go on", priority=True),
    ]

    DEFAULT_CSS = """
    FormDialog > .box { height: 90%; max-height: 36; width: 90; }
    FormDialog .title { margin-bottom: 0; }
    FormDialog #fields { height: 1fr; min-height: 3; }
    FormDialog .row { height: 1; }
    FormDialog .row .label { width: 24; color: $text-muted; }
    FormDialog:ansi .row .label { color: ansi_default; }
    FormDialog .row.-wrong .label { color: $error; text-style: bold; }
    FormDialog .row Input { width: 1fr; }
    FormDialog #help { height: auto; max-height: 3; color: $text-muted; margin-top: 1; }
    FormDialog:ansi #help { color: ansi_default; }
    FormDialog #danger { height: auto; max-height: 3; display: none; }
    FormDialog #danger.-insecure { display: block; color: $error; text-style: bold; }
    FormDialog #danger.-plain { display: block; color: $warning; }
    FormDialog #says { margin-top: 0; max-height: 3; }
    """

    def __init__(self, door: Door, form: ConnectionForm, filling: Filling, glyphs: Glyphs, clock: Clock) -> None:
        verb = f"Edit {filling.replaces}" if filling.replaces else "Add a connection"
        super().__init__(f"{verb}: {form.label}", glyphs)
        self.door = door
        self._form = form
        self._filling = filling
        self._help = helps(form, filling)
        self._touched: set[str] = set()
        """The fields that the user has changed: what is wrong there is told at once."""
        self._is_dirty = False
        self._says = Says(_HINT, clock, glyphs)

    # ── what stands in it ──

    def inside(self) -> list[Widget]:
        """Name, what is needed, secrets, then all that has a default; below them what is known of the focused one."""
        return [
            VerticalScroll(*rows(self._form, self._filling, self.glyphs), id="fields", can_focus=False),
            words("", id="danger"),
            words("", id="help"),
            self._says,
            Button(plain("Save and test"), id="save", compact=True),
        ]

    def on_mount(self) -> None:
        """Begin where there is something to do."""
        self.query_one(f"#{field_id(self._filling.focus)}").focus()
        self._check()

    # ── while it is filled ──

    def on_descendant_focus(self) -> None:
        """What the field under the cursor means, and where its value is found."""
        self.query_one("#help", Static).update(plain(self._help.get(self._focused_id, "")))

    @property
    def _focused_id(self) -> str:
        return (self.focused.id or "") if self.focused is not None else ""

    @on(Input.Changed)
    @on(ChoiceField.Changed)
    def _changed(self) -> None:
        """Check what stands there now."""
        focused = self._focused_id
        if focused:
            self._touched.add(focused)
        self._is_dirty = self._draft() != self._filling.draft
        self._check()

    def _draft(self) -> ConnectionDraft:
        """What stands there now: a setting that was emptied is empty, one that was never there is left out."""
        filled = dict(self._filling.draft.settings)
        settings = []
        for setting in self._form.settings:
            value = self._typed(setting.name)
            if setting.name in filled or value not in ("", setting.default):
                settings.append((setting.name, value))
        secrets = tuple(
            (secret.name, Secret(typed))
            for secret in self._form.secrets
            if (typed := self.query_one(f"#{secret_id(secret.name)}", SecretInput).value)
        )
        return ConnectionDraft(self._typed("name"), self._form.vendor, tuple(settings), secrets)

    def _typed(self, name: str) -> str:
        widget = self.query_one(f"#{field_id(name)}")
        return widget.value.strip() if isinstance(widget, TextField | ChoiceField) else ""

    def _check(self, *, everything: bool = False) -> tuple[Mistake, ...]:
        """Mark and say what is wrong; of fields that nobody has touched only when `everything` is meant."""
        draft = self._draft()
        mistakes = self.door.mistakes_in(draft, self._filling.replaces)
        told = [one for one in mistakes if everything or field_id(one.setting) in self._touched]
        wrong = {field_id(one.setting) for one in told}
        for row in self.query(".row"):
            row.set_class(row.name in wrong, "-wrong")
        self._warn(draft)
        if not self._says.is_waiting:
            here = next((one for one in told if field_id(one.setting) == self._focused_id), told[0] if told else None)
            self._says.tell(_words(here) if here else _HINT, wrong=here is not None)
        return mistakes

    def _warn(self, draft: ConnectionDraft) -> None:
        """In red and in yellow what makes the connection unsafe."""
        settings = dict(draft.settings)
        insecure = settings.get("insecure") == "true"
        unencrypted = is_plain(settings.get("base_url", ""))
        danger = self.query_one("#danger", Static)
        danger.set_class(insecure, "-insecure")
        danger.set_class(unencrypted and not insecure, "-plain")
        danger.update(plain("\n".join([INSECURE] * insecure + [PLAIN] * unencrypted)))

    # ── saving ──

    def action_go_on(self) -> None:
        """Enter goes on, and at the end it saves."""
        if isinstance(self.focused, Button):
            self.action_save()
        else:
            self.focus_next()

    @on(Button.Pressed)
    def action_save(self) -> None:
        """Save it, unless something is wrong or it is under way already."""
        if self._says.is_waiting:
            return
        mistakes = self._check(everything=True)
        if mistakes:
            for widget in self.query(f"#{field_id(mistakes[0].setting)}"):
                widget.focus()
            return
        self.outlast(self._save(self._draft()))

    async def _save(self, draft: ConnectionDraft) -> None:
        future = self.door.save_connection(draft, self._filling.replaces)
        told = await self._says.follow(future, f"Saving {draft.name}")
        if told is not None:
            self.end(Saved(draft.name, told), told)

    def action_close(self) -> None:
        """Close; what was typed is thrown away only after a yes."""
        if self._is_dirty and not self._says.is_waiting:
            question = Confirm("Throw away what was typed?", [], yes="Throw it away", no="Go on", glyphs=self.glyphs)
            self.app.push_screen(question, self._close_if)
        else:
            self.dismiss(None)

    def _close_if(self, answer: bool | None) -> None:
        if answer:
            self.dismiss(None)


def _words(mistake: Mistake) -> str:
    """What is wrong; how it would be written in config.toml does not matter here."""
    return mistake.message.partition(f"; write {mistake.setting} = ")[0]
