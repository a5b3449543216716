"""The start dialog: a connection, a request body, and the job is started exactly once."""

from __future__ import annotations

from concurrent.futures import Future

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input, TextArea

from tui.clock import Clock
from tui.engine.door import Door
from tui.model import Job, OrderForm
from tui.screens.connections import ConnectionList
from tui.screens.dialog import Dialog, words
from tui.screens.says import Says
from tui.screens.ticks import ticked, toggled
from tui.screens.which import Which
from tui.widgets.glyphs import Glyphs
from tui.widgets.marklist import Item, MarkList
from tui.widgets.plain import plain

_PLAIN = OrderForm("{ ... }")
_HINT = "Tab goes on, ^s starts it, Escape closes."


class StartDialog(Dialog[Future[Job] | None]):
    """Sends the order and stays while it is under way; an error is told here and the text stays.

    The answer is what the engine promised: kept already, or, when the dialog was closed meanwhile, still open.
    `others` names the connections that take no orders.
    """

    BINDINGS = [("ctrl+s", "start", "Start")]  # noqa: RUF012  # Textual's own form

    AUTO_FOCUS = "#connections"

    DEFAULT_CSS = """
    StartDialog > .box { height: 90%; max-height: 36; }
    StartDialog .title { margin-bottom: 0; }
    StartDialog .row { height: 1; }
    StartDialog .row .label { width: 18; }
    StartDialog .label { color: $text-muted; }
    StartDialog:ansi .label { color: ansi_default; }
    StartDialog #contents { height: 2fr; min-height: 2; max-height: 13; }
    StartDialog #body { height: 3fr; min-height: 3; background: $panel; }
    StartDialog #body:focus { background: $primary-muted; }
    StartDialog:nocolor .text-area--cursor { text-style: reverse; }
    StartDialog:nocolor .text-area--placeholder { text-style: dim; }
    StartDialog:ansi .text-area--placeholder { color: ansi_default; text-style: dim; }
    StartDialog #says { margin-top: 0; }
    """

    def __init__(self, door: Door, which: Which, glyphs: Glyphs, clock: Clock) -> None:
        super().__init__("Start a job", glyphs)
        self.door = door
        self._others = which.others
        self._list = ConnectionList(which, glyphs)
        self._contents = MarkList(glyphs, id="contents", note=0)
        self._body = TextArea(id="body", compact=True, highlight_cursor_line=False)
        self._body.cursor_blink = False
        self._says = Says(_HINT, clock, glyphs)
        self._send = Button(plain("Start it"), id="send", compact=True)
        self._future: Future[Job] | None = None

    def inside(self) -> list[Widget]:
        """The fields, from connection to request body; those for some vendors only are hidden until one is chosen."""
        place = self._row("place")
        contents = words("What to export: Space ticks, and writes it below", classes="label", id="contents-label")
        for widget in (place, contents, self._contents):
            widget.display = False
        others = [words(f"No orders from here: {self._others}", classes="label")] if self._others else []
        return [
            self._list,
            *others,
            place,
            self._row("title", "Title"),
            contents,
            self._contents,
            words("Request body (JSON): paste it or write it", classes="label"),
            self._body,
            self._says,
            self._send,
        ]

    def _row(self, name: str, label: str = "") -> Horizontal:
        field = Input(id=name, select_on_focus=False, placeholder="if you want your own" if label else "")
        field.cursor_blink = False
        return Horizontal(words(label, classes="label", id=f"{name}-label"), field, classes="row", id=f"{name}-row")

    def on_mount(self) -> None:
        """Ask what the chosen vendor needs."""
        self._use_form()

    @property
    def _form(self) -> OrderForm:
        return self._list.offer.form or _PLAIN

    @on(MarkList.Moved, "#connections")
    def _use_form(self) -> None:
        form = self._form
        self.query_one("#place-row").display = bool(form.place)
        self.query_one("#place-label").update(plain(form.place))  # type: ignore[attr-defined]  # a Static
        self.query_one("#place", Input).placeholder = form.place_example
        self._body.placeholder = plain(form.example)
        self.query_one("#contents-label").display = bool(form.choices)
        self._contents.display = bool(form.choices)
        self._contents.fill({choice.name: Item(choice.name) for choice in form.choices})
        self._show_ticks()

    # ── the ticks and the text ──

    @on(MarkList.Moved, "#contents")
    def _tell_options(self) -> None:
        """What may be written into the choice under the cursor."""
        chosen = next((choice for choice in self._form.choices if choice.name == self._contents.cursor), None)
        if chosen is not None and self._contents.has_focus and not self._says.is_waiting:
            self._says.tell(f"{chosen.name} takes {', '.join(chosen.options)}; without any it is {{}}.")

    @on(TextArea.Changed)
    def _show_ticks(self) -> None:
        """The text is what counts; the ticks follow it."""
        self._contents.mark(
            {name: None for name in ticked(self._body.text, self._form.wrapper) if name in self._contents.items}
        )

    @on(MarkList.Toggled, "#contents")
    def _tick(self, event: MarkList.Toggled) -> None:
        text = toggled(self._body.text, self._form.wrapper, event.key)
        if text is None:
            self._says.tell("The text below is no JSON object: mend it first, then tick.", wrong=True)
            self._show_ticks()
            return
        self._body.text = text

    # ── sending ──

    @on(MarkList.Chosen)
    @on(Input.Submitted)
    def _on(self) -> None:
        """Enter goes on."""
        self.focus_next()

    @on(Button.Pressed)
    def action_start(self) -> None:
        """Send it, unless it is under way already."""
        if self._future is not None:
            return
        form, offer = self._form, self._list.offer
        place = self.query_one("#place", Input).value.strip() if form.place else ""
        body = self._body.text.strip()
        if form.place and not place:
            self._says.tell(f"{form.place}: it is needed, e.g. {form.place_example}.", wrong=True)
            return
        if form.needs_body and not body:
            self._says.tell("Paste or write the request body first.", wrong=True)
            return
        title = self.query_one("#title", Input).value.strip()
        self._future = self.door.submit(offer.connection, body, place or None, title or None)
        self._send.disabled = True
        self.run_worker(self._wait(self._future, offer.connection))

    async def _wait(self, future: Future[Job], connection: str) -> None:
        job = await self._says.follow(future, f"Sending it to {connection}", unsent=", nothing was sent")
        if job is not None:
            self.dismiss(future)
            return
        self._future = None
        self._send.disabled = False

    def action_close(self) -> None:
        """Call back what is not sent yet, then close; what is sent is told on the board."""
        if not self._says.call_back():
            self.dismiss(self._future)
