"""Questions about connections: to which vendor, from what pasted text, and whether one is really to be removed."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button

from tui.engine.facts.connections import ConnectionForm
from tui.screens.dialog import Dialog, words
from tui.screens.track import PasteField
from tui.widgets.glyphs import Glyphs
from tui.widgets.marklist import Item, MarkList
from tui.widgets.plain import plain
from tui.wording import and_more

_MOST_NAMES = 8


class VendorDialog(Dialog[ConnectionForm | None]):
    """The answer is the form of the chosen vendor. `why` says what the choice is about."""

    AUTO_FOCUS = "#vendors"

    def __init__(self, forms: Sequence[ConnectionForm], glyphs: Glyphs, *, why: str) -> None:
        super().__init__("Add a connection", glyphs)
        self._forms = {form.vendor: form for form in forms}
        self._why = why
        self._list = MarkList(glyphs, id="vendors", boxes=False, note=30)

    def inside(self) -> list[Widget]:
        """The vendors by what they call themselves."""
        hint = words("Enter takes it, Escape closes.", classes="hint")
        return [words(self._why, classes="hint"), self._list, hint]

    def on_mount(self) -> None:
        """Fill it."""
        self._list.fill({name: Item(form.label, _needs(form)) for name, form in self._forms.items()})

    @on(MarkList.Chosen)
    def _chosen(self) -> None:
        if self._list.cursor is not None:
            self.dismiss(self._forms[self._list.cursor])


class PasteDialog(Dialog[str | None]):
    """Asks for what names a job, while there is no connection yet: the answer tells what to connect to."""

    AUTO_FOCUS = "#text"

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("Track a job", glyphs)

    def inside(self) -> list[Widget]:
        """One line for it."""
        return [
            words("Paste its status URL, or the curl command that asks for it: it tells which connection is needed."),
            PasteField(id="text"),
            words("Enter goes on to the connection, Escape closes.", classes="hint"),
        ]

    @on(PasteField.Submitted)
    def _submitted(self) -> None:
        text = self.query_one(PasteField).text.strip()
        if text:
            self.dismiss(text)


class RemoveDialog(Dialog[bool | None]):
    """The answer is whether its jobs go too; None for not removing it. The focus starts on Cancel."""

    BINDINGS = [  # noqa: RUF012  # Textual's own form
        ("left,h", "app.focus_previous", "Previous"),
        ("right,l", "app.focus_next", "Next"),
    ]

    AUTO_FOCUS = "#cancel"

    DEFAULT_CSS = """
    RemoveDialog Horizontal { height: auto; margin-top: 1; }
    """

    def __init__(self, connection: str, jobs: Sequence[str], glyphs: Glyphs) -> None:
        super().__init__(f"Remove the connection {connection}? Its secrets go out of the keyring.", glyphs)
        self._jobs = jobs

    def inside(self) -> list[Widget]:
        """Its jobs by name, and the answers."""
        answers = [
            Button(plain("Cancel"), id="cancel", compact=True),
            Button(plain("Remove it"), id="remove", compact=True),
        ]
        if not self._jobs:
            return [words("It has no jobs on the board."), Horizontal(*answers)]
        count = f"{len(self._jobs)} job{'' if len(self._jobs) == 1 else 's'}"
        answers.append(Button(plain(f"Also take its {count} off"), id="with-jobs", compact=True))
        told = [f"  {name}" for name in self._jobs[:_MOST_NAMES]]
        if more := and_more(len(self._jobs) - _MOST_NAMES):
            told.append(f"  {more}")
        stay = f"It has {count} on the board; they stay there as they last were, if they are not taken off:"
        return [words(stay), words("\n".join(told)), Horizontal(*answers)]

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        answers = {"remove": False, "with-jobs": True}
        self.dismiss(answers.get(event.button.id or ""))


def _needs(form: ConnectionForm) -> str:
    """What one has to have at hand."""
    needed = [secret.name for secret in form.secrets if secret.required]
    return ", ".join(needed) or " or ".join(secret.name for secret in form.secrets)
