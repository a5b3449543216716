"""What the board says of how old it is: asleep, down, paused, stale."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.board.conftest import MIDDLE, SMALL, WIDE, Open
from tests.board.fakes import CONNECTIONS, FakeDoor, ago, make_job
from tests.clock import START
from tui.engine.facts.jobs import Changes, Slept
from tui.model import Condition, ConnectionHealth, Job, JobState, Problem, ProblemKind, Safe
from tui.screens.connect.listing import ConnectionsDialog
from tui.widgets.glyphs import UNICODE
from tui.widgets.header import standing
from tui.widgets.lines import Tone
from tui.widgets.rows import view_of

BEFORE, LATER = (f"{moment.astimezone():%H:%M}" for moment in (ago(900), ago(-900)))
DOWN = Problem(ProblemKind.UNREACHABLE, Safe("no answer"), ago(600), ago(-30))


def planned(number: int, seconds: float | None, **more: object) -> Job:
    """A job that is asked so many seconds after START; at no time for None."""
    job = make_job(number, **more)  # type: ignore[arg-type]
    return replace(job, next_check_at=None if seconds is None else START + timedelta(seconds=seconds))


async def test_after_a_sleep_the_board_says_how_far_it_has_caught_up(lab: Open) -> None:
    late = [planned(number, -100 * number) for number in (1, 2, 3)]
    others = [planned(4, 20), planned(5, None, state=JobState.SUCCEEDED)]
    async with lab(FakeDoor([*late, *others], CONNECTIONS)) as one:
        await one.tell(slept=Slept(7260, START))
        assert "asleep for 2h00, catching up: 0 of 3 asked" in one.said("header")
        await one.tell(planned(1, 30))
        assert "catching up: 1 of 3 asked" in one.said("header")
        await one.tell(replace(late[1], problem=DOWN, next_check_at=START + timedelta(seconds=60)))
        assert "catching up: 2 of 3 asked" in one.said("header")
        await one.tell(gone=(late[2].key,))
        assert "catching up" not in one.said("header")


async def test_nothing_to_catch_up_with_is_not_told(lab: Open) -> None:
    async with lab(FakeDoor([planned(1, 20)], CONNECTIONS)) as one:
        await one.tell(slept=Slept(7200, START))
        assert "asleep" not in one.said("header")


async def test_a_link_that_comes_back_catches_up(lab: Open) -> None:
    job = replace(planned(1, -30, connection="orchestrator"), problem=DOWN)
    async with lab(FakeDoor([job, planned(2, -5)], CONNECTIONS), WIDE) as one:
        back = replace(CONNECTIONS[2], condition=Condition.OK, message=None, since=START, next_try_at=None)
        await one.tell(connections=(back,))
        assert "orchestrator was down for 2m, catching up: 0 of 1 asked" in one.said("header")
        await one.tell(replace(job, problem=None, next_check_at=START + timedelta(seconds=9)))
        assert "catching up" not in one.said("header")


async def test_a_short_hiccup_is_not_worth_a_word(lab: Open) -> None:
    job = replace(planned(1, -30, connection="orchestrator"), problem=DOWN)
    hiccup = replace(CONNECTIONS[2], since=ago(10))
    async with lab(FakeDoor([job], [hiccup])) as one:
        await one.tell(connections=(replace(hiccup, condition=Condition.OK, since=START),))
        assert "catching up" not in one.said("header")


async def test_a_paused_connection_is_not_waited_for(lab: Open) -> None:
    jobs = [planned(1, -5), planned(2, -5, connection="plant")]
    async with lab(FakeDoor(jobs, CONNECTIONS)) as one:
        await one.tell(slept=Slept(60, START))
        assert "0 of 2 asked" in one.said("header")
        await one.tell(connections=(replace(CONNECTIONS[0], condition=Condition.PAUSED),))
        assert "0 of 1 asked" in one.said("header")
        await one.tell(connections_gone=("plant",))
        assert "catching up" not in one.said("header")


async def test_catching_up_is_told_on_a_small_screen_too(lab: Open) -> None:
    async with lab(FakeDoor([planned(1, -5)], CONNECTIONS), SMALL) as one:
        await one.tell(slept=Slept(86_400 * 3, START))
        assert "catching up 0/1" in one.said("header")


# ── how a connection stands, in words ──


def health(condition: Condition, **more: object) -> ConnectionHealth:
    return replace(CONNECTIONS[0], condition=condition, since=ago(900), **more)  # type: ignore[arg-type]


def test_a_connections_standing_has_words_for_everything() -> None:
    told = {
        "ok": health(Condition.OK),
        "not asked yet": health(Condition.IDLE),
        "slow, 7 s an answer": health(Condition.SLOW, latency=7.2),
        "credentials refused": health(Condition.REFUSED, message="login refused"),
        "paused by you": health(Condition.PAUSED),
        "throttled for a moment": health(Condition.THROTTLED, next_try_at=ago(-20)),
        f"throttled until {LATER}": health(Condition.THROTTLED, next_try_at=ago(-900)),
        f"down since {BEFORE}, again soon": health(Condition.DOWN, next_try_at=ago(-20)),
        f"down since {BEFORE}, again {LATER}": health(Condition.DOWN, next_try_at=ago(-900)),
        f"down since {BEFORE}": health(Condition.DOWN, next_try_at=ago(20)),
    }
    assert {words: standing(one, START) for words, one in told.items()} == {words: words for words in told}


async def test_the_list_tells_state_latency_next_ask_and_quota(lab: Open) -> None:
    ok = replace(CONNECTIONS[4], since=ago(900), last_good_at=ago(12), latency=0.254)
    door = FakeDoor([planned(1, 25, connection="plant", vendor="octoplant")], [ok, *CONNECTIONS[:4]])
    door.facts = tuple(replace(one, requests_left=7) for one in door.facts)
    async with lab(door) as one:
        await one.press("a")
        assert one.is_open(ConnectionsDialog)
        text = one.screen_text()
        for words in (f"ok, since {BEFORE}", "10s ago, took 254 ms", "in 20s", "7 at once"):
            assert words in text, words


# ── paused by the user ──


async def test_asking_is_paused_and_resumed_from_the_list(lab: Open) -> None:
    door = FakeDoor([make_job(1)], CONNECTIONS)
    async with lab(door, MIDDLE) as one:
        await one.press("a")
        door.tell(Changes(connections=(replace(CONNECTIONS[4], condition=Condition.PAUSED, since=START),)))
        await one.press("p")
        assert door.calls[-1] == ("pause_connection", ("plant", True))
        assert "asking plant is paused for this run" in one.screen_text()
        assert "‖ plant            octoplant  paused by you" in one.screen_text()
        await one.press("p")
        assert door.calls[-1] == ("pause_connection", ("plant", False))
        await one.press("escape")
        assert "plant ‖ paused by you" in one.said("header")


async def test_the_palette_pauses_the_current_jobs_connection(lab: Open) -> None:
    door = FakeDoor([make_job(1)], CONNECTIONS)
    async with lab(door) as one:
        await one.board.action_run("pause_connection")
        await one.settle()
        assert door.calls[-1] == ("pause_connection", ("aps-prod", True))


# ── stale rows ──


def test_a_stale_row_says_so_and_steps_back() -> None:
    job = make_job(1, checked=300, fresh=-10)
    view = view_of(job, START, UNICODE)
    assert view.seen.text == "5m stale"
    assert view.is_stale
    assert not view_of(make_job(1), START, UNICODE).is_stale
    assert view.seen.tone is Tone.WARN


async def test_a_line_that_comes_in_sight_again_is_as_old_as_it_is(lab: Open) -> None:
    jobs = [replace(make_job(number), checked_at=START) for number in range(60)]
    async with lab(FakeDoor(jobs, CONNECTIONS), SMALL) as one:
        await one.press("G", "g")
        assert "  now  " in one.screen_text()
        one.clock.jump(1200)
        one.board.tick()
        await one.press("G")
        assert "  now  " not in one.screen_text()
        await one.press("enter")
        one.clock.jump(1200)
        one.board.tick()
        await one.press("escape")
        assert "40m stale" in one.screen_text()
        assert "20m stale" not in one.screen_text()
