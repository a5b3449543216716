"""config.toml that changes while the program runs: obeyed, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.config_room import PLANT, ConfigRoom
from tests.engine.octoplant_web import A, B
from tui.config import Config
from tui.engine.connections.live_config import LiveConfig
from tui.engine.engine import LOOK_SECONDS, Engine
from tui.engine.facts.jobs import TrackWish
from tui.model import Condition, ConnectionHealth, JobKey, JobState

KEY = JobKey(f"plant:{A}")


@pytest.fixture
def room(tmp_path: Path) -> ConfigRoom:
    room = ConfigRoom(tmp_path)
    room.path.write_text(PLANT)
    room.plant.put(A)
    room.plant.put(B)
    return room


async def looked(room: ConfigRoom, condition: object) -> None:
    """Let time pass until the condition holds."""
    assert callable(condition)
    while not condition():
        await room.clock.advance(LOOK_SECONDS)


def heard(engine: Engine) -> tuple[list[ConnectionHealth], list[str], list[str]]:
    health: list[ConnectionHealth] = []
    gone: list[str] = []
    told: list[str] = []
    engine.health.listen(health.append)
    engine.gone.listen(gone.append)
    engine.told.listen(told.append)
    return health, gone, told


async def test_a_changed_connection_is_asked_on_and_its_jobs_stay(room: ConfigRoom) -> None:
    async with room.engine() as engine:
        await engine.asking.track(TrackWish(A))
        engine.start()
        before = len(room.plant.asked)
        room.path.write_text(PLANT.replace("usual one", "usual one\nmin_interval = 7.5"))
        await looked(room, lambda: engine.config.connection("plant").min_interval == 7.5)
        await looked(room, lambda: len(room.plant.asked) > before)
        assert engine.board.job(KEY).state is JobState.RUNNING
        assert engine.board.job(KEY).problem is None


async def test_connections_come_and_go(room: ConfigRoom) -> None:
    async with room.engine() as engine:
        health, gone, told = heard(engine)
        await engine.asking.track(TrackWish(A))
        engine.start()
        room.path.write_text(PLANT.replace("plant]", "works]"))
        await looked(room, lambda: gone)
        assert gone == ["plant"]
        assert {one.name for one in health} == {"plant", "works"}
        assert KEY in engine.board.jobs
        assert told == []
        room.path.write_text(PLANT)
        await looked(room, lambda: "works" in gone)
        asked = len(room.plant.asked)
        await looked(room, lambda: len(room.plant.asked) > asked)


async def test_what_did_not_change_is_left_alone(room: ConfigRoom) -> None:
    async with room.engine() as engine:
        health, _, _ = heard(engine)
        await engine.asking.track(TrackWish(A))
        engine.start()
        tokens = room.plant.asked.count("POST /v1/oauth2/token")
        room.path.write_text(PLANT + '[connections.other]\nvendor = "enos"\nbase_url = "https://x.example"\n')
        room.path.write_text(room.path.read_text() + 'access_key = "a"\norg_id = "o1"\n')
        await looked(room, lambda: "other" in engine.config.connections)
        assert [one.name for one in health if one.condition is Condition.IDLE].count("plant") == 1
        assert room.plant.asked.count("POST /v1/oauth2/token") == tokens


async def test_a_broken_file_is_told_once_and_the_old_one_stays(room: ConfigRoom) -> None:
    async with room.engine() as engine:
        _, gone, told = heard(engine)
        engine.start()
        await room.clock.advance(3 * LOOK_SECONDS)
        room.path.write_text(PLANT.replace("username", "usernme"))
        await looked(room, lambda: told)
        await room.clock.advance(5 * LOOK_SECONDS)
        assert len(told) == 1
        assert "config.toml:5" in told[0]
        room.path.unlink()
        await looked(room, lambda: len(told) > 1)
        await room.clock.advance(5 * LOOK_SECONDS)
        assert "is gone" in told[1]
        assert (len(told), gone, list(engine.config.connections)) == (2, [], ["plant"])
        room.path.write_text(PLANT.replace("versiondog", "eve"))
        await looked(room, lambda: engine.config.connection("plant").option("username") == "eve")


async def test_what_counts_from_the_next_start_only_is_said(room: ConfigRoom) -> None:
    async with room.engine() as engine:
        _, _, told = heard(engine)
        engine.start()
        await room.clock.advance(3 * LOOK_SECONDS)
        room.path.write_text(f'[ui]\ntheme = "nord"\n[downloads]\nat_once = 7\nauto = true\n{PLANT}')
        await looked(room, lambda: engine.config.downloads.at_once == 7)
        await room.clock.advance(5 * LOOK_SECONDS)
        assert told == ["config.toml is obeyed; [ui], downloads.at_once from the next start of jobdeck on"]
        room.path.write_text(f'[ui]\ntheme = "nord"\n[downloads]\nat_once = 7\n{PLANT}')
        await looked(room, lambda: engine.config.downloads.auto is False)
        assert len(told) == 1


async def test_a_file_that_is_being_written_is_read_when_it_rests(room: ConfigRoom) -> None:
    obeyed: list[Config] = []
    told: list[str] = []

    async def obey(config: Config) -> None:
        obeyed.append(config)

    live = LiveConfig(room.path, obey, told.append)
    for _ in range(4):
        await live.look()
    assert len(obeyed) == 1
    room.path.write_text("")  # as editors do that empty a file before they fill it
    await live.look()
    room.path.write_text(PLANT + "[ui]\n")
    for _ in range(4):
        await live.look()
    assert [list(one.connections) for one in obeyed] == [["plant"], ["plant"]]
    assert told == []


async def test_a_refused_connection_is_tried_again_when_its_settings_change(room: ConfigRoom) -> None:
    room.environ.clear()
    async with room.engine() as engine:
        health, _, _ = heard(engine)
        await engine.asking.track(TrackWish(A, check=False))
        engine.start()
        await looked(room, lambda: health[-1].condition is Condition.REFUSED)
        await room.clock.advance(5 * LOOK_SECONDS)
        room.environ["JOBDECK_SECRET_PLANT_PASSWORD"] = "canary-of-a-room"  # alone it is no reason to ask
        asked = len(room.plant.asked)
        await room.clock.advance(5 * LOOK_SECONDS)
        assert len(room.plant.asked) == asked
        room.path.write_text(PLANT + "timeout = 21\n")
        await looked(room, lambda: engine.board.job(KEY).state is JobState.RUNNING)
