"""No secret and no token is anywhere afterwards: each command, and the board in a terminal, against the emulators.

Looked at: all files, what was printed, the environment of what was started, and the arguments of all processes.
"""

from __future__ import annotations

import base64
import gzip
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
import tomli_w

from tests.cli.conftest import Command, World
from tests.cli.warm import Ended
from tests.realparts import require
from tests.terminal import Terminal, wait_for
from tui.app import Board, BoardOptions
from tui.config import load
from tui.engine.engine import Engine, Surroundings
from tui.engine.host import EngineThread
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.secrets.ways import variable

WRONG = 'cän/ary+&= "wrong\\ 5cbd'
"""What a server refuses, and what is typed where nothing can be stored: awkward in URLs, JSON and shells."""
TYPED = "typed-canary-5cbd77"
PUBLISHED = "client_secret"
"""octoplant's: printed on the vendor's own page."""
LOOK = "(env; cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ') >> {children}"
"""What a started program sees of the others, and has got itself."""


def forms(secret: str) -> Iterator[bytes]:
    raw = secret.encode()
    for text in (secret, quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1]):
        yield text.encode()
    for before in range(3):  # in a Basic login something stands before it, in JSON behind it
        coded = base64.b64encode(bytes(before) + raw)[[0, 2, 3][before] : (before + len(raw)) * 8 // 6]
        yield coded
        yield coded.replace(b"+", b"-").replace(b"/", b"_")


@dataclass
class Run:
    """Everything that was printed, and the markers that must not be found."""

    jobdeck: Command
    markers: dict[str, str]
    printed: list[bytes] = field(default_factory=list)
    vault: Path = Path()

    def __call__(self, *words: str, stdin: str = "", codes: tuple[int, ...] = (0,)) -> str:
        return self._note(words, self.jobdeck.end(*words, stdin=stdin), codes)

    def alone(self, *words: str) -> str:
        """Run in a process that shows its words to what it starts."""
        with self.jobdeck.start(*words) as process:
            out, err = process.communicate(timeout=100)
        return self._note(words, Ended(process.returncode, out, err), (0,))

    def _note(self, words: tuple[str, ...], ended: Ended, codes: tuple[int, ...]) -> str:
        assert ended.code in codes, f"{words}: exit {ended.code}\n{ended.out}\n{ended.err}"
        self.printed += (ended.out.encode(), ended.err.encode())
        return ended.out

    def found(self) -> list[str]:
        """Where a marker is, and which one."""
        places = {str(path): path.read_bytes() for path in self.jobdeck.folder.rglob("*") if self._counts(path)}
        places |= {f"printed {number}": text for number, text in enumerate(self.printed)}
        sought = {name: set(forms(marker)) for name, marker in self.markers.items()}
        return [
            f"{name} in {place}"
            for place, content in places.items()
            for name, alike in sought.items()
            if any(form in content for form in alike)
        ]

    def _counts(self, path: Path) -> bool:
        return path.is_file() and self.vault not in path.parents


@pytest.fixture
def run(world: World, connected: Command, tmp_path: Path) -> Run:
    """Five connections, one of them with a secret_command; two more that go wrong; and a command for each download."""
    sites = world.description.sites
    markers = {
        f"{vendor}/{name}": value
        for vendor, site in sites.items()
        for name, value in site.secrets.items()
        if (vendor, name) != ("octoplant", PUBLISHED)
    }
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "secret_key").write_text(markers["enos/secret_key"])
    del connected.environ[variable("enos", "secret_key")]
    look = LOOK.format(children=shlex.quote(str(tmp_path / "children")))
    command = ["sh", "-c", f"{look}; cat {shlex.quote(str(vault / 'secret_key'))}"]
    connections = {name: {**site.connection, "min_interval": 0.2} for name, site in sites.items()}
    connections["enos"]["secret_command"] = {"secret_key": command}  # type: ignore[assignment]
    connections["refused"] = connections["aspera"] | {"auth": "query"}
    connections["dead"] = connections["refused"] | {"base_url": "http://127.0.0.1:9/aspera"}
    document = {"downloads": {"folder": str(tmp_path / "got"), "after": ["sh", "-c", look]}, "connections": connections}
    connected.config.write_text(tomli_w.dumps(document), "utf-8")
    connected.environ |= {variable(name, "password"): WRONG for name in ("refused", "dead")}
    return Run(connected, markers | {"wrong": WRONG}, vault=vault)


def test_no_command_leaves_a_secret_anywhere(run: Run, world: World) -> None:
    keys = {}
    for vendor, site in world.description.sites.items():
        output = ("--output", site.outputs[list(site.cast).index("done")]) if site.outputs else ()
        keys[vendor] = run("track", "-c", vendor, site.cast["done"], *output).strip()
    order = world.description["aspera"].cast["done"]
    run("track", "-c", "refused", order, codes=(3,))
    run("track", "-c", "dead", order)
    run("list", "--json")
    run("show", keys["autodesk"], "--refresh", "--report")
    run.alone("watch", keys["enos"], "--json", "--timeout", "90", "--download", "got")
    run("download", keys["octoplant"])
    run("cancel", keys["octoplant"], "--yes", codes=(1, 2))
    run("reset", keys["aspera"], "--yes", codes=(0, 1, 2))
    run("untrack", keys["autodesk"], "--yes")
    run("connections", "--json")
    run("connections", "test", codes=(3, 4))
    run("doctor", codes=(1,))
    run("secret", "set", "aspera", "password", stdin=f"{WRONG}\n", codes=(3,))
    run("submit", "-c", "refused", "-", stdin='{"password": "x"}', codes=(2, 3))
    tokens = world.thread.call(
        lambda vendors: [
            token
            for tokens in (vendors.octoplant.tokens, vendors.autodesk.gateway.tokens, vendors.enos.gateway.tokens)
            for token in tokens._grants
        ]
    )
    assert tokens
    run.markers |= {f"token {number}": token for number, token in enumerate(tokens)}
    children = (run.jobdeck.folder / "children").read_text("utf-8", "replace")
    assert "HOME=" in children
    assert "-m tui" in children
    assert run.found() == []


def test_the_search_itself_finds_what_is_there(run: Run) -> None:
    name, marker = next(iter(run.markers.items()))
    for number, text in enumerate(
        (marker, quote(marker, safe=""), base64.b64encode(f"ops:{marker}".encode()).decode())
    ):
        (run.jobdeck.folder / f"leak{number}").write_text(f"<{text}>")
    run.printed.append(base64.urlsafe_b64encode(f"{WRONG}:".encode()))
    found = run.found()
    assert [place for place in found if place.startswith(f"{name} in ")] != []
    assert sorted(re.sub(".*/| in", "", place) for place in found)[:4] == ["leak0", "leak1", "leak2", "wrong printed 0"]


def test_the_board_sends_no_secret_to_the_terminal(run: Run, world: World, tmp_path: Path) -> None:
    require("tmux")
    run("track", "-c", "octoplant", world.description["octoplant"].cast["slow"])
    run("track", "-c", "enos", world.description["enos"].cast["slow"])
    run("track", "-c", "refused", world.description["aspera"].cast["slow"], "--no-check")
    environ = run.jobdeck.environment() | {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
    start = run.vault / "start"
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environ.items())
    night = run.jobdeck.folder / "night"
    board = shlex.join([sys.executable, "-m", "tui", "--record", str(night)])
    start.write_text(f"{exports}exec {board}\n")
    terminal = Terminal(tmp_path / "tmux", 120, 40, {"PATH": environ["PATH"], "TERM": environ["TERM"]})
    try:
        terminal.run("sh", str(start))
        terminal.wait("refused")
        terminal.type("a")
        terminal.wait("o log out")
        terminal.type("End")
        terminal.type("s")
        terminal.wait("Secrets of dead")
        terminal.type("-l", TYPED)
        terminal.wait("•" * len(TYPED))
        terminal.type("Enter")
        gone(terminal, "Secrets of dead")
        terminal.type("Escape")
        gone(terminal, "o log out")
        terminal.type("q")
        terminal.wait("EXIT 0")
        run.printed.append(terminal.bytes_sent())
    finally:
        terminal.close()
    assert b"octoplant" in run.printed[-1]
    recorded = gzip.decompress(night.read_bytes())
    assert b"octoplant" in recorded
    run.printed.append(recorded)
    run.markers["typed"] = TYPED
    assert run.found() == []


async def test_no_tab_and_no_dialog_of_the_board_shows_a_secret(run: Run, world: World) -> None:
    """The board itself, in this process, on an engine of its own."""
    for vendor, site in world.description.sites.items():
        output = ("--output", site.outputs[list(site.cast).index("done")]) if site.outputs else ()
        run("track", "-c", vendor, site.cast["done"], *output)
    run("track", "-c", "refused", world.description["aspera"].cast["slow"], "--no-check")
    around = Surroundings(environ=run.jobdeck.environ, keyring=GuardedKeyring(trouble="none here"))
    door = EngineThread(Engine(load(run.jobdeck.config), run.jobdeck.state / "board.sqlite", around))
    door.start()
    app = Board(door, options=BoardOptions())
    try:
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            for _ in range(6):
                for key in ("r", "d", "l", "l", "l", "l", "l", "o", "escape", "escape", "j"):
                    await pilot.press(key)
                    if key in "lo":
                        run.printed.append(shown(app))
            for keys in (("a", "end"), ("s", *TYPED.replace("-", "")), ("escape", "escape", "question_mark")):
                await pilot.press(*keys)
                run.printed.append(shown(app))
    finally:
        door.close()
    assert b"octoplant" in b"".join(run.printed)
    run.markers["typed"] = TYPED.replace("-", "")
    assert run.found() == []


def shown(app: Board) -> bytes:
    """The text of the screen, as it is read."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips()).encode()


def gone(terminal: Terminal, text: str) -> None:
    wait_for(lambda: text not in terminal.screen(), f"the end of {text}")
