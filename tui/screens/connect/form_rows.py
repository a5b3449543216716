"""What stands in a connection's form: a row for each field, in an order that fits a small screen, and its help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from textual.containers import Horizontal
from textual.widget import Widget

from tui.engine.facts.connections import ConnectionDraft, ConnectionForm
from tui.model import Setting
from tui.screens.connect.fields import ChoiceField, SecretInput, TextField
from tui.screens.dialog import words
from tui.widgets.glyphs import Glyphs

_NAME_HELP = "what the connection is called here; letters, digits, - _ . only"


@dataclass(frozen=True, slots=True)
class Filling:
    """What a form is filled with; `replaces` is the connection that it changes, None where it makes one.

    `kept` says of each secret where it is now. `focus` is the field to begin with.
    """

    draft: ConnectionDraft
    replaces: str | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    focus: str = "name"


def rows(form: ConnectionForm, filling: Filling, glyphs: Glyphs) -> Iterator[Widget]:
    """Name, what is needed, secrets, then all that has a default."""
    filled, typed = dict(filling.draft.settings), dict(filling.draft.secrets)
    yield _row("name *", TextField(filling.draft.name, id=field_id("name"), select=True))
    first = [setting for setting in form.settings if _comes_first(setting)]
    for setting in first:
        yield _setting_row(setting, filled.get(setting.name), glyphs)
    for secret in form.secrets:
        masked = SecretInput(glyphs, id=secret_id(secret.name), placeholder=filling.kept.get(secret.name, ""))
        if secret.name in typed:
            masked.value = typed[secret.name].reveal()
        yield _row(f"{secret.name}{' *' if secret.required else ''}", masked)
    for setting in form.settings:
        if setting not in first:
            yield _setting_row(setting, filled.get(setting.name), glyphs)


def _setting_row(setting: Setting, value: str | None, glyphs: Glyphs) -> Widget:
    name, default = f"{setting.name}{' *' if setting.required else ''}", setting.default or ""
    if setting.choices:
        choice = value if value is not None else default
        return _row(name, ChoiceField(setting.choices, choice, glyphs, id=field_id(setting.name)))
    return _row(name, TextField(value or "", id=field_id(setting.name), placeholder=default))


def _row(label: str, widget: Widget) -> Widget:
    return Horizontal(words(label, classes="label"), widget, classes="row", name=widget.id)


def field_id(name: str) -> str:
    """The widget of a setting, or of the name."""
    return f"field-{name}"


def secret_id(name: str) -> str:
    """The widget of a secret."""
    return f"secret-{name}"


def _comes_first(setting: Setting) -> bool:
    """Whether it stands above the secrets: what is needed, and who one is."""
    return setting.required or setting.name in ("base_url", "username", "client_id", "token_url", "auth")


def helps(form: ConnectionForm, filling: Filling) -> Mapping[str, str]:
    """What is said of each field while the cursor is on it."""
    told = {field_id("name"): _NAME_HELP}
    for setting in form.settings:
        default = f" Default: {setting.default}." if setting.default and not setting.choices else ""
        told[field_id(setting.name)] = f"{_sentence(setting.help)}{default}"
    for secret in form.secrets:
        where = filling.kept.get(secret.name)
        now = f" Now: {where}; empty leaves it." if where else ""
        told[secret_id(secret.name)] = (
            f"{_sentence(secret.help)}{now} Never shown; kept in the keyring where there is one."
        )
    return told


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
