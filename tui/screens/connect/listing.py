"""The connections: how each is doing, where its secrets are found, and everything that can be done with it."""

from __future__ import annotations

from textual import on
from textual.widget import Widget

from tui.clock import Clock
from tui.engine.door import Door
from tui.engine.facts.connections import ConnectionFacts
from tui.engine.secrets.secret_service import LOCKED
from tui.errors import JobdeckError
from tui.screens.connect.facts_text import connection_lines, keyring_lines
from tui.screens.connect.flow import Connecting
from tui.screens.connect.lines import ConnectionLines
from tui.screens.dialog import Dialog
from tui.screens.help import HelpDialog
from tui.screens.says import Says
from tui.widgets.actions import SPECS, Keys, Place, Spec, bindings
from tui.widgets.footer import footer_line
from tui.widgets.glyphs import Glyphs
from tui.widgets.lines import Line
from tui.widgets.status import Status
from tui.widgets.textview import TextView
from tui.widgets.waiting import granted

_IN_A_ROW = 5
"""How many keys stand in the footer's first row."""

_WITHOUT_ONE = frozenset({"add_connection", "unlock_keyring"})
"""What is done with no connection in particular."""

_TICK = 2.0
"""Seconds between two looks at how the connections are doing."""


class ConnectionsDialog(Dialog[None]):
    """The list. What is done with a connection is asked of `Connecting`, by the action's name and its facts."""

    BINDINGS = [("question_mark,f1", "help", "Help"), *bindings(Place.CONNECTIONS)]  # noqa: RUF012  # Textual's own form

    AUTO_FOCUS = "#facts"

    DEFAULT_CSS = """
    ConnectionsDialog > .box { width: 100; height: 90%; max-height: 34; }
    ConnectionsDialog .title { margin-bottom: 0; }
    ConnectionsDialog #known { height: 1fr; margin-top: 1; background: $surface; }
    ConnectionsDialog #says { margin-top: 0; }
    ConnectionsDialog #keys { height: 2; background: $surface; }
    """

    def __init__(
        self,
        door: Door,
        connecting: Connecting,
        keys: Keys,
        glyphs: Glyphs,
        clock: Clock,
    ) -> None:
        super().__init__("Connections", glyphs)
        self.door = door
        self._connecting = connecting
        self._keys = keys
        self._clock = clock
        self._trouble: str | None = None
        self._wished: tuple[str, str] | None = None
        """An action and its connection, typed ahead of the facts they need; no other key counts until then."""
        self._is_doing = False
        """Whether an action is under way, also while its dialog is still to come."""
        self._list = ConnectionLines(connecting.names, glyphs, connecting.health, clock)
        self._known = TextView(glyphs, id="known")
        self._says = Says("Enter edits, Tab goes to what is known of it, Escape closes.", clock, glyphs)
        self._footer = Status(glyphs, id="keys")

    def inside(self) -> list[Widget]:
        """The list, what is known of the one under the cursor, and the keys."""
        return [self._list, self._known, self._says, self._footer]

    def on_mount(self) -> None:
        """Follow how the connections are doing."""
        self.set_interval(_TICK, self.tick)

    def on_screen_resume(self) -> None:
        """At the start, and when a dialog above has closed: ask anew what is there."""
        self._loading = self.run_worker(self.load(), exclusive=True)

    async def load(self) -> None:
        """Ask what connections there are, where their secrets are found, and whether the keyring can be used."""
        try:
            facts = await granted(self.door.connections())
            self._list.fill(facts)
            self.tick()
            self._do_wished()
            self._trouble = await granted(self.door.keyring_state())
        except JobdeckError as error:
            self._wished = None
            self._says.tell(error.told, wrong=True)
        self.tick()

    @property
    def current(self) -> ConnectionFacts | None:
        """The connection under the cursor."""
        facts, name = self._list.facts, self._list.cursor
        return facts.get(name) if facts is not None and name is not None else None

    @on(ConnectionLines.Moved)
    def tick(self) -> None:
        """Time has passed, or another connection is meant."""
        for name in self._list.keys_in_view():
            self._list.repaint(name)
        self._known.show(self._lines)
        specs, width = self._specs(), self._footer.size.width
        rows = (specs[:_IN_A_ROW], specs[_IN_A_ROW:])
        self._footer.say(*(footer_line(row, self._keys, width, self._reason, self.glyphs) for row in rows))

    def on_resize(self) -> None:
        """The keys that fit."""
        self.call_after_refresh(self.tick)

    def _lines(self, width: int) -> list[Line]:
        keyring = keyring_lines(self._trouble, width)
        facts = self.current
        if facts is None:
            return keyring
        health, next_ask = self._connecting.health(facts.name), self._connecting.next_ask(facts.name)
        return [*keyring, *connection_lines(facts, health, next_ask, self._clock.now(), width, self.glyphs)]

    def _reason(self, spec: Spec) -> str | None:
        return self.why_not(spec.name) if spec.place is Place.CONNECTIONS else None

    def _specs(self) -> list[Spec]:
        hidden = set() if self._trouble == LOCKED else {"unlock_keyring"}
        return [spec for spec in SPECS if spec.place is Place.CONNECTIONS and spec.name not in hidden]

    def why_not(self, name: str) -> str | None:
        """Why an action cannot be done now; None when it can."""
        if name == "unlock_keyring":
            return None if self._trouble == LOCKED else "the keyring is not locked"
        if name != "add_connection" and self._list.cursor is None:
            return "there is no connection"
        return None

    @on(ConnectionLines.Chosen)
    async def _edit(self) -> None:
        await self.action_run("edit_connection")

    async def action_run(self, name: str) -> None:
        """Carry out an action of this place by its name."""
        reason = self.why_not(name)
        if self._wished is not None:
            return
        if reason is not None:
            self._says.tell(f"{name.partition('_')[0]}: {reason}", wrong=True)
        elif self._list.facts is None and self._list.cursor is not None and name not in _WITHOUT_ONE:
            self._wished = (name, self._list.cursor)
            if self._loading.is_finished:  # it failed
                self.on_screen_resume()
        elif not self._says.is_waiting:
            self._begin(name, self.current)

    def _do_wished(self) -> None:
        wished, self._wished = self._wished, None
        if wished is not None and self._list.facts is not None and wished[1] in self._list.facts:
            self._begin(wished[0], self._list.facts[wished[1]])

    def _begin(self, name: str, facts: ConnectionFacts | None) -> None:
        if not self._is_doing:
            self._is_doing = True
            self.app.run_worker(self._do(name, facts))

    async def _do(self, name: str, facts: ConnectionFacts | None) -> None:
        try:
            told = await self._connecting.do(name, facts)
        finally:
            self._is_doing = False
        if told is not None and self.is_attached:
            self._says.tell(told)
            await self.load()

    def action_help(self) -> None:
        """The keys of this place."""
        self.app.push_screen(HelpDialog((Place.CONNECTIONS, Place.LIST), self._keys, self._reason, self.glyphs))
