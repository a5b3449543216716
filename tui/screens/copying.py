"""What can be copied from the board, and how each text is made; where it went is said in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial

from tui.engine.facts.jobs import Action
from tui.model import Job, Output, OutputKind
from tui.screens import dialogs
from tui.screens.captions import Captioned
from tui.screens.copy_menu import Choice, CopyMenu
from tui.tables import as_csv, as_markdown
from tui.widgets.detail_tabs import Tab
from tui.widgets.textview import TextView


class What(Enum):
    """What can be copied; the value is its key in the menu."""

    ID = "i"
    KEY = "k"
    LINK = "l"
    COMMAND = "c"
    REPORT = "r"
    REPORT_PART = "p"
    ROWS_CSV = "1"
    ROWS_JSON = "2"
    ROWS_MARKDOWN = "3"
    TABLE_CSV = "4"
    TABLE_JSON = "5"
    TABLE_MARKDOWN = "6"


Form = Callable[[Sequence[Job]], str]
"""Makes a text of jobs."""

_ASKED = frozenset({What.LINK, What.COMMAND, What.REPORT})
_OF_TABLE = frozenset({What.TABLE_CSV, What.TABLE_JSON, What.TABLE_MARKDOWN})


@dataclass(frozen=True, slots=True)
class _Text:
    """A text to copy and what it is called."""

    text: str
    name: str
    is_secret: bool = False


class Copying:
    """The action `copy`: asks what, makes the text, sends it on its way."""

    def __init__(self, screen: Captioned) -> None:
        self._screen = screen
        self._wishes = screen.wishes
        self._forms: dict[What, Form] = {
            What.ROWS_CSV: as_csv,
            What.TABLE_CSV: as_csv,
            What.ROWS_MARKDOWN: as_markdown,
            What.TABLE_MARKDOWN: as_markdown,
        }
        if row := screen.options.row_json:
            self._forms |= dict.fromkeys((What.ROWS_JSON, What.TABLE_JSON), partial(_as_json, row))

    async def run(self) -> None:
        """Ask what to copy of the marked jobs or the current one, or of the table, and copy it."""
        screen = self._screen
        jobs, current = screen.table.targets(), screen.current  # another may be current when the menu is closed
        if current is None:
            return
        menu = CopyMenu(_title(jobs), self._choices(jobs, current), screen.glyphs)
        answer: str | None = await screen.app.push_screen_wait(menu)
        made = None if answer is None else await self._made(What(answer), jobs, current)
        if made is not None:
            await self._send(made)

    async def link(self, job: Job, output: Output) -> None:
        """Copy a link, after a yes, since it holds its token."""
        made = await self._link(job, output)
        if made is not None:
            await self._send(made)

    async def put(self, text: str, name: str) -> None:
        """Copy a text that is on the screen."""
        await self._send(_Text(text, name))

    async def _send(self, made: _Text) -> None:
        way = await self._wishes.clipboard.put(made.text, is_secret=made.is_secret)
        self._wishes.say(f"{made.name} {way}", long=True)

    async def command(self, job: Job, output: str) -> None:
        """Copy the command that fetches a link, after a yes, since it holds the token."""
        question = "Copy the command that fetches it? It holds the link's token."
        if await self._sure(question, f"{output}  ({job.title})"):
            asked = self._screen.door.hand_over_command(job.key, output)
            copied = await self._wishes.grant(asked, "", "asking for the link", is_question=True)
            if copied is not None:
                await self._send(_Text(copied.text.reveal(), copied.what, is_secret=True))

    def _choices(self, jobs: Sequence[Job], current: Job) -> list[Choice]:
        some = "The marked rows" if len(jobs) > 1 else "This row"
        no_json = None if What.ROWS_JSON in self._forms else "not from here"
        no_link = None if _link_of(current) else "its vendor gives no link"
        no_report = self._wishes.why_not(Action.REPORT, current)
        no_part = no_report or (None if self._part() else "open the Report first")
        return [
            Choice(What.ID.value, f"The id{_of(jobs)}"),
            Choice(What.KEY.value, f"The key{_of(jobs)}: CONNECTION:ID"),
            Choice(What.COMMAND.value, "A curl command that asks how it stands, without the login"),
            Choice(What.LINK.value, "The link, with its token", no_link),
            Choice(What.REPORT.value, "The report", no_report),
            Choice(What.REPORT_PART.value, "The report: the lines on the screen", no_part),
            Choice(What.ROWS_CSV.value, f"{some} as CSV"),
            Choice(What.ROWS_JSON.value, f"{some} as JSON", no_json),
            Choice(What.ROWS_MARKDOWN.value, f"{some} as Markdown"),
            Choice(What.TABLE_CSV.value, "The table as CSV"),
            Choice(What.TABLE_JSON.value, "The table as JSON", no_json),
            Choice(What.TABLE_MARKDOWN.value, "The table as Markdown"),
        ]

    async def _made(self, what: What, jobs: Sequence[Job], current: Job) -> _Text | None:
        if what in _ASKED:
            return await self._asked(what, current)
        match what:
            case What.ID:
                return _Text("\n".join(job.ref.id for job in jobs), f"the id{_of(jobs)}")
            case What.KEY:
                return _Text("\n".join(job.key for job in jobs), f"the key{_of(jobs)}")
            case What.REPORT_PART:
                return _Text(self._part(), "the part of the report")
            case _:
                return self._rows(what, jobs)

    async def _asked(self, what: What, job: Job) -> _Text | None:
        """What the engine has to be asked for."""
        door, grant = self._screen.door, self._wishes.grant
        if what is What.LINK:
            link = _link_of(job)
            return None if link is None else await self._link(job, link)
        if what is What.COMMAND:
            text, name = await grant(door.status_command(job.key), "", is_question=True), "the curl command"
        else:
            asked = door.report(job.key)
            text, name = await grant(asked, "", "asking for the report", is_question=True), "the report"
        return None if text is None else _Text(text, name)

    def _rows(self, what: What, jobs: Sequence[Job]) -> _Text:
        if what in _OF_TABLE:
            table = self._table()
            return _Text(self._forms[what](table), f"the table of {len(table)} rows")
        return _Text(self._forms[what](jobs), "the row" if len(jobs) == 1 else f"{len(jobs)} rows")

    async def _link(self, job: Job, output: Output) -> _Text | None:
        if not await self._sure("Copy the link? It holds its token.", f"{output.name}  ({job.title})"):
            return None
        asked = self._screen.door.link(job.key, output.name)
        copied = await self._wishes.grant(asked, "", "asking for the link", is_question=True)
        return None if copied is None else _Text(copied.text.reveal(), copied.what, is_secret=True)

    def _table(self) -> list[Job]:
        """The jobs of the table as it is shown."""
        table = self._screen.table
        return [job for key in table.keys if (job := table.job(key)) is not None]

    def _part(self) -> str:
        """The report's lines on the screen; empty while it is not open."""
        if self._screen.detail.tab is not Tab.REPORT:
            return ""
        view = self._screen.detail.query_one("#detail-text", TextView)
        lines = [view.render_line(y).text.rstrip() for y in range(view.size.height)]
        return "\n".join(lines).strip("\n") + "\n"

    async def _sure(self, question: str, name: str) -> bool:
        dialog = dialogs.Confirm(question, [name], yes="Copy it", glyphs=self._screen.glyphs)
        return await self._screen.app.push_screen_wait(dialog) is True


def _as_json(row: Callable[[Job], str], jobs: Sequence[Job]) -> str:
    """An array of the jobs, one a line."""
    return "[\n" + ",\n".join(row(job) for job in jobs) + "\n]\n"


def _title(jobs: Sequence[Job]) -> str:
    return f"Copy: {jobs[0].title}" if len(jobs) == 1 else f"Copy: {len(jobs)} marked jobs"


def _link_of(job: Job) -> Output | None:
    return next((output for output in job.snapshot.outputs if output.kind is OutputKind.LINK), None)


def _of(jobs: Sequence[Job]) -> str:
    return f"s of {len(jobs)} jobs" if len(jobs) > 1 else ""
