"""The commands that README.md and `--help` show, run against the emulated vendors: what stands there must work."""

from __future__ import annotations

import re
import shlex
import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import tomli_w

from tests.cli.conftest import Command, World
from tests.cli.many import Line, Told, run_many
from tui.engine.secrets.ways import variable

NAMES = {"plant": "octoplant", "media": "aspera"}
"""The connections of the examples, and whose they are."""
ID, SHORT, WORK_ORDER = "0c5b9c1e-77aa-4f0e-9a53-3f1d2b6c8e10", "0c5b", "4711"
"""The jobs of the examples."""
EXPECTED = {
    "jobdeck watch --timeout 600": 1,  # the example's work order has failed
    "jobdeck --demo": 2,  # no terminal
    "jobdeck watch": 1,
    "jobdeck --read-only": 2,
    "jobdeck secret unlock": 3,
    "jobdeck secret set plant password": 3,  # no keyring
    "jobdeck secret set plant password < password.txt": 3,
}
"""What does not end with 0 here, and why."""
SERVERS = ("jobdeck emulate",)
"""What serves until it is ended; it is tested elsewhere."""
LATE = 600.0
"""Seconds after which a quick emulated job is over."""


def blocks(markdown: str, kind: str) -> list[str]:
    """The texts of the fenced blocks of one kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL)


def set_up(jobdeck: Command, world: World) -> None:
    """A config with the examples' connections, and the files that the examples read."""
    sections: dict[str, dict[str, object]] = {}
    environ: dict[str, str] = {}
    for name, vendor in NAMES.items():
        site = world.description[vendor]
        sections[name] = {**site.connection, "min_interval": 0.2}
        environ |= {variable(name, field): value for field, value in site.secrets.items()}
    sections["plant"]["ca_file"] = "~/plant.pem"
    jobdeck.config.write_text(tomli_w.dumps({"connections": sections}), "utf-8")
    jobdeck.environ |= environ
    pem = Path(str(world.description["octoplant"].connection["ca_file"]))
    (jobdeck.folder / "plant.pem").write_bytes(pem.read_bytes())
    (jobdeck.folder / "export.json").write_text('{"exportContents": {"projectTree": {}}}')
    (jobdeck.folder / "password.txt").write_text("hunter2secret\n")
    (jobdeck.folder / "ids.txt").write_text(f"{world.description['octoplant'].cast['quick']}\n")


def run_documented(jobdeck: Command, world: World, shown: Iterable[str]) -> Mapping[str, Told]:
    """Run the shown lines, each on a board that knows the examples' jobs; gives how each ended.

    Those that cancel run while their job is under way, all others when it is over.
    """
    lines = [line for line in dict.fromkeys(shown) if not line.startswith(SERVERS)]
    early = [line for line in lines if shlex.split(line)[1] == "cancel"]
    late = [line for line in lines if line not in early]
    told = dict(zip(early, _run(jobdeck, world, early, "slow"), strict=True))
    world.pass_time(LATE)
    return told | dict(zip(late, _run(jobdeck, world, late, "quick"), strict=True))


def _run(jobdeck: Command, world: World, lines: list[str], cast: str) -> list[Told]:
    plant = _id(world.description["octoplant"].cast[cast], r"[0-9a-f]{8}-[0-9a-f-]{27}")
    media = _id(world.description["aspera"].cast["failing"], r"(?<=/)\d+(?=\?)|^\d+$")
    if not lines:
        return []
    shutil.rmtree(jobdeck.state, ignore_errors=True)
    before = [
        Line(("track", "--no-check", "-c", "plant", plant), keeps=True),
        Line(("track", "--no-check", "-c", "media", media), keeps=True),
        Line(("show", f"plant:{plant[:8]}", "--refresh"), keeps=True),
        Line(("show", f"media:{media}", "--refresh"), keeps=True),
    ]
    real = {
        ID: plant,
        f"plant:{SHORT}": f"plant:{plant[:8]}",
        f"media:{WORK_ORDER}": f"media:{media}",
        "https://plant.example:64023": str(world.description["octoplant"].connection["base_url"]),
        "username=ops": f"username={world.description['octoplant'].connection['username']}",
    }
    with passing(world):
        told = run_many(jobdeck, [*before, *(_line(jobdeck, line, real) for line in lines)])
    for one in told[: len(before)]:
        assert one.code == 0, one
    return told[len(before) :]


def _id(ref: str, pattern: str) -> str:
    found = re.search(pattern, ref)
    assert found is not None, ref
    return found[0]


@contextmanager
def passing(world: World) -> Iterator[None]:
    """Let the emulated time pass, fifty times as fast as ours, for what waits for the end of a job."""
    done = threading.Event()

    def tick() -> None:
        while not done.wait(0.1):
            world.pass_time(5)

    ticking = threading.Thread(target=tick, name="emulated time")
    ticking.start()
    try:
        yield
    finally:
        done.set()
        ticking.join()


def _line(jobdeck: Command, shown: str, real: Mapping[str, str]) -> Line:
    """A shell's line as the words of one command; what it is piped or sent to is left out."""
    reader = shlex.shlex(shown, posix=True, punctuation_chars="<>|")
    reader.whitespace_split = True
    words = list(reader)
    assert words.pop(0) == "jobdeck", shown
    words = words[: words.index("|")] if "|" in words else words
    given = "typed\n" if words[:1] == ["secret"] else ""
    for sign in "<>":
        if sign in words:
            place = words.index(sign)
            given = (jobdeck.folder / words[place + 1]).read_text() if sign == "<" else given
            del words[place : place + 2]
    for one, other in real.items():
        words = [word.replace(one, other) for word in words]
    adds = words[:2] == ["connections", "add"]
    return Line(tuple(words), given, without=words[2] if adds else "")
