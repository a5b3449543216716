"""Entering what must not be seen: a connection's secrets, and the keyring's password."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input

from tui.clock import Clock
from tui.engine.door import Door
from tui.engine.facts.connections import ConnectionFacts, SecretFact
from tui.errors import JobdeckError
from tui.model import Secret
from tui.screens.connect.fields import MOVES, ChoiceField, SecretInput
from tui.screens.connect.masked import MaskedDialog
from tui.screens.dialog import words
from tui.screens.says import Says
from tui.widgets.glyphs import Glyphs
from tui.widgets.plain import plain
from tui.widgets.waiting import granted

_KEYRING, _THIS_RUN = "in the keyring", "for this run"
_HINT = "Enter keeps it, Tab goes on, Escape closes. Nothing typed here is ever shown."


class SecretDialog(MaskedDialog[str | None]):
    """Keeps what is entered; the answer says where it went. `trouble` is why there is no keyring, None where there is.

    `why` is what the connection has been told by its vendor.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*MOVES]

    DEFAULT_CSS = """
    SecretDialog .row { height: 1; }
    SecretDialog .row .label { width: 18; color: $text-muted; }
    SecretDialog:ansi .row .label { color: ansi_default; }
    SecretDialog .row Input { width: 1fr; }
    SecretDialog .note { height: auto; color: $text-muted; }
    SecretDialog:ansi .note { color: ansi_default; }
    SecretDialog #keep-row { margin-top: 1; }
    """

    def __init__(
        self, door: Door, facts: ConnectionFacts, glyphs: Glyphs, clock: Clock, *, trouble: str | None, why: str = ""
    ) -> None:
        super().__init__(f"Secrets of {facts.name}", glyphs)
        self.door = door
        self._facts = facts
        self._trouble = trouble
        self._why = why
        self._says = Says(_HINT, clock, glyphs)
        self._keep = ChoiceField(
            (_THIS_RUN,) if trouble else (_KEYRING, _THIS_RUN), _THIS_RUN if trouble else _KEYRING, glyphs, id="keep"
        )

    def inside(self) -> list[Widget]:
        """A masked line for each secret, and where it is to be kept."""
        why = [words(self._why, classes="wrong")] if self._why else []
        trouble = [words(f"{self._trouble}.", classes="note")] if self._trouble else []
        keep = Horizontal(words("kept", classes="label"), self._keep, classes="row", id="keep-row")
        return [*why, *self._rows(), keep, *trouble, self._says, Button(plain("Keep it"), id="save", compact=True)]

    def _rows(self) -> Iterator[Widget]:
        for secret in self._facts.secrets:
            masked = SecretInput(self.glyphs, id=f"secret-{secret.field}", placeholder=_standing(secret))
            masked.disabled = secret.is_given
            label = f"{secret.field}{' *' if secret.required else ''}"
            yield Horizontal(words(label, classes="label"), masked, classes="row")

    def on_mount(self) -> None:
        """Begin with what is missing, else with the first that can be entered."""
        able = [secret for secret in self._facts.secrets if not secret.is_given]
        missing = [secret for secret in able if secret.required and secret.source is None]
        for secret in [*missing, *able][:1]:
            self.query_one(f"#secret-{secret.field}").focus()

    @on(Input.Submitted)
    @on(Button.Pressed)
    def _keep_them(self) -> None:
        """Keep what was entered, unless it is under way already."""
        if self._says.is_waiting:
            return
        typed = [
            (secret.field, value)
            for secret in self._facts.secrets
            if (value := self.query_one(f"#secret-{secret.field}", SecretInput).value)
        ]
        if not typed:
            self._says.tell("Type or paste a secret first.", wrong=True)
            return
        self.outlast(self._send([(name, Secret(value)) for name, value in typed]))

    async def _send(self, secrets: list[tuple[str, Secret]]) -> None:
        only_this_run = self._keep.value == _THIS_RUN
        told: list[str] = []
        for name, secret in secrets:
            kept = self.door.keep_secret(self._facts.name, name, secret, only_this_run=only_this_run)
            said = await self._says.follow(kept, f"Keeping {name}")
            if said is None:
                return
            told.append(said)
        self.end("; ".join(told), "; ".join(told))


def _standing(secret: SecretFact) -> str:
    if secret.is_given:
        return f"comes from the {secret.source}, which wins over what is typed"
    if secret.source is not None:
        return f"now: {secret.source}"
    return "not found" if secret.required else "not set"


class UnlockDialog(MaskedDialog[str | None]):
    """Unlocks the keyring; the answer says so. A wrong password is told here and can be typed anew."""

    AUTO_FOCUS = "#password"

    DEFAULT_CSS = """
    UnlockDialog .note { height: auto; margin-bottom: 1; }
    """

    def __init__(self, door: Door, glyphs: Glyphs, clock: Clock, *, trouble: str) -> None:
        super().__init__("Unlock the keyring", glyphs)
        self.door = door
        self._trouble = trouble
        self._says = Says("Enter unlocks, Escape closes. It goes to the keyring and nowhere else.", clock, glyphs)

    def inside(self) -> list[Widget]:
        """The trouble and one masked line."""
        return [
            words(f"{self._trouble}.", classes="note"),
            SecretInput(self.glyphs, id="password", placeholder="the keyring's password, mostly that of your login"),
            self._says,
        ]

    @on(Input.Submitted)
    def _unlock(self) -> None:
        """Try it, once for each Enter."""
        masked = self.query_one("#password", SecretInput)
        if self._says.is_waiting or not masked.value:
            return
        self.outlast(self._try(Secret(masked.value)))

    async def _try(self, password: Secret) -> None:
        await self._says.follow(self.door.unlock_keyring(password), "Unlocking the keyring")
        try:
            trouble = await granted(self.door.keyring_state())
        except JobdeckError as error:
            trouble = error.message
            if self.is_attached:
                self._says.tell(trouble, wrong=True)
        if trouble is None:
            self.end("the keyring is open", "the keyring is open")
        elif self.is_attached:
            self.query_one("#password", SecretInput).value = ""
