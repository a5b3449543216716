"""A start whose reply was lost is looked up in its vendor's list, and never sent again by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.clock import START, FakeClock, settle
from tests.engine.five import five
from tests.engine.played_design import ACTIVITY, BODY, PlayedDesign, engine_of
from tests.vendors.live import until
from tui.config import Callbacks
from tui.engine.engine import Engine
from tui.engine.facts.jobs import Action, TrackWish
from tui.engine.polling.once import PATIENCE
from tui.errors import AskError, JobdeckError, UsageError
from tui.model import Job, JobKey, JobState, ProblemKind, Secret
from tui.vendors.contract import Order

CUT = httpx.ReadError("cut")
SETTLED = timedelta(minutes=2)


@pytest.fixture
def design(clock: FakeClock) -> PlayedDesign:
    return PlayedDesign(clock, fault=CUT)


@pytest.fixture
async def engine(tmp_path: Path, design: PlayedDesign) -> AsyncIterator[Engine]:
    async with engine_of(tmp_path, design) as engine:
        yield engine


async def lost(engine: Engine, body: str = BODY, title: str | None = None) -> Job:
    """The line of a start whose reply was lost."""
    with pytest.raises(AskError, match="nobody knows whether the job was started"):
        await engine.vendor_desk.submit("aps", Order(body), title)
    return the_line(engine)


def the_line(engine: Engine) -> Job:
    (line,) = (job for job in engine.board.jobs.values() if job.outcome_unknown)
    return line


def notice(engine: Engine) -> str:
    return the_line(engine).snapshot.notice or ""


async def settled(engine: Engine, design: PlayedDesign) -> str:
    """The notice of a line that is looked up when everything on its way must have arrived."""
    design.clock.jump(SETTLED.total_seconds())
    await engine.search.look_up(the_line(engine).key)
    return notice(engine)


async def texts(engine: Engine, key: JobKey) -> list[str]:
    return [event.text for event in await engine.store.events(key)]


async def test_one_that_was_started_then_is_offered_and_becomes_the_job_when_it_is_tracked(
    engine: Engine, design: PlayedDesign
) -> None:
    line = await lost(engine, title="nightly")
    design.put(8, activity="acme.Other+prod")
    design.put(9, START - timedelta(hours=1))
    assert await engine.search.look_up(line.key) == the_line(engine)
    found = f"{1:032x}"
    assert notice(engine).startswith(f"looks like {found}, which was started then")
    assert f"jobdeck track -c aps {found}" in notice(engine)
    job = await engine.asking.track(TrackWish(found))
    assert list(engine.board.jobs.values()) == [job]
    assert (job.key, job.title, job.state) == (f"aps:{found}", "nightly", JobState.RUNNING)
    assert (job.order_body, job.ref.outputs) == (BODY, ("results/out.zip",))
    assert (job.outcome_unknown, job.lost, job.sent) == (False, None, None)
    history = await texts(engine, job.key)
    assert history[0] == "written down, then sent"
    assert history[1].startswith("outcome unknown: ")
    assert history[2].startswith(f"looks like {found}")
    assert history[3] == f"found at the vendor, and taken over: {found}"
    assert design.submits == 1


async def test_several_are_named_and_one_of_them_is_taken_over(engine: Engine, design: PlayedDesign) -> None:
    line = await lost(engine)
    ids = [f"{1:032x}", *(design.put(number) for number in range(5, 9))]
    await engine.search.look_up(line.key)
    assert notice(engine).startswith("one of 5 jobs that were started then, or none: ")
    assert "and 2 more" in notice(engine)
    await engine.asking.track(TrackWish(ids[3], title="mine", check=False))  # as from what ran lately
    (job,) = engine.board.jobs.values()
    assert (job.ref.id, job.title) == (ids[3], "mine")


async def test_two_starts_that_are_alike_take_two_jobs_over(engine: Engine, design: PlayedDesign) -> None:
    for _ in range(2):
        with pytest.raises(AskError):
            await engine.vendor_desk.submit("aps", Order(BODY))
        design.clock.jump(1)
    first, second = engine.board.jobs
    for key in (first, second):
        await engine.search.look_up(key)
    found = f"{1:032x}"
    for _ in range(2):  # the second time it is known
        await engine.asking.track(TrackWish(found))
    assert {job.ref.id for job in engine.board.jobs.values()} == {found, engine.board.job(second).ref.id}
    line = await engine.search.look_up(second)
    assert line.lost is not None
    assert line.lost.candidates == (f"{2:032x}",)


async def test_a_job_that_the_board_has_or_had_is_not_it(engine: Engine, design: PlayedDesign) -> None:
    other = design.put(7)
    await engine.asking.track(TrackWish(other))
    design.starts = False
    await lost(engine)
    assert (await settled(engine, design)).startswith("not started")


async def test_a_job_that_another_connection_to_the_same_server_has_is_not_it(
    engine: Engine, design: PlayedDesign
) -> None:
    base_url = engine.config.connection("aps").base_url.replace("https://", "HTTPS://") + ":443/"
    await engine.obey(five(f'[connections.too]\nvendor = "autodesk"\nclient_id = "app"\nbase_url = "{base_url}"\n'))
    await engine.asking.track(TrackWish(design.put(7), connection="too", check=False))
    design.starts = False
    await lost(engine)
    assert (await settled(engine, design)).startswith("not started")


async def test_a_job_that_was_put_on_the_board_after_the_sending_may_be_it(
    engine: Engine, design: PlayedDesign
) -> None:
    line = await lost(engine, title="nightly")
    design.clock.jump(1)
    found = (await engine.asking.track(TrackWish(f"{1:032x}"))).ref.id
    assert (await settled(engine, design)).startswith(f"looks like {found}")
    job = await engine.asking.track(TrackWish(found))
    assert list(engine.board.jobs.values()) == [job]
    assert (job.title, job.order_body) == ("nightly", BODY)
    assert line.key not in engine.board.jobs


async def test_what_is_not_in_the_list_yet_is_looked_for_once_more_before_it_counts_as_not_started(
    engine: Engine, design: PlayedDesign
) -> None:
    design.starts = False
    line = await lost(engine)
    assert engine.job_desk.why_not(Action.AGAIN, line) is not None
    line = await engine.search.look_up(line.key)
    assert line.snapshot.notice == "sent, outcome unknown: not in the vendor's list yet; it is looked up once more"
    assert line.next_check_at == START + SETTLED
    assert engine.job_desk.why_not(Action.AGAIN, line) is not None
    told = await settled(engine, design)
    assert told == "not started, as far as the vendor's list says: it can be sent again"
    assert the_line(engine).next_check_at is None
    design.starts, design.fault = True, None
    started = await engine.vendor_desk.again(line.key)
    assert list(engine.board.jobs) == [started.key]
    assert design.submits == 2


async def test_what_was_not_started_is_sent_again_once_by_whoever_is_first(
    tmp_path: Path, engine: Engine, design: PlayedDesign
) -> None:
    design.starts = False
    key = (await lost(engine, title="nightly")).key
    assert (await settled(engine, design)).startswith("not started")
    async with engine_of(tmp_path, design) as other:
        design.hangs = True
        sending = asyncio.create_task(engine.vendor_desk.again(key))
        await until(lambda: design.submits == 2, design.clock, step=0.0)
        for late in (engine, other):
            with pytest.raises(UsageError, match="is not on the board"):
                await late.vendor_desk.again(key)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    assert design.submits == 2
    assert notice(engine).startswith("sent, outcome unknown")


async def test_what_is_refused_when_it_is_sent_again_can_be_sent_again(engine: Engine, design: PlayedDesign) -> None:
    design.starts = False
    key = (await lost(engine, title="nightly")).key
    assert (await settled(engine, design)).startswith("not started")
    line, design.fault = the_line(engine), httpx.ConnectError("no way there")
    with pytest.raises(AskError, match="the order was not sent"):
        await engine.vendor_desk.again(key)
    assert the_line(engine) == line
    with pytest.raises(AskError, match="the order was not sent"):
        await engine.vendor_desk.again(key)
    design.fault = CUT
    with pytest.raises(AskError, match="nobody knows"):
        await engine.vendor_desk.again(key)
    assert the_line(engine).title == "nightly"
    assert not the_line(engine).lost.not_started  # type: ignore[union-attr]  # it is another start, and as lost


async def test_it_is_not_refreshed_while_its_answer_may_come(engine: Engine, design: PlayedDesign) -> None:
    design.fault, design.hangs = None, True
    sending = asyncio.create_task(engine.vendor_desk.submit("aps", Order(BODY)))
    await until(lambda: design.submits, design.clock, step=0.0)
    design.clock.jump(5)
    told = "it was sent 5s ago and has no answer yet"
    assert engine.job_desk.why_not(Action.REFRESH, the_line(engine)) == told
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    design.clock.jump(PATIENCE)
    assert engine.job_desk.why_not(Action.REFRESH, the_line(engine)) is None


async def test_a_wish_that_comes_twice_is_one_look(engine: Engine, design: PlayedDesign) -> None:
    line = await lost(engine)
    for _ in range(5):
        await engine.asks.refresh([line.key])
    await until(lambda: notice(engine).startswith("looks like"), design.clock)
    assert design.lists == 1
    async with asyncio.timeout(120):
        while design.lists == 1:  # the first look may have its last word to write yet
            await engine.asks.refresh([line.key])
            await texts(engine, line.key)
            await settle()


async def test_a_look_that_is_called_back_goes_on_and_a_wish_hears_what_the_start_has_become(
    engine: Engine, design: PlayedDesign
) -> None:
    line = await lost(engine)
    wish = asyncio.create_task(engine.asks.refreshed([line.key]))
    await until(lambda: design.lists, design.clock)
    wish.cancel()
    await asyncio.gather(wish, return_exceptions=True)
    await until(lambda: notice(engine).startswith("looks like"), design.clock)
    await engine.asks.refreshed([line.key])  # the look may have its last word to write yet
    design.hangs, looks = True, design.lists
    wish = asyncio.create_task(engine.asks.refreshed([line.key]))
    await until(lambda: design.lists > looks, design.clock)
    job = await engine.asking.track(TrackWish(f"{1:032x}"))
    design.hangs = False
    await until(wish.done, design.clock)
    assert (await wish).answered == (engine.board.job(job.key),)


async def test_it_is_looked_up_by_itself_at_once_and_once_more_when_that_is_sure(
    engine: Engine, design: PlayedDesign
) -> None:
    engine.start()
    design.starts = False
    await lost(engine)
    await until(lambda: "not in the vendor's list yet" in notice(engine), design.clock)
    await until(lambda: the_line(engine).lost.not_started, design.clock, step=1.0)  # type: ignore[union-attr]
    assert design.clock.now() >= START + SETTLED
    design.clock.jump(86_400)
    await settle()
    assert (design.submits, design.lists) == (1, 2)


async def test_after_a_crash_it_is_looked_up_when_its_sender_has_had_its_time(
    tmp_path: Path, design: PlayedDesign
) -> None:
    async with engine_of(tmp_path, design) as engine:
        design.fault, design.hangs = None, True
        sending = asyncio.create_task(engine.vendor_desk.submit("aps", Order(BODY)))
        await until(lambda: design.submits, design.clock, step=0.0)
        sending.cancel()  # killed between the writing and the reply
        await asyncio.gather(sending, return_exceptions=True)
    design.hangs = False
    async with engine_of(tmp_path, design) as engine:
        line = the_line(engine)
        with pytest.raises(JobdeckError, match="has no answer yet"):
            await engine.search.look_up(line.key)
        engine.start()
        await settle()
        assert design.lists == 0
        await until(lambda: notice(engine).startswith("looks like"), design.clock, step=1.0)
        assert design.clock.now() >= START + timedelta(seconds=PATIENCE)
    assert design.submits == 1


async def test_a_list_that_is_refused_leaves_the_line_and_says_so(engine: Engine, design: PlayedDesign) -> None:
    line = await lost(engine)
    for status, kind in ((403, ProblemKind.FORBIDDEN), (400, ProblemKind.BAD_REPLY), (404, ProblemKind.BAD_REPLY)):
        design.refusal = status
        with pytest.raises(AskError):
            await engine.search.look_up(line.key)
        problem = the_line(engine).problem
        assert problem is not None
        assert (problem.kind, problem.retry_at) == (kind, None)
        assert problem.message.startswith("the vendor's list: ")
    assert notice(engine).startswith("sent, outcome unknown: the vendor's list cannot be read; look there before")
    design.refusal = 200
    await engine.asks.ask_now(line.key)
    assert (the_line(engine).problem, notice(engine)[:10]) == (None, "looks like")


async def test_an_outage_of_the_list_is_outlasted(engine: Engine, design: PlayedDesign) -> None:
    engine.start()
    design.refusal = httpx.ConnectError("down")
    await lost(engine)
    await until(lambda: the_line(engine).problem, design.clock)
    problem = the_line(engine).problem
    assert problem is not None
    assert problem.retry_at is not None
    design.refusal = 200
    await until(lambda: notice(engine).startswith("looks like"), design.clock, step=1.0)


@pytest.mark.parametrize("how", ["secret", "test"])
async def test_one_whose_login_was_refused_is_looked_up_when_its_user_mends_that(
    how: str, engine: Engine, design: PlayedDesign
) -> None:
    engine.start()
    design.refusal = 401
    await lost(engine)
    await until(lambda: the_line(engine).problem, design.clock)
    problem = the_line(engine).problem
    assert problem is not None
    assert (problem.kind, problem.retry_at) == (ProblemKind.AUTH, None)
    design.refusal = 200
    if how == "test":
        await engine.logins.check("aps", lambda _: None)
    else:
        await engine.logins.keep_secret("aps", "client_secret", Secret("new"), only_this_run=True)
    await until(lambda: notice(engine).startswith("looks like"), design.clock)


async def test_a_paused_connection_is_not_looked_at_until_its_user_wishes(engine: Engine, design: PlayedDesign) -> None:
    engine.start()
    engine.connections.pause("aps", on=True)
    line = await lost(engine)
    for _ in range(20):
        design.clock.jump(10)
        await settle()
    assert design.lists == 0
    await engine.asks.refresh([line.key])
    await until(lambda: notice(engine).startswith("looks like"), design.clock)


async def test_an_order_whose_body_is_not_kept_is_known_by_its_activity_all_the_same(
    engine: Engine, design: PlayedDesign
) -> None:
    line = await lost(engine, BODY.replace('"verb"', '"headers": {"Authorization": "Bearer eyJcanary"}, "verb"'))
    assert line.order_body is None
    assert line.lost is not None
    assert (line.lost.kind, line.lost.outputs) == (ACTIVITY, ("results/out.zip",))
    await engine.search.look_up(line.key)
    assert notice(engine).startswith("looks like")


async def test_a_post_at_its_address_says_that_it_was_started(engine: Engine, design: PlayedDesign) -> None:
    assert await engine.callbacks.start(Callbacks(("127.0.0.1", 0), "https://ops.example")) is None
    engine.config = replace(engine.config, callbacks=Callbacks(("127.0.0.1", 0), "https://ops.example"))
    await lost(engine)
    path = json.loads(design.body)["arguments"]["onComplete"]["url"].removeprefix("https://ops.example")
    reader, writer = await asyncio.open_connection("127.0.0.1", engine.callbacks.port)
    writer.write(f"POST {path} HTTP/1.1\r\nContent-Length: 0\r\n\r\n".encode())
    assert (await reader.read()).startswith(b"HTTP/1.1 204")
    writer.close()
    await until(lambda: notice(engine).startswith("looks like"), design.clock)


async def test_after_five_days_nothing_is_asked_and_nothing_is_claimed(engine: Engine, design: PlayedDesign) -> None:
    await lost(engine)
    design.clock.jump(6 * 86_400)
    told = await settled(engine, design)
    assert told.endswith("but Autodesk lists the last five days only; look there before you send it again")
    assert design.lists == 0


async def test_what_no_vendor_lists_is_told_so_and_not_looked_up(engine: Engine, design: PlayedDesign) -> None:
    with pytest.raises(AskError) as caught:
        await engine.vendor_desk.submit("sourcing", Order("", "/event/17/apiBids/async"))
    assert "look at the vendor" in caught.value.hint
    line = the_line(engine)
    assert "cannot list its jobs; look there before you send it again" in notice(engine)
    with pytest.raises(UsageError, match="cannot be looked up"):
        await engine.search.look_up(line.key)
    engine.start()
    await settle()
    assert (line.sent, line.next_check_at, design.lists) == (None, None, 0)
