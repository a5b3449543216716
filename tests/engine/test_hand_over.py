"""Links for other programs: secrets only in the environment, and a private file where no program is there."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.waiting import until
from tui.engine.hand_over import hand_over
from tui.errors import DownloadError, UsageError
from tui.model import Secret
from tui.vendors.contract import HandOver

LINK = Secret("fasp://faspex@fx.example:33001/Box - 0f6b/PKG?token=ATM3_canary==&cookie=c1")


class Fasp:
    """Satisfies `contract.HandsOver`: its programs are scripts of the test."""

    programs = ("best-fetcher", "fetcher")

    def __init__(self, files: dict[Path, str] | None = None, refuses: str = "") -> None:
        self.files = files or {}
        self.refuses = refuses

    def hand_over(self, link: str, program: str, folder: Path) -> HandOver:
        if self.refuses:
            raise UsageError(self.refuses)
        token = link.partition("token=")[2]
        words = (program, "get", "/Box - 0f6b/PKG", str(folder))
        return HandOver(words, {"FETCH_TOKEN": Secret(token)}, self.files)


@pytest.fixture
def install(tmp_path: Path) -> Callable[[str, str], dict[str, str]]:
    """Puts a program of that name, written in Python, on a PATH of its own; returns the environment."""

    def install(name: str, code: str) -> dict[str, str]:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!{sys.executable}\n{code}\n")
        path.chmod(0o755)
        return {"PATH": str(path.parent), "HOME": str(tmp_path), "JOBDECK_SECRET_X_Y": "not for others"}

    return install


async def test_the_program_gets_the_secret_in_its_environment_alone(
    install: Callable[[str, str], dict[str, str]], tmp_path: Path
) -> None:
    code = "import json, os, sys; json.dump([sys.argv, dict(os.environ)], open(sys.argv[3] + '/seen', 'w'))"
    environ = install("fetcher", code)
    folder = tmp_path / "new" / "folder"
    assert await hand_over(Fasp(), LINK, "package", folder, environ) == f"fetcher fetched it into {folder}"
    argv, seen = json.loads((folder / "seen").read_text())
    assert argv[1:] == ["get", "/Box - 0f6b/PKG", str(folder)]
    assert seen["FETCH_TOKEN"] == "ATM3_canary==&cookie=c1"
    assert "JOBDECK_SECRET_X_Y" not in seen


async def test_the_best_program_is_taken(install: Callable[[str, str], dict[str, str]], tmp_path: Path) -> None:
    install("fetcher", "raise SystemExit(9)")
    environ = install("best-fetcher", "")
    assert (await hand_over(Fasp(), LINK, "package", tmp_path, environ)).startswith("best-fetcher")


async def test_a_program_that_fails_says_why_without_the_secret(
    install: Callable[[str, str], dict[str, str]], tmp_path: Path
) -> None:
    code = "import os, sys; sys.stderr.write('refused token=' + os.environ['FETCH_TOKEN']); sys.exit(7)"
    environ = install("fetcher", code)
    with pytest.raises(DownloadError, match="fetcher ended with 7") as caught:
        await hand_over(Fasp(), LINK, "package", tmp_path, environ)
    assert "refused" in caught.value.hint
    assert "canary" not in caught.value.hint


async def test_files_for_the_program_are_private_and_gone_afterwards(
    install: Callable[[str, str], dict[str, str]], tmp_path: Path
) -> None:
    wanted = tmp_path / "wanted.txt"
    seen = tmp_path / "seen"
    code = (
        f"import os, pathlib; path = pathlib.Path({str(wanted)!r}); mode = path.stat().st_mode & 0o777\n"
        f"pathlib.Path({str(seen)!r}).write_text(f'{{mode}} {{path.read_text()}}')"
    )
    environ = install("fetcher", code)
    await hand_over(Fasp({wanted: "/Box - 0f6b/PKG"}), LINK, "package", tmp_path, environ)
    assert seen.read_text() == f"{0o600} /Box - 0f6b/PKG"
    assert not wanted.exists()


async def test_a_link_that_the_program_cannot_take_is_saved_with_the_reason(
    install: Callable[[str, str], dict[str, str]], tmp_path: Path
) -> None:
    environ = install("fetcher", "")
    said = await hand_over(Fasp(refuses="there is no token key"), LINK, "package", tmp_path, environ)
    assert said == f"there is no token key: the link is in {tmp_path / 'package.link'}"


async def test_the_last_line_of_what_it_said_is_the_reason(
    install: Callable[[str, str], dict[str, str]], tmp_path: Path
) -> None:
    environ = install("fetcher", "import sys; sys.stderr.write('noise\\n' * 100_000 + 'no route\\n'); sys.exit(1)")
    with pytest.raises(DownloadError) as caught:
        await hand_over(Fasp(), LINK, "package", tmp_path, environ)
    assert caught.value.hint == "no route"


def is_alive(number: str) -> bool:
    try:
        stat = (Path("/proc") / number / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


async def test_a_stopped_program_is_ended_with_what_it_started(
    install: Callable[[str, str], dict[str, str]], tmp_path: Path
) -> None:
    started = tmp_path / "started"
    wanted = tmp_path / "wanted.txt"
    code = (
        "import os, pathlib, subprocess, time\n"
        "child = subprocess.Popen(['/bin/sleep', '600'])\n"
        f"path = pathlib.Path({str(started)!r})\n"
        "path.with_suffix('.new').write_text(f'{os.getpid()} {child.pid}')\n"
        "path.with_suffix('.new').rename(path)\ntime.sleep(600)"
    )
    environ = install("fetcher", code)
    task = asyncio.create_task(hand_over(Fasp({wanted: "x"}), LINK, "package", tmp_path, environ))
    await until(started.exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not any(is_alive(number) for number in started.read_text().split()))
    assert not wanted.exists()


async def test_without_a_program_the_link_is_saved_for_its_owner_alone(tmp_path: Path) -> None:
    environ = {"PATH": str(tmp_path / "nothing")}
    for expected in ("pack_age.link", "pack_age (1).link"):
        said = await hand_over(Fasp(), LINK, "pack?age", tmp_path / "out", environ)
        path = tmp_path / "out" / expected
        assert str(path) in said
        assert "canary" not in said
        assert path.read_text() == LINK.reveal() + "\n"
        assert os.stat(path).st_mode & 0o777 == 0o600  # noqa: PTH116
