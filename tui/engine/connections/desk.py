"""Connections added, changed, renamed, paused and removed by the user, with their secrets and jobs."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tui import vendors
from tui.clock import Clock
from tui.config import Config
from tui.config import edit as config_edit
from tui.config.draft import changes_of, refuse_wrong, settings_of
from tui.engine.board import Board
from tui.engine.connections.drafting import drafts_for, mistakes_in
from tui.engine.connections.facts import facts_of
from tui.engine.connections.live_config import LiveConfig
from tui.engine.connections.move_parts import move_parts
from tui.engine.facts.connections import ConnectionDraft, ConnectionFacts, Mistake
from tui.engine.pasting.paste import read_paste
from tui.engine.polling.poller import Poller
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keeping import LONGEST_TOLD, SecretKeeper, refuse_wrong_secrets
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.wire.sessions import Sessions
from tui.errors import JobdeckError, UsageError
from tui.model import JobKey, Safe
from tui.text import safe_line
from tui.vendors.contract import Vendor


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the desk works with.

    `config` gives the one in force, `obey` has one obeyed. `revive` has a refused connection tried once more.
    """

    live: LiveConfig
    config: Callable[[], Config]
    clock: Clock
    board: Board
    poller: Poller
    sessions: Sessions
    finder: SecretFinder
    keyring: GuardedKeyring
    keeper: SecretKeeper
    obey: Callable[[Config], Awaitable[None]]
    revive: Callable[[str], Awaitable[None]]


class ConnectionDesk:
    """Coroutines raise JobdeckErrors; what raised changed nothing, unless its text says so."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._one_at_a_time = asyncio.Lock()

    async def facts(self) -> tuple[ConnectionFacts, ...]:
        """All connections, in the order of config.toml."""
        rooms = self._rooms
        text = await rooms.live.text()
        counts: dict[str, int] = {}
        for job in rooms.board.jobs.values():
            counts[job.connection] = counts.get(job.connection, 0) + 1
        found = []
        for name, connection in tuple(rooms.config().connections.items()):
            table = config_edit.tables(text).get(name, {})
            left = rooms.sessions.requests_left(connection)
            jobs = counts.get(name, 0)
            facts = facts_of(connection, table, rooms.finder, rooms.keyring, jobs=jobs, requests_left=left)
            found.append(await facts)
        return tuple(found)

    async def vendor_of(self, name: str) -> str:
        """The vendor that a connection names in config.toml, which need not be right. Raises UsageError."""
        return str(config_edit.connection_table(await self._rooms.live.text(), name).get("vendor", ""))

    async def save(self, draft: ConnectionDraft, replaces: str | None = None) -> Safe:
        """Add a connection, or change or rename one; says where each of its secrets went."""
        vendor = _vendor_of(draft)
        refuse_wrong_secrets(vendor, draft.secrets)
        async with self._one_at_a_time:
            if replaces is None:
                await self._add(draft)
                told = [f"{draft.name} is written to config.toml", *await self._keep_secrets_of(draft)]
            else:
                told = await self._change(draft, replaces)
            if draft.secrets:
                await self._rooms.revive(draft.name)
        return safe_line("; ".join(told), LONGEST_TOLD)

    async def rename(self, old: str, new: str) -> Safe:
        """Give a connection another name; says what the user has to know."""
        async with self._one_at_a_time:
            told = await self._rename(old, new)
        return safe_line("; ".join([f"{old} is called {new} now", *told]), LONGEST_TOLD)

    async def remove(self, name: str, *, with_jobs: bool) -> Safe:
        """Take a connection out of config.toml and its secrets out of the keyring; says so, and what stays there."""
        rooms = self._rooms
        async with self._one_at_a_time:
            connection = rooms.config().connection(name)
            await rooms.live.change(lambda text: config_edit.without_connection(text, name))
            rooms.finder.forget(name)
            left = await rooms.keeper.take_out(connection)
            if with_jobs:
                await rooms.board.remove([key for key, job in rooms.board.jobs.items() if job.connection == name])
        held = "" if left or rooms.keyring.trouble else ", and what the keyring held of it"
        return safe_line("; ".join([f"{name} is removed{held}", *left]), LONGEST_TOLD)

    def mistakes_in(self, draft: ConnectionDraft, replaces: str | None = None) -> tuple[Mistake, ...]:
        """What is wrong in a draft, by the rules of config.toml; empty when it can be saved."""
        return mistakes_in(draft, [name for name in self._rooms.config().connections if name != replaces])

    def drafts_for(self, text: str) -> tuple[ConnectionDraft, ...]:
        """What a pasted text tells of the connection that its job needs; empty for nothing."""
        try:
            return drafts_for(read_paste(text, self._rooms.clock.now()), text)
        except UsageError:
            return ()

    def pause(self, name: str, *, on: bool) -> None:
        """Ask nothing on a connection in this run, or ask on; its downloads go on. Raises ConfigError."""
        self._rooms.poller.pause(self._rooms.config().connection(name).name, on=on)

    async def _add(self, draft: ConnectionDraft) -> None:
        refuse_wrong(draft.name, draft.vendor, draft.settings)

        def edit(text: str) -> str:
            values = changes_of({}, draft.settings).items()
            table = {"vendor": draft.vendor} | {key: value for key, value in values if value is not None}
            return config_edit.with_connection(text, draft.name, table)

        await self._rooms.live.change(edit)

    async def _change(self, draft: ConnectionDraft, replaces: str) -> list[str]:
        """Change and rename it; new secrets are kept first, so that the old ones are not sent once more."""

        def edit(text: str) -> str:
            table = config_edit.connection_table(text, draft.name)
            if table.get("vendor") != draft.vendor:
                raise UsageError(
                    f"{draft.name} is a connection of {table.get('vendor')}: that cannot be changed",
                    hint="add another connection for the other vendor",
                )
            refuse_wrong(draft.name, draft.vendor, {**dict(settings_of(table)), **dict(draft.settings)}.items())
            return config_edit.with_settings(text, draft.name, changes_of(table, draft.settings))

        told: list[str] = []
        if replaces == draft.name:
            await self._rooms.live.check(edit)
        else:
            await self._rooms.live.check(lambda text: edit(config_edit.renamed(text, replaces, draft.name)))
            told = await self._rename(replaces, draft.name)
        told += await self._keep_secrets_of(draft)
        await self._rooms.live.change(edit)
        return [f"{draft.name} is changed in config.toml", *told]

    async def _rename(self, old: str, new: str) -> list[str]:
        rooms = self._rooms
        connection = rooms.config().connection(old)
        moving = [one for one in rooms.board.downloads.values() if _is_of(one.job, old) and one.state.is_moving]
        if moving:
            raise UsageError(f"{len(moving)} of its downloads are moving", hint="pause them first, or wait for them")
        refuse_wrong(new, connection.vendor, settings_of(config_edit.tables(await rooms.live.text()).get(old, {})))

        def edit(text: str) -> str:
            return config_edit.renamed(text, old, new)

        await rooms.live.check(edit)
        told = await rooms.keeper.copy(connection, new)
        await rooms.poller.remove(old)  # nobody may write of its jobs while they change their keys
        rooms.finder.rename(old, new)
        try:
            await rooms.board.rename(old, new)
            await self._or_back(edit, old, new)
        except JobdeckError:
            rooms.finder.rename(new, old)
            await rooms.obey(rooms.config())
            raise
        moved = [one for one in rooms.board.downloads.values() if _is_of(one.job, new)]
        await asyncio.to_thread(move_parts, moved, old)
        return [*told, *await rooms.keeper.take_out(connection)]

    async def _or_back(self, edit: Callable[[str], str], old: str, new: str) -> None:
        """Rename it in config.toml as on the board; where that cannot be, the board goes back."""
        try:
            await self._rooms.live.change(edit)
        except JobdeckError:
            await self._rooms.board.rename(new, old)
            raise

    async def _keep_secrets_of(self, draft: ConnectionDraft) -> tuple[str, ...]:
        if not draft.secrets:
            return ()
        return await self._rooms.keeper.keep(self._rooms.config().connection(draft.name), draft.secrets)


def _vendor_of(draft: ConnectionDraft) -> Vendor:
    if draft.vendor not in vendors.names():
        close = difflib.get_close_matches(draft.vendor, vendors.names(), 1)
        meant = f"; did you mean {close[0]}?" if close else ""
        hint = f"vendors: {', '.join(vendors.names())}"
        raise UsageError(f"there is no vendor named {draft.vendor}{meant}", hint=hint)
    return vendors.load(draft.vendor)


def _is_of(key: JobKey, connection: str) -> bool:
    return key.startswith(f"{connection}:")
