"""The Outputs tab: one output is chosen there, and looked into, fetched, handed over or copied."""

from __future__ import annotations

from tests.board.conftest import SMALL, Lab, Open
from tests.board.fakes import FakeDoor, make_job
from tui.engine.facts.archives import Contents, Member, Preview
from tui.model import JobState, Output, OutputKind, Safe
from tui.screens.copy_menu import CopyMenu
from tui.screens.inside import InsideDialog, PreviewDialog
from tui.widgets.actions import BY_NAME
from tui.widgets.detail_tabs import Tab
from tui.widgets.textview import TextView

OUTPUTS = (
    Output("a.zip", size=10),
    Output("b.txt", size=20),
    Output("fasp", kind=OutputKind.LINK, value=Safe("fasp://host/…")),
    Output("count", kind=OutputKind.VALUE, value=Safe("12")),
)
JOB = make_job(1, JobState.SUCCEEDED, outputs=OUTPUTS)


async def opened(one: Lab) -> TextView:
    one.board.detail.open(Tab.OUTPUTS)
    await one.press("enter")
    return one.board.query_one("#detail-text", TextView)


def line_of(view: TextView) -> str:
    assert view.target is not None
    return view.plain.splitlines()[view.target].split()[0].rstrip(",")


async def test_one_output_is_chosen_and_the_choice_follows_it(lab: Open) -> None:
    async with lab(FakeDoor([JOB])) as one:
        view = await opened(one)
        seen = [line_of(view)]
        for pressed in ("j", "j", "j", "j", "up"):
            await one.press(pressed)
            seen.append(line_of(view))
        assert seen == ["a.zip", "b.txt", "fasp", "count", "count", "fasp"]
        await one.tell(make_job(1, JobState.SUCCEEDED, outputs=OUTPUTS[1:]))
        assert line_of(view) == "fasp"
        await one.tell(make_job(1, JobState.SUCCEEDED, outputs=OUTPUTS[:1]))
        assert line_of(view) == "a.zip"
        await one.press("escape", "d")
        assert ("download", (JOB.key, ())) in one.door.calls, "in the table a key is about the job"


async def test_what_is_fetched_by_name_only_is_fetched_by_its_line(lab: Open) -> None:
    job = make_job(1, JobState.FAILED, outputs=(Output("debug.zip", only_by_name=True),))
    async with lab(FakeDoor([job])) as one:
        assert one.board.reason(BY_NAME["download"]) == "its files are fetched by name only"
        await opened(one)
        assert one.board.reason(BY_NAME["download"]) is None
        await one.press("d")
        assert ("download", (job.key, ("debug.zip",))) in one.door.calls


async def test_the_chosen_output_is_looked_into_fetched_handed_over_or_copied(lab: Open) -> None:
    door = FakeDoor([JOB])
    door.contents = Contents((Member(0, "plan.pdf", Safe("plan.pdf"), 5, 5),))
    async with lab(door, SMALL) as one:
        await opened(one)
        await one.press("enter")
        assert one.is_open(InsideDialog)
        await one.press("escape")
        door.contents = Contents(preview=Preview(Safe("text"), Safe("hello")))
        await one.press("j", "enter")
        assert one.is_open(PreviewDialog)
        await one.press("escape", "d", "y")
        assert ("download", (JOB.key, ("b.txt",))) in door.calls
        assert one.is_open(CopyMenu), "a file has no link"
        await one.press("escape", "j", "y", "y")
        assert one.app.clipboard == "fasp://host/?token=canary"
        await one.press("enter", "j", "y")
        assert ("hand_over", (JOB.key, "fasp", None)) in door.calls
        assert one.app.clipboard == "12"
        await one.press("enter")
        assert "count is a value: there is nothing in it to look at" in one.toasts()
