"""Connections added, changed, renamed and removed while the board runs: with their secrets, jobs and files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from keyring.errors import KeyringLocked

from tests.engine.config_room import PLANT, ConfigRoom
from tests.engine.keyrings import BrokenBackend, MemoryBackend, of_module, used
from tests.engine.octoplant_web import A, B
from tests.engine.waiting import until
from tui.engine.engine import LOOK_SECONDS
from tui.engine.facts.connections import ConnectionDraft, StepState
from tui.engine.facts.jobs import TrackWish
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.storage.database import Database
from tui.errors import ConfigError, CredentialsError, UsageError
from tui.model import Condition, ConnectionHealth, Download, DownloadState, JobKey, JobState, Safe, Secret

KEY, MOVED = JobKey(f"plant:{A}"), JobKey(f"works:{A}")
CANARY = Secret("canary-of-the-desk")
DRAFT = ConnectionDraft("works", "octoplant", (("base_url", "https://works.example"), ("username", "eve")))


@pytest.fixture
def room(tmp_path: Path) -> ConfigRoom:
    room = ConfigRoom(tmp_path)
    room.path.write_text(PLANT)
    room.plant.put(A)
    room.plant.put(B)
    return room


async def test_an_added_connection_is_asked_at_once(room: ConfigRoom) -> None:
    async with room.engine() as engine:
        engine.start()
        told = await engine.connections.save(replace(DRAFT, secrets=(("password", CANARY),)))
        kept = "works/password is kept for this run only: none here; for later runs: set the variable JOBDECK_SECRET_W"
        assert told.startswith(f"works is written to config.toml; {kept}")
        job = await engine.asking.track(TrackWish(B, connection="works"))
        assert job.state is JobState.RUNNING
        text = room.path.read_text()
        assert text.startswith(PLANT)
        assert CANARY.reveal() not in text
        with pytest.raises(UsageError, match="already"):
            await engine.connections.save(DRAFT)


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (replace(DRAFT, vendor="octoplnt"), "did you mean octoplant"),
        (replace(DRAFT, name="a b"), "may hold letters"),
        (replace(DRAFT, settings=DRAFT.settings[:1]), "username is missing"),
        (replace(DRAFT, secrets=(("pasword", CANARY),)), "no secret named pasword"),
        (replace(DRAFT, settings=(*DRAFT.settings, ("password", "canary-of-the-desk"))), "is a secret"),
        (replace(DRAFT, name="Plant"), "too like plant"),
    ],
)
async def test_a_wrong_one_is_not_written(room: ConfigRoom, draft: ConnectionDraft, said: str) -> None:
    async with room.engine() as engine:
        with pytest.raises((UsageError, ConfigError)) as caught:
            await engine.connections.save(draft)
        assert said in f"{caught.value.message}; {caught.value.hint}"
        assert "canary" not in f"{caught.value.message}; {caught.value.hint}"
    assert room.path.read_text() == PLANT


async def test_all_mistakes_are_told_at_once(room: ConfigRoom) -> None:
    settings = (("base_url", "ftp://x"), ("timeout", "soon"), ("insecure", "perhaps"), ("auto", "state:nonsense"))
    async with room.engine() as engine:
        found = engine.connections.mistakes_in(ConnectionDraft("plant", "octoplant", settings))
        assert {one.setting for one in found} == {"name", "base_url", "timeout", "insecure", "auto", "username"}
        assert engine.connections.mistakes_in(DRAFT) == ()
        kept = ConnectionDraft("plant", "octoplant", (("base_url", "https://x.example"), ("username", "x")))
        assert engine.connections.mistakes_in(kept, "plant") == ()


async def test_an_edited_one_keeps_what_was_not_touched(room: ConfigRoom) -> None:
    async with room.engine() as engine:
        await engine.connections.save(ConnectionDraft("plant", "octoplant", (("label", "Plant 4"),)), "plant")
        assert engine.config.connection("plant").label == "Plant 4"
        await engine.connections.save(ConnectionDraft("plant", "octoplant", (("label", ""),)), "plant")
        with pytest.raises(UsageError, match="cannot be changed"):
            await engine.connections.save(ConnectionDraft("plant", "enos", ()), "plant")
    assert room.path.read_text() == PLANT


async def test_the_facts_name_each_source_and_no_value(room: ConfigRoom) -> None:
    room.path.write_text(PLANT + 'secret_command = { access_token = ["false"] }\n')
    backend = room.secrets()
    with used(backend):
        async with room.engine(GuardedKeyring()) as engine:
            await engine.asking.track(TrackWish(A, check=False))
            await engine.connections.save(DRAFT)
            await engine.logins.keep_secret("works", "password", CANARY, only_this_run=False)
            await engine.logins.keep_secret("works", "client_secret", CANARY, only_this_run=True)
            plant, works = await engine.connections.facts()
            missing = next(one for one in works.secrets if one.field == "access_token")
    assert {one.field: one.source for one in plant.secrets} == {
        "password": "environment",
        "client_secret": "vendor's published default",
        "access_token": "secret_command",
    }
    assert {one.field: one.source for one in works.secrets} == {
        "password": "keyring (Secret Service)",
        "client_secret": "this run",
        "access_token": None,
    }
    assert "jobdeck secret set works access_token" in (missing.trouble or "")
    assert (plant.jobs, works.jobs) == (1, 0)
    assert ("username", "versiondog") in plant.settings
    assert plant.requests_left is not None
    assert plant.requests_left > 0
    assert "canary" not in repr((plant, works))
    assert backend.kept == {("jobdeck", "works/password"): CANARY.reveal()}


async def test_renamed_with_its_jobs_its_files_and_its_secrets(room: ConfigRoom, tmp_path: Path) -> None:
    backend = room.secrets()
    backend.kept["jobdeck", "plant/access_token"] = CANARY.reveal()
    beside = tmp_path / "out.zip.part.json"
    done = Download(7, KEY, Safe("done.zip"), tmp_path, DownloadState.DONE, tmp_path / "done.zip")
    paused = Download(8, KEY, Safe("out.zip"), tmp_path, DownloadState.PAUSED)
    with used(backend):
        async with room.engine(GuardedKeyring()) as engine:
            await engine.asking.track(TrackWish(A, title="Export"))
            await engine.board.keep_report(KEY, "a report")
            await engine.board.put_download(done)
            await engine.board.put_download(paused)
            record: dict[str, object] = {
                "job": KEY,
                "output": "out.zip",
                "validator": None,
                "total": 9,
                "there": [],
                "synced": [],
            }
            beside.write_text(json.dumps({**record, "boot": ""}))
            before = await engine.store.events(KEY)
            engine.start()
            told = await engine.connections.rename("plant", "works")
            job = engine.board.job(MOVED)
            assert KEY not in engine.board.jobs
            assert (job.title, [one.id for one in job.downloads]) == ("Export", [7, 8])
            assert [event.text for event in await engine.store.events(MOVED)] == [event.text for event in before]
            assert await engine.store.events(KEY) == ()
            assert "JOBDECK_SECRET_WORKS_PASSWORD from now on" in told
    assert room.path.read_text() == PLANT.replace("plant]", "works]")
    assert backend.kept == {("jobdeck", "works/access_token"): CANARY.reveal()}
    assert json.loads(beside.read_text())["job"] == MOVED
    async with room.engine() as again:
        assert list(again.board.jobs) == [MOVED]
        assert {one.job for one in again.board.downloads.values()} == {MOVED}
        assert await again.asking.report(MOVED) == "a report"


async def test_what_was_typed_for_this_run_moves_along_and_nothing_is_refused_meanwhile(room: ConfigRoom) -> None:
    room.environ.clear()
    health: list[ConnectionHealth] = []
    async with room.engine() as engine:
        engine.health.listen(health.append)
        await engine.logins.keep_secret("plant", "password", CANARY, only_this_run=True)
        await engine.asking.track(TrackWish(A))
        engine.start()
        draft = ConnectionDraft("works", "octoplant", (("label", "Works"),))
        assert (await engine.connections.save(draft, "plant")).startswith("works is changed in config.toml")
        checked = engine.board.job(MOVED).checked_at
        while engine.board.job(MOVED).checked_at == checked:
            await room.clock.advance(LOOK_SECONDS)
        assert Condition.REFUSED not in {one.condition for one in health}


async def test_a_new_secret_is_in_force_before_the_connection_is_asked_again(room: ConfigRoom) -> None:
    sent: list[str] = []

    def token(request: httpx.Request) -> httpx.Response | None:
        if not request.url.path.endswith("token"):
            return None
        sent.append(request.content.decode())
        return None if CANARY.reveal() in sent[-1] else httpx.Response(401, json={"error": "invalid_grant"})

    room.environ.clear()
    room.plant.instead = token
    async with room.engine() as engine:
        await engine.logins.keep_secret("plant", "password", Secret("canary-that-is-wrong"), only_this_run=True)
        await engine.asking.track(TrackWish(A, check=False))
        engine.start()
        await until(lambda: len(sent) == 1)
        await until(lambda: engine.board.job(KEY).problem)
        draft = ConnectionDraft("plant", "octoplant", (("label", "Plant 4"),), (("password", CANARY),))
        told = await engine.connections.save(draft, "plant")
        assert told.startswith("plant is changed in config.toml; plant/password is kept")
        await until(lambda: engine.board.job(KEY).state is JobState.RUNNING)
        assert ["wrong" in one for one in sent] == [True, *[False] * (len(sent) - 1)]
        wrong = ConnectionDraft("works", "octoplant", (("timeout", "soon"),), (("password", Secret("canary-new")),))
        with pytest.raises(UsageError, match="timeout"):
            await engine.connections.save(wrong, "plant")
        assert list(engine.board.jobs) == [KEY]
        assert not engine.config.connections.keys() - {"plant"}


async def test_a_rename_that_cannot_be_changes_nothing(room: ConfigRoom, tmp_path: Path) -> None:
    health: list[ConnectionHealth] = []
    async with room.engine() as engine:
        engine.health.listen(health.append)
        engine.start()
        await engine.asking.track(TrackWish(A))
        await engine.connections.save(DRAFT)
        for new in ("works", "a b", "WORKS"):
            with pytest.raises((UsageError, ConfigError)):
                await engine.connections.rename("plant", new)
        await engine.board.put_download(Download(7, KEY, Safe("x"), tmp_path, DownloadState.RUNNING))
        with pytest.raises(UsageError, match="moving"):
            await engine.connections.rename("plant", "factory")
        asked = len(room.plant.asked)
        while len(room.plant.asked) == asked:  # it is asked on
            await room.clock.advance(LOOK_SECONDS)
        assert list(engine.board.jobs) == [KEY]
    assert room.path.read_text().startswith(PLANT)


async def test_a_renamed_connection_keeps_the_time_since_which_its_results_are_fetched(room: ConfigRoom) -> None:
    room.path.write_text(PLANT + "auto = true\n")
    since = room.clock.now()
    async with room.engine() as engine:
        engine.start()
        await engine.start_auto()
        room.clock.jump(60)
        await engine.connections.rename("plant", "works")
    database = Database(room.home / "board.sqlite")
    assert database.marks(frozenset({"auto works True"}), room.clock.now()) == {"auto works True": since}
    database.close()


async def test_where_the_file_cannot_be_written_the_jobs_keep_their_name(room: ConfigRoom) -> None:
    async with room.engine() as engine:
        await engine.asking.track(TrackWish(A))
        engine.start()

        def spoil(change: object) -> None:
            room.path.write_text("[ui\n")  # an editor was faster

        engine.board.listen(spoil)
        with pytest.raises(ConfigError):
            await engine.connections.rename("plant", "works")
        assert list(engine.board.jobs) == [KEY]
        asked = len(room.plant.asked)
        while len(room.plant.asked) == asked:  # it is asked on
            await room.clock.advance(LOOK_SECONDS)


class Picky(MemoryBackend):
    """Takes a secret for the new name and does not give it back."""

    def get_password(self, service: str, username: str) -> str | None:
        return None if username.startswith("works/") else super().get_password(service, username)


async def test_no_secret_is_lost_where_the_keyring_does_not_keep_the_new_one(room: ConfigRoom) -> None:
    backend = of_module(Picky, "keyring.backends.SecretService")
    backend.kept["jobdeck", "plant/password"] = CANARY.reveal()
    with used(backend):
        async with room.engine(GuardedKeyring()) as engine:
            with pytest.raises(CredentialsError, match="does not give it back"):
                await engine.connections.rename("plant", "works")
    assert backend.kept["jobdeck", "plant/password"] == CANARY.reveal()
    assert room.path.read_text() == PLANT


async def test_removed_with_and_without_its_jobs(room: ConfigRoom) -> None:
    backend = room.secrets()
    backend.kept["jobdeck", "plant/password"] = CANARY.reveal()
    gone: list[str] = []
    with used(backend):
        async with room.engine(GuardedKeyring()) as engine:
            engine.gone.listen(gone.append)
            await engine.asking.track(TrackWish(A))
            told = await engine.connections.remove("plant", with_jobs=False)
            assert told == "plant is removed, and what the keyring held of it"
            assert (gone, list(engine.board.jobs), backend.kept) == (["plant"], [KEY], {})
            assert room.path.read_text() == ""
            await engine.connections.save(replace(DRAFT, name="plant"))
            await engine.connections.remove("plant", with_jobs=True)
            assert engine.board.jobs == {}


class Clinging(MemoryBackend):
    """Keeps what is to be removed."""

    def delete_password(self, service: str, username: str) -> None:
        raise OSError


async def test_a_secret_that_stays_is_told(room: ConfigRoom) -> None:
    backend = of_module(Clinging, "keyring.backends.SecretService")
    backend.kept["jobdeck", "plant/password"] = CANARY.reveal()
    with used(backend):
        async with room.engine(GuardedKeyring()) as engine:
            told = await engine.connections.remove("plant", with_jobs=False)
    assert told == "plant is removed; plant/password is still in the keyring: the keyring failed: OSError"


class Locked(BrokenBackend):
    error = KeyringLocked


async def test_what_a_locked_keyring_holds_is_told_to_stay(room: ConfigRoom) -> None:
    with used(of_module(Locked, "keyring.backends.SecretService")):
        async with room.engine(GuardedKeyring()) as engine:
            told = await engine.connections.rename("plant", "works")
            assert told == (
                "plant is called works now; JOBDECK_SECRET_PLANT_PASSWORD has to be called "
                "JOBDECK_SECRET_WORKS_PASSWORD from now on; "
                "what the keyring holds of plant stays there: the keyring is locked"
            )
            told = await engine.connections.remove("works", with_jobs=False)
    assert told == "works is removed; what the keyring holds of works stays there: the keyring is locked"


async def test_two_programs_side_by_side(room: ConfigRoom) -> None:
    room.environ["JOBDECK_SECRET_WORKS_PASSWORD"] = "canary-of-works"
    async with room.engine() as one, room.engine() as other:
        one.start()
        other.start()
        await one.asking.track(TrackWish(A))
        while KEY not in other.board.jobs:
            await room.clock.advance(LOOK_SECONDS)
        await one.connections.rename("plant", "works")
        while list(other.board.jobs) != [MOVED] or "works" not in other.config.connections:
            await room.clock.advance(LOOK_SECONDS)
        checked = other.board.job(MOVED).checked_at
        while other.board.job(MOVED).checked_at == checked:
            await room.clock.advance(LOOK_SECONDS)
        assert KEY not in one.board.jobs


async def test_a_refused_connection_is_asked_on_after_a_new_secret_or_a_good_test(room: ConfigRoom) -> None:
    health: list[ConnectionHealth] = []
    room.environ.clear()
    async with room.engine() as engine:
        engine.health.listen(health.append)
        await engine.asking.track(TrackWish(A, check=False))
        engine.start()
        await until(lambda: health[-1].condition is Condition.REFUSED)
        room.plant.instead = lambda r: httpx.Response(401) if r.url.path.endswith("token") else None
        told = await engine.logins.keep_secret("plant", "password", CANARY, only_this_run=True)
        assert "this run only" in told
        await until(lambda: room.plant.asked == ["POST /v1/oauth2/token"])
        await until(lambda: health[-1].condition is Condition.REFUSED)
        await room.clock.advance(600)
        assert len(room.plant.asked) == 1  # a refused secret is not tried again by itself
        good = httpx.Response(200, json={"version": "1"})
        room.plant.instead = lambda r: good if r.url.path == "/" or "status" in r.url.path else None
        steps = await engine.logins.check("plant", lambda _: None)
        assert not [step for step in steps if step.state is StepState.BROKEN]
        await until(lambda: engine.board.job(KEY).state is JobState.RUNNING)
        await engine.logins.log_out("plant")
        tokens = room.plant.asked.count("POST /v1/oauth2/token")
        await engine.asking.ask_now(KEY)
        assert room.plant.asked.count("POST /v1/oauth2/token") == tokens + 1


async def test_drafts_from_a_pasted_address(room: ConfigRoom) -> None:
    async with room.engine() as engine:
        url = "https://orch.example/aspera/orchestrator/api/work_order_status/42?login=ops&password=canary-of-a-paste"
        drafts = {one.vendor: one for one in engine.connections.drafts_for(url)}
        aspera = drafts["aspera"]
        assert dict(aspera.settings) == {"base_url": "https://orch.example/aspera/orchestrator", "username": "ops"}
        assert dict(aspera.secrets) == {"password": Secret("canary-of-a-paste")}
        assert "canary" not in repr(drafts)
        assert engine.connections.drafts_for("no address") == ()
        plant = engine.connections.drafts_for(f"curl https://plant.example:64023/v1/order/{A}")
        assert [(one.vendor, dict(one.settings)) for one in plant if one.vendor == "octoplant"] == [
            ("octoplant", {"base_url": "https://plant.example:64023"})
        ]


async def test_nothing_in_a_pasted_address_gives_the_terminal_orders(room: ConfigRoom) -> None:
    async with room.engine() as engine:
        drafts = engine.connections.drafts_for(
            "https://gateway.example/data-federation/v2.0/channels/read/ch-1/download/t-1/status?orgId=o%1b%5b31m%e2%80%ae"
        )
        settings = dict(next(one for one in drafts if one.vendor == "enos").settings)
        assert settings["org_id"] == "o␛[31m\ufffd"
