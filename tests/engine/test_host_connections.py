"""Connections through the door: from the screen's thread, with the engine in its own."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import httpx

from tests.engine.octoplant_web import A, PlayedOctoplant
from tui import config
from tui.engine.door import Door
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.connections import ConnectionDraft, Step, StepState
from tui.engine.facts.jobs import TrackWish
from tui.engine.host import EngineThread
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.model import Secret

DRAFT = ConnectionDraft("works", "octoplant", (("base_url", "https://works.example"), ("username", "eve")))
CANARY = Secret("canary-at-the-door")
LIMIT = 30.0
"""Seconds after which a test that hangs fails."""


def test_a_connection_from_nothing_to_an_answer(tmp_path: Path) -> None:
    plant, path = PlayedOctoplant(), tmp_path / "config.toml"
    plant.put(A)
    good = httpx.Response(200, json={"version": "1"})
    plant.instead = lambda request: good if request.url.path == "/" or "status" in request.url.path else None
    keyring = GuardedKeyring(trouble="none here")
    around = Surroundings(
        rng=random.Random(1), keyring=keyring, transport=plant.transport, config_file=path, environ={}
    )
    thread = EngineThread(Engine(config.load(path), tmp_path / "board.sqlite", around))
    thread.start()
    door: Door = thread
    try:
        forms = {form.vendor: form for form in door.connection_forms()}
        assert len(forms) == 5
        assert [one.name for one in forms["octoplant"].settings][:2] == ["base_url", "username"]
        assert door.keyring_state().result(LIMIT) == "none here"
        assert {one.setting for one in door.mistakes_in(ConnectionDraft("", "octoplant", ()))} >= {"name", "username"}
        door.save_connection(DRAFT).result(LIMIT)
        told: list[tuple[Step, int]] = []
        seen = door.check_connection("works", lambda step: told.append((step, threading.get_ident()))).result(LIMIT)
        assert [step.state for step in seen][3:] == [StepState.BROKEN, StepState.SKIPPED]
        assert [step for step, _ in told] == list(seen)
        assert threading.get_ident() not in {ident for _, ident in told}
        assert "this run" in door.keep_secret("works", "password", CANARY, only_this_run=True).result(LIMIT)
        steps = door.check_connection("works", lambda _: None).result(LIMIT)
        assert [step.state for step in steps][3:] == [StepState.OK, StepState.OK]
        assert door.track(TrackWish(A)).result(LIMIT).connection == "works"
        assert door.drafts_for(f"https://works.example/v1/order/{A}")
        assert door.connections().result(LIMIT)[0].jobs == 1
        door.log_out("works").result(LIMIT)
        changes = door.drain()
        assert [one.name for one in changes.connections] == ["works"]
        door.remove_connection("works", with_jobs=True).result(LIMIT)
        changes = door.drain()
        assert (changes.connections_gone, len(changes.gone)) == (("works",), 1)
        assert path.read_text() == ""
    finally:
        thread.close()
