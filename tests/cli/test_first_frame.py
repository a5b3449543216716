"""What the board loads before its first frame: all that it can do without comes afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.engine.five import TEXT

PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from tui import config
from tui.cli import board as command
from tui.cli.log import start_log
home = Path(sys.argv[1])
command.preload()
from tui.app import Board, BoardOptions
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.late import LateEngine
from tui.engine.surroundings import Surroundings
start_log(home / "log", with_requests=False)
around = Surroundings(keyring=GuardedKeyring(trouble="none"))
door = LateEngine(config.load(home / "config.toml"), home / "board.sqlite", around)
door.start()
painted = []
def on_painted():
    painted.extend(sys.modules)
    door.begin()
async def run():
    async with Board(door, options=BoardOptions(on_painted=on_painted)).run_test(size=(120, 40)):
        await asyncio.wrap_future(door.keyring_state())
asyncio.run(run())
door.close()
print(json.dumps([painted, list(sys.modules)]))
"""

LATER = {
    *("httpx", "h11", "certifi", "keyring", "secretstorage", "cryptography", "jeepney", "click", "aiohttp"),
    *("tui.engine.engine", "tui.engine.wire.sessions", "tui.engine.downloads", "tui.vendors._login"),
    *("tui.screens.start", "tui.screens.track", "tui.screens.outputs", "tui.screens.help", "tui.screens.connect"),
    *("textual.widgets._text_area", "textual.widgets._data_table", "textual.widgets._markdown", "tree_sitter"),
    *("tui.cli.as_json", "tui.cli.demo", "tui.emulators"),
}


def test_the_first_frame_waits_for_nothing_that_it_does_not_show(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(TEXT)
    words = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False, timeout=150)
    assert ended.returncode == 0, ended.stderr
    painted, at_last = (set(names) for names in json.loads(ended.stdout.splitlines()[-1]))
    assert painted, "nothing was painted"
    assert LATER & painted == set()
    assert {"httpx", "tui.engine.engine"} <= at_last
