"""Links that need another program: handed to it, or copied, on the user's word. Their tokens are asked for anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tui.engine.board import Board
from tui.engine.contacts import Contacts
from tui.engine.facts.jobs import ToCopy
from tui.engine.hand_over import command_line, fetcher_of, hand_over
from tui.errors import UsageError
from tui.model import JobKey, OutputKind, Safe, Secret
from tui.text import safe_line
from tui.vendors.contract import HandsOver, Reveals


class Links:
    """The `link` outputs of jobs. Coroutines raise JobdeckErrors; what is done stands in the job's history."""

    def __init__(
        self, board: Board, contacts: Contacts, environ: Mapping[str, str], usual_folder: Callable[[], Path]
    ) -> None:
        """`usual_folder` is where files go when no folder is named."""
        self._board = board
        self._contacts = contacts
        self._environ = environ
        self._usual_folder = usual_folder

    async def hand_over(self, key: JobKey, name: str, folder: Path | None = None) -> Safe:
        """Have another program fetch a link, or save it privately; returns what was done."""
        vendor, link = await self._link(key, name)
        if program := fetcher_of(vendor, self._environ):
            await self._board.note(key, "handed over", f"{name}: {program} is started")
        done = await hand_over(vendor, link, name, folder or self._usual_folder(), self._environ)
        await self._board.note(key, "handed over", done)
        return safe_line(done, 5000)

    async def command(self, key: JobKey, name: str, folder: Path | None = None) -> ToCopy:
        """The command that fetches a link, its token included, for a user who asked for it."""
        vendor, link = await self._link(key, name)
        copied = command_line(vendor, link, folder or self._usual_folder())
        await self._board.note(key, "handed over", f"{name}: {copied.what} was asked for, to be copied")
        return copied

    async def address(self, key: JobKey, name: str) -> ToCopy:
        """The address of a link, its token included, for a user who asked for it."""
        _, link = await self._link(key, name)
        await self._board.note(key, "link", f"{name}: the link was asked for, to be copied")
        return ToCopy(link, safe_line(f"the link {name}"))

    async def _link(self, key: JobKey, name: str) -> tuple[HandsOver, Secret]:
        job = self._board.job(key)
        output = next((one for one in job.snapshot.outputs if one.name == name and one.kind is OutputKind.LINK), None)
        if output is None:
            raise UsageError(f"{job.title} has no link named {name}")
        vendor, session = await self._contacts.of(job.connection)
        if not (isinstance(vendor, HandsOver) and isinstance(vendor, Reveals)):
            raise UsageError(f"{vendor.label} hands no links over")
        return vendor, Secret(await vendor.reveal(session, job.ref, output))
