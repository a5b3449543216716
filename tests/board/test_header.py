from __future__ import annotations

from dataclasses import replace

import pytest

from tests.board.conftest import MIDDLE, SMALL, WIDE, Open
from tests.board.demo import demo_door
from tests.board.fakes import CONNECTIONS, FakeDoor, make_job, make_jobs
from tests.clock import START
from tui.model import Condition, JobState, Safe
from tui.widgets.glyphs import UNICODE
from tui.widgets.header import Totals, header_lines
from tui.widgets.lines import width_of

TOTALS = Totals({JobState.RUNNING: 9, JobState.WAITING: 4, JobState.FAILED: 2, JobState.SUCCEEDED: 16}, fetching=2)
HEALTH = [(health, 3) for health in CONNECTIONS]


def told(width: int, rows: int) -> list[str]:
    lines = header_lines(TOTALS, HEALTH, START, width, UNICODE, rows=rows)
    return ["".join(piece.text for piece in line) for line in lines]


def test_two_lines_tell_totals_and_every_connection() -> None:
    first, second = told(120, 2)
    assert "31 jobs   ◐ 9 running   ○ 4 waiting   ✗ 2 failed   ↓ 2 fetching" in first
    since = next(f"{one.since.astimezone():%H:%M}" for one in CONNECTIONS if one.name == "orchestrator" and one.since)
    assert f"orchestrator ◌ down since {since}, again soon: 503 http" in told(200, 2)[1]
    assert f"orchestrator ◌ down since {since}, again soon http" in second
    assert "plant ● 3 insecure" in second


def test_what_a_vendor_says_is_cut_only_where_there_is_no_room() -> None:
    words = "the vendor asks for fewer requests (429); it gave 30 s"
    busy = (replace(HEALTH[0][0], condition=Condition.THROTTLED, message=Safe(words)), 3)
    for width, wanted in ((200, words), (66, f"{words[:39]}… "), (40, " aps-prod ◔ throttled ")):
        lines = header_lines(TOTALS, [busy], START, width, UNICODE, rows=2)
        assert wanted in "".join(piece.text for piece in lines[1])


def test_one_line_names_the_troubles_and_counts_them_where_it_is_narrow() -> None:
    (wide,) = told(150, 1)
    assert "● 4 ok  ◌ orchestrator down" in wide
    (narrow,) = told(80, 1)
    assert "1 down" in narrow
    assert "1 insecure" in narrow
    assert "1 http" in narrow
    busy = replace(TOTALS, paused=1)
    (full,) = ["".join(piece.text for piece in line) for line in header_lines(busy, HEALTH, START, 70, UNICODE, rows=1)]
    assert "● 4 ok  ◌ 1 down  1 insecure" in full, "words go after our own name"
    assert "jobdeck" not in full


@pytest.mark.parametrize("width", [20, 40, 80, 120, 200])
@pytest.mark.parametrize("rows", [1, 2])
def test_no_line_is_wider_than_the_screen(width: int, rows: int) -> None:
    many = HEALTH + [(replace(health, name=f"{health.name}-{n}"), 1) for health in CONNECTIONS for n in range(4)]
    for line in header_lines(TOTALS, many, START, width, UNICODE, rows=rows):
        assert width_of(line) == width


def test_what_is_not_known_is_counted_too() -> None:
    totals = Totals({JobState.RUNNING: 1, JobState.UNKNOWN: 2})
    for width, wanted in ((120, "3 jobs   ◐ 1 running   ? 2 unknown"), (40, "3 jobs  ◐ 1  ? 2")):
        (line,) = header_lines(totals, HEALTH, START, width, UNICODE, rows=1)
        assert wanted in "".join(piece.text for piece in line)


def test_troubles_come_first_when_not_all_connections_fit() -> None:
    _, second = told(60, 2)
    assert second.startswith(" orchestrator")
    assert second.rstrip().endswith("+4")


async def test_the_header_follows_the_jobs(lab: Open) -> None:
    async with lab(FakeDoor(make_jobs(3), CONNECTIONS)) as one:
        assert "3 jobs   ◐ 3 running" in one.said("header")
        await one.tell(make_job(1, JobState.FAILED), make_job(8), gone=(make_job(0).key,))
        assert "3 jobs   ◐ 2 running   ✗ 1 failed" in one.said("header")
        await one.tell(
            connections=(replace(CONNECTIONS[0], condition=Condition.REFUSED, message=Safe("login refused")),)
        )
        assert "aps-prod ✗ credentials refused" in one.said("header")


@pytest.mark.parametrize(("size", "rows"), [(SMALL, 1), (MIDDLE, 2), (WIDE, 2)])
async def test_layout_at_three_sizes(lab: Open, size: tuple[int, int], rows: int) -> None:
    async with lab(demo_door(extra=50), size) as one:
        width, height = size
        assert one.board.query_one("#header").size.height == rows
        table, detail = one.table.region, one.board.detail.region
        assert one.board.detail.display is (size != SMALL)
        if size == WIDE:
            assert detail.x >= table.right
            assert detail.width >= 70
        if size == MIDDLE:
            assert detail.y >= table.bottom
            assert table.height >= 15
        assert table.width >= (width if size != WIDE else 100)
        text = one.screen_text().splitlines()
        assert len(text) == height
        assert "q quit" in text[-1]


async def test_first_start_says_what_to_do(lab: Open) -> None:
    async with lab(FakeDoor()) as one:
        text = one.screen_text()
        for words in ("Welcome to jobdeck", "jobdeck --demo", "config.toml.example", "no connections yet"):
            assert words in text
    async with lab(FakeDoor((), CONNECTIONS)) as one:
        assert "No jobs yet" in one.screen_text()


async def test_the_demo_names_its_folder(lab: Open, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("demo")
    async with lab(FakeDoor(), demo_folder=folder) as one:
        assert f"demo in {folder}" in one.screen_text()


async def test_the_first_connection_takes_the_welcome_away(lab: Open) -> None:
    async with lab(FakeDoor(), SMALL, key_map={"track": "f6"}) as one:
        await one.tell(connections=(replace(CONNECTIONS[0], condition=Condition.IDLE),))
        text = one.screen_text()
        assert "Welcome" not in text
        for way in ("No jobs yet.", "F6  track a job", "L  see what ran lately", "n  start a job"):
            assert way in text
        assert "○ 1 idle" in one.said("header")
        assert "ok" not in one.said("header")
