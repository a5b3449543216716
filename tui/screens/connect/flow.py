"""From one dialog to the next: adding, changing, testing and removing connections, and entering their secrets."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from textual.app import App

from tui.clock import Clock
from tui.engine.door import Door
from tui.engine.facts.connections import ConnectionDraft, ConnectionFacts, ConnectionForm
from tui.errors import JobdeckError
from tui.model import Condition, ConnectionHealth
from tui.screens.connect.check import CheckDialog, Next
from tui.screens.connect.choose import RemoveDialog, VendorDialog
from tui.screens.connect.facts_text import missing
from tui.screens.connect.form import FormDialog, Saved
from tui.screens.connect.form_rows import Filling
from tui.screens.connect.prompt import SecretDialog, UnlockDialog
from tui.screens.desk import Desk
from tui.widgets.glyphs import Glyphs
from tui.widgets.waiting import granted

T = TypeVar("T")


class Connecting:
    """What is done with connections, for whatever screen it is asked from.

    Every method runs in a worker, since it waits for dialogs, and gives back what to tell: None for nothing.
    """

    def __init__(
        self, app: App[int], door: Door, desk: Desk, glyphs: Glyphs, clock: Clock, *, take_news: Callable[[], None]
    ) -> None:
        """`take_news` brings the desk up to date with what the engine has told."""
        self._app = app
        self._door = door
        self._desk = desk
        self._glyphs = glyphs
        self._clock = clock
        self._take_news = take_news
        self._with_one: Mapping[str, Callable[[ConnectionFacts], Coroutine[None, None, str | None]]] = {
            "edit_connection": self._edit,
            "rename_connection": self._rename,
            "copy_connection": self._copy,
            "remove_connection": self._remove,
            "test_connection": lambda facts: self._test(facts.name),
            "enter_secret": self._enter_secret,
            "log_out": self._log_out,
            "pause_connection": lambda facts: self.pause(facts.name),
        }

    @property
    def names(self) -> list[str]:
        """The connections that the board has heard of."""
        return list(self._desk.connections)

    def health(self, name: str) -> ConnectionHealth | None:
        """How a connection is doing."""
        return self._desk.connections.get(name)

    def next_ask(self, name: str) -> datetime | None:
        """When a connection is next asked for one of its jobs."""
        return self._desk.next_ask(name)

    async def do(self, action: str, facts: ConnectionFacts | None) -> str | None:
        """Carry out an action of the list."""
        if action == "unlock_keyring":
            return await self._unlock()
        if facts is None or action == "add_connection":
            return await self.add()
        return await self._with_one[action](facts)

    async def add(self, text: str = "") -> str | None:
        """Make a connection; from a pasted text what it tells of one is filled in."""
        drafts = self._door.drafts_for(text) if text else ()
        forms = {form.vendor: form for form in self._door.connection_forms()}
        offered = [forms[draft.vendor] for draft in drafts] or list(forms.values())
        form: ConnectionForm | None = offered[0]
        if len(offered) > 1:
            why = "Which vendor is it of?" if drafts else "Which vendor? The secrets it needs stand at the right."
            form = await self._app.push_screen_wait(VendorDialog(offered, self._glyphs, why=why))
        if form is None:
            return None
        draft = next((one for one in drafts if one.vendor == form.vendor), ConnectionDraft("", form.vendor, ()))
        draft = replace(draft, name=await self._free_name(form.vendor))
        return await self._fill(form, Filling(draft, focus="name"))

    async def missing_secret(self) -> str | None:
        """Enter the secrets of the first connection that was refused, or that lacks one."""
        facts = await self._facts()
        refused = [one for one in facts if self._is_refused(one.name)]
        lacking = [one for one in facts if missing(one)]
        for one in [*refused, *lacking][:1]:
            return await self._enter_secret(one)
        return "no connection lacks a secret" if facts else None

    def _is_refused(self, name: str) -> bool:
        health = self.health(name)
        return health is not None and health.condition is Condition.REFUSED

    async def _edit(self, facts: ConnectionFacts, focus: str = "base_url") -> str | None:
        return await self._fill(self._form_of(facts), self._filling(facts, focus))

    async def _rename(self, facts: ConnectionFacts) -> str | None:
        return await self._edit(facts, "name")

    async def _copy(self, facts: ConnectionFacts) -> str | None:
        draft = ConnectionDraft(await self._free_name(facts.name), facts.vendor, facts.settings)
        return await self._fill(self._form_of(facts), Filling(draft))

    def _form_of(self, facts: ConnectionFacts) -> ConnectionForm:
        return next(form for form in self._door.connection_forms() if form.vendor == facts.vendor)

    @staticmethod
    def _filling(facts: ConnectionFacts, focus: str) -> Filling:
        kept = {secret.field: f"kept: {secret.source}" for secret in facts.secrets if secret.source is not None}
        return Filling(ConnectionDraft(facts.name, facts.vendor, facts.settings), facts.name, kept, focus)

    async def _fill(self, form: ConnectionForm, filling: Filling) -> str | None:
        """Show the form; what was saved is tested at once."""
        dialog = FormDialog(self._door, form, filling, self._glyphs, self._clock)
        saved: Saved | None = await self._app.push_screen_wait(dialog)
        if saved is None:
            return None
        told = await self._test(saved.name, saved.told)
        return f"{saved.name} is saved{f'; {told}' if told else ''}"

    async def _test(self, name: str, told: str = "") -> str | None:
        """Test a connection; goes on with what the user wants then."""
        dialog = CheckDialog(self._door, name, self._glyphs, self._clock, told=told)
        wanted: Next | None = await self._app.push_screen_wait(dialog)
        facts = next((one for one in await self._facts() if one.name == name), None)
        if wanted is None or facts is None:
            return f"its test stops at: {dialog.stopped_at}" if dialog.stopped_at else None
        return await self._with_one[wanted.value](facts)

    async def _enter_secret(self, facts: ConnectionFacts) -> str | None:
        trouble = await self._ask(self._door.keyring_state())
        health = self.health(facts.name)
        why = (health.message or "") if health is not None and self._is_refused(facts.name) else ""
        dialog = SecretDialog(self._door, facts, self._glyphs, self._clock, trouble=trouble, why=why)
        return await self._app.push_screen_wait(dialog)

    async def _remove(self, facts: ConnectionFacts) -> str | None:
        jobs = [job.title for job in self._desk.jobs.values() if job.connection == facts.name]
        with_jobs = await self._app.push_screen_wait(RemoveDialog(facts.name, jobs, self._glyphs))
        if with_jobs is None:
            return None
        removed = self._door.remove_connection(facts.name, with_jobs=with_jobs)
        return await self._told(removed, str)

    async def _log_out(self, facts: ConnectionFacts) -> str | None:
        done = f"{facts.name} is logged out; the next ask logs in anew"
        return await self._told(self._door.log_out(facts.name), lambda _: done)

    async def pause(self, name: str) -> str:
        """Ask nothing on a connection from now on, or ask on."""
        health = self.health(name)
        on = health is None or health.condition is not Condition.PAUSED
        told = f"asking {name} is paused for this run; its downloads go on" if on else f"{name} is asked again"
        return await self._told(self._door.pause_connection(name, on=on), lambda _: told)

    async def _unlock(self) -> str | None:
        trouble = await self._ask(self._door.keyring_state())
        if trouble is None:
            return "the keyring is open"
        return await self._app.push_screen_wait(UnlockDialog(self._door, self._glyphs, self._clock, trouble=trouble))

    async def _free_name(self, wanted: str) -> str:
        taken = {facts.name for facts in await self._facts()}
        numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
        return wanted if wanted not in taken else next(name for name in numbered if name not in taken)

    async def _facts(self) -> Sequence[ConnectionFacts]:
        return await self._ask(self._door.connections()) or ()

    async def _ask(self, future: Future[T]) -> T | None:
        try:
            return await granted(future)
        except JobdeckError as error:
            self._app.notify(error.told, severity="warning", markup=False, timeout=8)
            return None

    async def _told(self, future: Future[T], done: Callable[[T], str]) -> str:
        """What to tell of a wish: why not, or what `done` makes of its answer."""
        try:
            answer = await granted(future)
        except JobdeckError as error:
            return f"{error.message}; {error.hint}" if error.hint else error.message
        self._take_news()
        return done(answer)
