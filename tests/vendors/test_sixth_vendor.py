"""A sixth vendor is one file: it is put beside the others, and all rooms of the product know it."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from aiohttp import web

from tests.clock import FakeClock
from tui import vendors
from tui.cli import offers
from tui.cli.parser import make_parser
from tui.config import load
from tui.engine.engine import Engine, Surroundings
from tui.engine.facts.jobs import TrackWish
from tui.engine.runs import kind_of
from tui.errors import ConfigError, UsageError
from tui.model import Choice, DownloadState, JobState, Output, Verified
from tui.usual import Kind
from tui.vendors.contract import Order

SOURCE = Path(__file__).parent / "sixth_vendor.txt"
BOWL = bytes(range(256)) * 400
CONFIG = """
[connections.pottery]
vendor = "kiln"
base_url = "{base_url}"
glaze = "green"
"""


@pytest.fixture
def kiln(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The one file, in a folder that is part of the package `tui.vendors` while the test runs."""
    folder = tmp_path / "more-vendors"
    folder.mkdir()
    (folder / "kiln.py").write_text(SOURCE.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(vendors, "__path__", [*vendors.__path__, str(folder)])
    forget()
    yield
    sys.modules.pop("tui.vendors.kiln", None)
    vars(vendors).pop("kiln", None)
    forget()


def forget() -> None:
    vendors.names.cache_clear()
    vendors.load.cache_clear()


class Pottery:
    """The vendor's server: one firing, which goes a step further each time it is asked for."""

    def __init__(self) -> None:
        self.phases = ["drying", "glowing", "glowing"]
        self.keys: set[str] = set()
        self.ordered: list[str] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/firings/7", self._firing), web.get("/firings/7/bowl.bin", self._bowl)])
        app.add_routes([web.post("/shelves/3", self._start)])
        return app

    async def _start(self, request: web.Request) -> web.Response:
        self.ordered.append(await request.text())
        return web.json_response({"number": 7})

    async def _firing(self, request: web.Request) -> web.Response:
        self.keys.add(request.headers.get("Kiln-Key", ""))
        if self.phases:
            return web.json_response({"phase": self.phases.pop(0)})
        return web.json_response({"phase": "fired", "bytes": len(BOWL)})

    async def _bowl(self, request: web.Request) -> web.Response:
        self.keys.add(request.headers.get("Kiln-Key", ""))
        return web.Response(body=BOWL)


@pytest.fixture
def pottery() -> Pottery:
    return Pottery()


@pytest.fixture
async def base_url(pottery: Pottery) -> AsyncIterator[str]:
    runner = web.AppRunner(pottery.app(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def write_config(folder: Path, base_url: str) -> Path:
    path = folder / "config.toml"
    path.write_text(CONFIG.format(base_url=base_url), "utf-8")
    return path


async def until(reached: Callable[[], bool], clock: FakeClock) -> None:
    """Let time and the network go on, without waiting, until something is so."""
    async with asyncio.timeout(120):
        while not reached():
            clock.jump(0.5)
            await asyncio.sleep(0)


@pytest.mark.usefixtures("kiln")
async def test_one_file_is_named_tracked_polled_and_downloaded_from(
    tmp_path: Path, pottery: Pottery, base_url: str
) -> None:
    clock = FakeClock()
    around = Surroundings(clock=clock, environ={"JOBDECK_SECRET_POTTERY_KEY": "open sesame"})
    engine = Engine(load(write_config(tmp_path, base_url)), tmp_path / "board.sqlite", around)
    await engine.open()
    try:
        job = await engine.asking.track(TrackWish("firing:7"))
        assert (job.key, job.title, job.state) == ("pottery:7", "green bowl", JobState.WAITING)

        engine.start()
        await until(lambda: engine.board.jobs[job.key].state is JobState.SUCCEEDED, clock)
        over = engine.board.jobs[job.key]
        assert over.snapshot.outputs == (Output("bowl.bin", size=len(BOWL)),)
        assert kind_of(over) == Kind("pottery", "green bowl")
        assert "pottery:7" in {event.job for event in await engine.store.events(job.key)}

        (download,) = await engine.job_desk.download(job.key, folder=tmp_path / "got")
        (done,) = await engine.downloads.wait((download.id,))
        assert (done.state, done.verified, done.path) == (
            DownloadState.DONE,
            Verified.SIZE,
            tmp_path / "got" / "bowl.bin",
        )
        assert (tmp_path / "got" / "bowl.bin").read_bytes() == BOWL
        assert pottery.keys == {"open sesame"}
    finally:
        await engine.close()


@pytest.mark.usefixtures("kiln")
async def test_one_file_is_offered_to_start_jobs_and_starts_them(
    tmp_path: Path, pottery: Pottery, base_url: str
) -> None:
    around = Surroundings(clock=FakeClock(), environ={"JOBDECK_SECRET_POTTERY_KEY": "open sesame"})
    engine = Engine(load(write_config(tmp_path, base_url)), tmp_path / "board.sqlite", around)
    await engine.open()
    try:
        (offer,) = engine.vendor_desk.offers()
        assert offer.form is not None
        assert (offer.form.place, offer.form.place_example, offer.form.choices) == (
            "Shelf",
            "its number",
            (Choice("ash", ("thickness",)),),
        )
        with pytest.raises(UsageError, match="needs a shelf"):
            await engine.vendor_desk.submit("pottery", Order('{"clay": "red"}'))
        job = await engine.vendor_desk.submit("pottery", Order('{"clay": "red"}', "3"))
        assert (job.key, job.title, pottery.ordered) == ("pottery:7", "red clay", ['{"clay": "red"}'])
    finally:
        await engine.close()


@pytest.mark.usefixtures("kiln")
def test_its_name_is_offered_on_the_command_line(tmp_path: Path) -> None:
    assert [one.word for one in offers.terms("vendor:k", tmp_path)] == ["vendor:kiln"]
    assert "kiln" in [one.word for one in offers.vendors()]
    with pytest.raises(SystemExit), redirect_stdout(StringIO()) as told:
        make_parser().parse_args(["connections", "add", "--help"])
    assert "kiln" in told.getvalue()


def test_no_room_but_a_vendors_own_knows_one_by_its_name() -> None:
    names = re.compile(rf"[\"']({'|'.join(vendors.names())})[\"']")
    root = Path(vendors.__file__).parent.parent
    their_own = (root / "emulators", *(root / "vendors" / name for name in vendors.names()))
    files = [path for path in root.rglob("*.py") if not any(map(path.is_relative_to, their_own))]
    assert len(files) > 200
    named = {path.relative_to(root).as_posix() for path in files if names.search(path.read_text("utf-8"))}
    assert named == {"cli/demo.py"}, "the demo is one of these five"


def test_without_the_file_nobody_knows_the_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must be one of aspera, autodesk, enos, jaggaer, octoplant"):
        load(write_config(tmp_path, "https://pottery.example"))


@pytest.mark.usefixtures("kiln")
def test_its_own_settings_and_secrets_are_checked_like_those_of_the_others(tmp_path: Path) -> None:
    path = write_config(tmp_path, "https://pottery.example")
    text = path.read_text("utf-8")
    path.write_text(text.replace("green", "geren"), "utf-8")
    with pytest.raises(ConfigError, match='glaze must be one of blue, green; did you mean "green"'):
        load(path)
    path.write_text(text + 'key = "open sesame"\n', "utf-8")
    with pytest.raises(ConfigError, match="key is a secret") as caught:
        load(path)
    assert caught.value.hint.endswith("jobdeck secret set pottery key")
