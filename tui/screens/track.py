"""The track dialog: paste anything that names a job."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import Future

from textual import events, on
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from tui.engine.door import Door
from tui.engine.facts.jobs import CutOff, TrackWish
from tui.errors import JobdeckError
from tui.model import Job
from tui.redact import redact
from tui.screens.dialog import Dialog, words
from tui.widgets.glyphs import Glyphs
from tui.widgets.plain import plain
from tui.widgets.waiting import granted

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s\"']+")


def _harmless(text: str) -> str:
    """A pasted text in one line without what may be a secret; of a curl command only its address is told."""
    told = " ".join(redact(text).split())
    if not told.startswith("curl "):
        return told
    url = _URL.search(told)
    return f"curl {url[0] if url else ''} (its headers and its body are read, not shown)"


class PasteField(Input):
    """One line that takes a text of many lines. What may be a secret in it is never shown, but kept to be read."""

    def __init__(self, text: str = "", *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(placeholder="id, URL, curl command or JSON", select_on_focus=False, id=id)
        self.cursor_blink = False
        self._pasted = ""
        self._shown = ""
        if text:
            self.take(text)

    @property
    def text(self) -> str:
        """The pasted text whole, or what was typed instead."""
        return self._pasted if self._pasted and self.value == self._shown else self.value

    def take(self, text: str) -> None:
        """Take a pasted text in place of what was there."""
        self._pasted = text.strip()
        self._shown = _harmless(self._pasted)
        self.value = self._shown
        self.cursor_position = len(self.value)

    def _on_paste(self, event: events.Paste) -> None:
        """A paste replaces the text."""
        event.stop()
        event.prevent_default()
        if event.text.strip():
            self.take(event.text)


class TrackDialog(Dialog[Job]):
    """Asks the engine to track what was pasted; an error is told here and the text stays."""

    AUTO_FOCUS = "#text"

    DEFAULT_CSS = """
    TrackDialog .label { color: $text-muted; }
    TrackDialog:ansi .label { color: ansi_default; }
    TrackDialog #says { margin-top: 1; }
    TrackDialog #cut { margin-top: 1; display: none; height: auto; }
    TrackDialog #keep { display: none; }
    TrackDialog.-cut #cut { display: block; }
    TrackDialog.-offers #keep { display: block; }
    """

    def __init__(self, door: Door, connections: Sequence[str], glyphs: Glyphs, *, text: str, connection: str) -> None:
        super().__init__("Track a job", glyphs)
        self.door = door
        self._connections = connections
        self._text = text
        self._connection = connection
        self._waiting = False
        self._asked: Future[Job] | None = None
        self._cut: CutOff | None = None

    def inside(self) -> list[Widget]:
        """The four fields, a line for credentials that were in the text, and one for what is wrong."""
        return [
            words("What names it", classes="label"),
            PasteField(self._text, id="text"),
            words("Connection, where the text does not tell", classes="label"),
            self._field("connection", SuggestFromList(self._connections, case_sensitive=False), self._connection),
            words("Title, if you want your own", classes="label"),
            self._field("title"),
            words("Outputs that the vendor does not name, e.g. BUCKET/KEY", classes="label"),
            self._field("outputs"),
            words("", id="cut"),
            Button("", id="keep", compact=True),
            words("Enter tracks it, Tab goes on, Escape closes.", id="says", classes="hint"),
        ]

    def _field(self, name: str, suggester: SuggestFromList | None = None, value: str = "") -> Input:
        known = "" if suggester is None else ", ".join(self._connections)
        field = Input(value, id=name, suggester=suggester, select_on_focus=False, placeholder=known)
        field.cursor_blink = False
        return field

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        text = self.query_one(PasteField).text.strip()
        if not text:
            self._say("Paste or type what names the job first.", wrong=True)
            return
        if self._waiting:
            return
        self._waiting = True
        self._say("Asking the vendor once …" if self.glyphs.ellipsis == "…" else "Asking the vendor once ...")
        self.outlast(self._track(self._wish()))

    def _wish(self) -> TrackWish:
        return TrackWish(
            text=self.query_one(PasteField).text.strip(),
            connection=self._value("connection") or None,
            title=self._value("title") or None,
            outputs=tuple(self._value("outputs").split()),
        )

    def on_mount(self) -> None:
        """A text may be there already."""
        self._look()

    @on(Input.Changed)
    def _look(self) -> None:
        """Say that credentials are cut off, and offer to keep them."""
        cut = self.door.cut_off(self._wish())
        if cut == self._cut:
            return
        self._cut = cut
        self.set_class(cut is not None, "-cut")
        self.set_class(cut is not None and bool(cut.fields), "-offers")
        if cut is None:
            return
        self._say_of_cut(f"Credentials in it are cut off; {cut.why_not or 'they are not stored'}.")
        accounts = ", ".join(f"{cut.connection}/{field}" for field in cut.fields)
        self.query_one("#keep", Button).label = plain(f"Keep {accounts} in the keyring")

    @on(Button.Pressed, "#keep")
    def _kept(self) -> None:
        self.query_one("#text", PasteField).focus()
        self.remove_class("-offers")
        self._say_of_cut("Keeping them ...")
        self.outlast(self._keep(self._wish()))

    async def _keep(self, wish: TrackWish) -> None:
        try:
            told = await granted(self.door.keep(wish))
        except JobdeckError as error:
            told = error.told
            self.add_class("-offers")
        if self.is_attached:
            self._say_of_cut(told)
        else:
            self.app.notify(told, markup=False)

    def _say_of_cut(self, text: str) -> None:
        self.query_one("#cut", Static).update(words(text).content)

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    async def _track(self, wish: TrackWish) -> None:
        try:
            self._asked = self.door.track(wish)
            job = await granted(self._asked)
        except JobdeckError as error:
            self._waiting = False
            told = error.told
            if self.is_attached:
                self._say(told, wrong=True)
            else:
                self.app.notify(told, severity="warning", markup=False, timeout=8)
            return
        self.end(job, f"tracking {job.title}")

    def action_close(self) -> None:
        """Call back the question that is under way, then close."""
        if not (self._waiting and self._asked is not None and self._asked.cancel()):
            super().action_close()

    def _say(self, text: str, *, wrong: bool = False) -> None:
        says = self.query_one("#says", Static)
        says.set_class(wrong, "wrong")
        says.set_class(not wrong, "hint")
        says.update(words(text).content)
