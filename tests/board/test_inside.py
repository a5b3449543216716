"""The board's look into archives: members, filter, previews, fetching and unpacking, and why something cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tests.board.conftest import MIDDLE, SMALL, Open
from tests.board.fakes import FOLDER, FakeDoor, make_job
from tui.engine.facts.archives import Contents, Member, Preview
from tui.errors import DownloadError
from tui.model import Download, DownloadState, JobKey, JobState, Output, OutputKind, Safe
from tui.screens.inside import InsideDialog, PreviewDialog, preview_lines
from tui.screens.outputs import OutputsDialog

KEY = JobKey("aps-prod:id-0001")
AT = datetime(2026, 3, 2, 8, 15)  # a ZIP's time has no zone
MEMBERS = (
    Member(0, "logs/", Safe("logs/"), 0, 0, AT, is_folder=True),
    Member(1, "logs/run 1.txt", Safe("logs/run 1.txt"), 1234, 400, AT),
    Member(2, "[red]model[/].fbx", Safe("[red]model[/].fbx"), 7_340_032, 7_000_000),
    Member(3, "key.bin", Safe("key.bin"), 5, 5, AT, is_locked=True),
)


def the_door(*, fetched: bool = False, name: str = "out.zip") -> FakeDoor:
    outputs = (Output(name, size=7_000_000), Output("package", OutputKind.LINK, value="fasp://host/***"))
    job = make_job(1, JobState.SUCCEEDED, outputs=outputs)
    if fetched:
        done = Download(1, job.key, Safe(name), FOLDER, DownloadState.DONE, path=FOLDER / name)
        job = replace(job, downloads=(done,))
    door = FakeDoor([job])
    door.contents = Contents(MEMBERS)
    return door


def wishes(door: FakeDoor, name: str) -> list[object]:
    return [wish for called, wish in door.calls if called == name]


async def test_enter_on_an_archive_lists_what_is_in_it(lab: Open) -> None:
    for size in (SMALL, MIDDLE):
        async with lab(the_door(), size) as one:
            await one.press("o")
            assert "i looks inside" in one.screen_text()
            await one.press("enter")
            assert one.is_open(InsideDialog)
            text = one.screen_text()
            assert "Inside out.zip: 3 files, at the vendor" in text
            assert "1.2 kB  2026-03-02 08:15" in text
            assert "locked  2026-03-02 08:15" in text
            assert "[red]model[/].fbx" in text
            assert wishes(one.door, "look_inside") == [(KEY, "out.zip")]
            assert wishes(one.door, "download") == []
            await one.press("escape")
            assert one.is_open(OutputsDialog), "one step back"


async def test_a_member_is_previewed_and_the_preview_scrolls(lab: Open) -> None:
    door = the_door(fetched=True)
    door.contents = Contents(MEMBERS, is_here=True)
    head = Safe("\n".join(f"line {number} [b]" for number in range(200)))
    door.previewed = Preview(Safe("text"), head, Safe("the first 65.5 kB"))
    async with lab(door, SMALL) as one:
        await one.press("o", "i", "down", "enter")
        assert one.is_open(PreviewDialog)
        assert wishes(door, "preview") == [(KEY, "out.zip", 1)]
        text = one.screen_text()
        assert "logs/run 1.txt" in text
        assert "text, the first 65.5 kB" in text
        assert "line 3 [b]" in text
        await one.press("end")
        assert "line 199 [b]" in one.screen_text()
        await one.press("q")
        assert one.is_open(InsideDialog)
        assert "Inside out.zip: 3 files, fetched" in one.screen_text()


async def test_members_are_fetched_marked_ones_first(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("o", "i", "down", "d")
        assert "Fetched logs/run 1.txt, checked by CRC:" in one.screen_text()
        assert str(FOLDER / "logs") in one.screen_text()
        await one.press("space", "down", "down", "space", "d")
        assert wishes(one.door, "take_members") == [(KEY, "out.zip", (1,)), (KEY, "out.zip", (1, 3))]
        assert "Fetched 2 files, checked by CRC" in one.screen_text()


async def test_the_filter_narrows_the_list_by_words(lab: Open) -> None:
    async with lab(the_door()) as one:
        await one.press("o", "i", "slash")
        await one.type("TXT run")
        text = one.screen_text()
        assert "logs/run 1.txt" in text
        assert "model" not in text
        await one.press("enter", "enter")
        assert wishes(one.door, "preview") == [(KEY, "out.zip", 1)]
        await one.press("escape", "slash", "x")
        assert "key.bin" not in one.screen_text()
        await one.press("x")
        assert "No name has all these words." in one.screen_text()
        await one.press("enter", "enter")
        assert "There is no file in sight." in one.screen_text()
        await one.press("escape")
        assert "key.bin" in one.screen_text(), "Escape drops the filter first"
        await one.press("escape")
        assert one.is_open(OutputsDialog)


async def test_what_cannot_be_done_says_why(lab: Open) -> None:
    door = the_door()
    async with lab(door) as one:
        await one.press("o", "x")
        assert "It is not here yet: d downloads it, then x unpacks it." in one.screen_text()
        await one.press("down", "i")
        assert "Only a file can be looked into or unpacked." in one.screen_text()
        await one.press("x")
        assert "Only a file" in one.screen_text()
        door.refuses = DownloadError("sent only whole", hint="download it, then look inside")
        await one.press("up", "i")
        assert "sent only whole" in one.screen_text()
        assert one.is_open(OutputsDialog)
        door.refuses = None
        await one.press("i", "enter")
        assert "This is a folder: choose a file in it." in one.screen_text()
        await one.press("d")
        assert "This is a folder" in one.screen_text()
        door.refuses = DownloadError("the file at the vendor has changed", hint="look inside again")
        await one.press("down", "enter")
        assert "the file at the vendor has changed" in one.screen_text()
        await one.press("d")
        assert "look inside again" in one.screen_text()
        assert one.is_open(InsideDialog)


async def test_while_it_waits_nothing_is_asked_twice(lab: Open) -> None:
    door = the_door(fetched=True)
    async with lab(door) as one:
        await one.press("o")
        door.holds = True
        await one.press("i", "down", "up", "i", "enter", "x")
        assert "Looking inside out.zip …" in one.screen_text()
        assert [name for name in door.names() if name in ("look_inside", "unpack")] == ["look_inside"]
        door.release()
        await one.settle()
        door.holds = True
        await one.press("down", "d", "d", "enter")
        assert [name for name in door.names() if name in ("preview", "take_members")] == ["take_members"]
        door.release()
        await one.settle()
        assert "Fetched logs/run 1.txt" in one.screen_text()


async def test_a_fetched_archive_is_unpacked(lab: Open) -> None:
    async with lab(the_door(fetched=True)) as one:
        await one.press("o")
        assert "x unpacks" in one.screen_text()
        await one.press("x")
        assert wishes(one.door, "unpack") == [(KEY, "out.zip")]
        assert f"Unpacked into {FOLDER / 'unpacked'}" in one.screen_text()


async def test_another_file_shows_how_it_begins(lab: Open) -> None:
    door = the_door(name="result.json")
    door.contents = Contents(preview=Preview(Safe("JSON"), Safe('{\n  "a": 1\n}')))
    async with lab(door) as one:
        await one.press("o", "i")
        assert one.is_open(PreviewDialog)
        assert '"a": 1' in one.screen_text()
        await one.press("escape", "enter")
        assert wishes(door, "download") == [(KEY, ("result.json",))]


def test_a_preview_without_text_says_what_it_is() -> None:
    (row,) = preview_lines(Preview(Safe("PNG image, 640 × 480 pixels"), Safe(""), Safe("77.0 kB")), 60)
    assert row[0].text == "PNG image, 640 × 480 pixels, 77.0 kB"


async def test_the_help_has_the_keys(lab: Open) -> None:
    async with lab(FakeDoor([make_job(1)]), (100, 150)) as one:
        await one.press("question_mark")
        text = one.screen_text()
        assert "In a job's outputs" in text
        assert "Look inside a file, here or at the vendor" in text
        assert "In an archive Enter shows how a file begins" in text
