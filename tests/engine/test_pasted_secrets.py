"""Pasted credentials are cut off, offered, and kept on the user's word: in the keyring, else for this run."""

from __future__ import annotations

import logging
import random
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.clock import FakeClock
from tests.engine.five import five
from tests.engine.keyrings import BrokenBackend, HangingBackend, MemoryBackend, of_module, used
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.jobs import CutOff, TrackWish
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.errors import CredentialsError, UsageError
from tui.model import Connection, JobKey, JobState, Safe

CANARY = "canary+of the paste"
BASE = "https://orchestrator.example/aspera/orchestrator/api"
URL = f"{BASE}/work_order_status/7100?login=ops&password=canary%2Bof%20the%20paste"
GOOD = "keyring.backends.SecretService"


class Orchestrator:
    """Answers whoever signs in with the canary as password."""

    def __init__(self) -> None:
        self.signed_in = 0

    def transport(self, _: Connection) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != httpx.BasicAuth("ops", CANARY)._auth_header:
            return httpx.Response(401)
        self.signed_in += 1
        return httpx.Response(200, json={"work_order": {"id": 7100, "status": "In Progress"}})


@pytest.fixture
def server() -> Orchestrator:
    return Orchestrator()


def engine_of(folder: Path, server: Orchestrator, keyring: GuardedKeyring) -> Engine:
    around = Surroundings(FakeClock(), random.Random(1), {}, keyring, server.transport)
    return Engine(five(), folder / "board.sqlite", around)


def all_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
async def engine(tmp_path: Path, server: Orchestrator) -> AsyncIterator[Engine]:
    engine = engine_of(tmp_path, server, GuardedKeyring())
    await engine.open()
    yield engine
    await engine.close()


async def test_they_are_found_and_kept_only_on_a_word(engine: Engine, server: Orchestrator, tmp_path: Path) -> None:
    wish = TrackWish(URL)
    backend = of_module(MemoryBackend, GOOD)
    with used(backend):
        assert engine.pasted.cut_off(wish) == CutOff("orchestrator", ("password",))
        with pytest.raises(CredentialsError):
            await engine.asking.track(wish)
        assert backend.kept == {}
        assert await engine.pasted.keep(wish) == "orchestrator/password is kept in the keyring (Secret Service)"
        assert backend.kept == {("jobdeck", "orchestrator/password"): CANARY}
        assert (await engine.asking.track(wish)).state is JobState.RUNNING
        again = engine_of(tmp_path, server, GuardedKeyring())
        await again.open()
        assert (await again.asking.ask_now(JobKey("orchestrator:7100"))).state is JobState.RUNNING
        await again.close()
    assert server.signed_in == 2


async def test_nothing_of_them_is_on_the_disk_or_in_the_log(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    texts = (URL, f"curl -u 'ops:{CANARY}' '{URL}'", f"curl -H 'X-Api-Key: {CANARY}' {BASE}/work_order_status/7100")
    with used(of_module(MemoryBackend, GOOD)):
        for text in texts:
            wish = TrackWish(text)
            await engine.pasted.keep(wish)
            job = await engine.asking.track(wish)
            assert "canary" not in repr((job, wish, engine.pasted.cut_off(wish), await engine.store.events(job.key)))
    written = all_in(tmp_path)
    assert b"7100" in written
    assert b"canary" not in written
    assert "canary" not in caplog.text


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        (of_module(BrokenBackend, GOOD), "the keyring failed: OSError"),
        (of_module(HangingBackend, GOOD), "the keyring did not answer"),
        (of_module(MemoryBackend, "keyring.backends.chainer_of_ours"), "is refused"),
    ],
)
async def test_without_a_keyring_they_are_kept_for_this_run(
    backend: MemoryBackend, said: str, server: Orchestrator, tmp_path: Path
) -> None:
    hangs = isinstance(backend, HangingBackend)
    engine = engine_of(tmp_path, server, GuardedKeyring(seconds=0.01) if hangs else GuardedKeyring())
    await engine.open()
    with used(backend):
        told = await engine.pasted.keep(TrackWish(URL))
        assert told.startswith("orchestrator/password is kept for this run only: ")
        assert said in told
        assert "canary" not in told
        assert (await engine.asking.track(TrackWish(URL))).state is JobState.RUNNING
        if isinstance(backend, HangingBackend):
            backend.answered.set()
    await engine.close()


@pytest.mark.parametrize(
    ("wish", "cut"),
    [
        (TrackWish("7100"), None),
        (TrackWish(f"{BASE}/work_order_status/7100"), None),
        (
            TrackWish("https://elsewhere.example/x?password=canary"),
            CutOff(None, (), Safe("name the connection to keep them")),
        ),
        (TrackWish(URL, connection="nobody"), CutOff(None, (), Safe("there is no connection named nobody"))),
        (
            TrackWish(URL, connection="plant"),
            CutOff(None, (), Safe("the URL's host orchestrator.example is not that of plant")),
        ),
        (
            TrackWish(URL.replace("login=ops", "login=bob")),
            CutOff("orchestrator", (), Safe("they are not of orchestrator's user")),
        ),
        (
            TrackWish(f"curl -H 'Authorization: Bearer canary' {BASE}/work_order_status/7100"),
            CutOff("orchestrator", (), Safe("orchestrator keeps no such secret")),
        ),
    ],
)
async def test_what_is_offered(engine: Engine, wish: TrackWish, cut: CutOff | None) -> None:
    assert engine.pasted.cut_off(wish) == cut
    with pytest.raises(UsageError, match="no credentials to keep"):
        await engine.pasted.keep(wish)
