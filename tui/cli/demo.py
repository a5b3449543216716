"""`jobdeck --demo`: the board on five emulated vendors, in a temporary folder that is gone afterwards.

The vendors run in a process of their own, so that what they compute does not slow the board. It ends when its standard
input ends, that is when the board is gone, however that happened.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from argparse import Namespace
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import tomli_w

from tui import config
from tui.cli.board import Opening, open_board, preload, recording_of, refuse_without_terminal
from tui.cli.context import paths_of
from tui.cli.demo_past import write_past
from tui.engine.door import Door
from tui.engine.facts.jobs import TrackWish
from tui.engine.secrets.finder import take_secrets
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.secrets.ways import variable
from tui.engine.surroundings import Surroundings
from tui.errors import JobdeckError, UsageError
from tui.paths import Paths

_JOIN_SECONDS = 2.0
_BANDWIDTH = "4000000"
"""Bytes a second for each download: the larger files are seen to move."""


@dataclass(frozen=True, slots=True)
class Site:
    """One emulated vendor, as `emulate --json` describes it."""

    vendor: str
    connection: Mapping[str, str | float]
    secrets: Mapping[str, str]
    jobs: tuple[str, ...]
    outputs: tuple[str, ...]
    titles: tuple[str, ...]


NAMES = {
    "autodesk": "aps-prod",
    "enos": "windfarm",
    "aspera": "orchestrator",
    "jaggaer": "sourcing",
    "octoplant": "plant",
}
"""What the demo calls its connections."""


def run(options: Namespace) -> int:
    """Open the board on emulated vendors; needs no account, no config and no keyring."""
    refuse_without_terminal()
    # The emulated vendors are on loopback: no proxy of the user's stands between.
    take_secrets(os.environ)  # the user's own are nothing to the demo, nor to what it starts
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
    folder = Path(tempfile.mkdtemp(prefix="jobdeck-demo-"))
    vendors = _start_vendors()
    try:
        preload()  # while the vendors start
        sites = _read_sites(vendors)
        downloads = Path(options.demo_to).expanduser() if options.demo_to else folder / "downloads"
        log_file = paths_of(options).log_file
        paths = Paths(config=folder / "config.toml", state=folder / "state", log_file=log_file)
        paths.config.write_text(_demo_text(sites, downloads), "utf-8")
        paths.make_state()
        write_past(paths.database)
        around = demo_surroundings(sites, read_only=options.read_only)
        opening = Opening(
            config=config.load(paths.config),
            paths=paths,
            around=replace(around, config_file=paths.config),
            mouse=not options.no_mouse,
            record=recording_of(options),
            demo_folder=downloads if options.demo_to else folder,
            on_door=lambda door: _fill_and_follow(door, sites, vendors),
            on_hard_exit=lambda: shutil.rmtree(folder, ignore_errors=True),
        )
        return open_board(opening)
    finally:
        _stop(vendors)
        shutil.rmtree(folder, ignore_errors=True)


def _demo_text(sites: tuple[Site, ...], downloads: Path) -> str:
    document = {
        "downloads": {"folder": str(downloads)},
        "connections": {NAMES[site.vendor]: dict(site.connection) for site in sites},
    }
    return tomli_w.dumps(document)


def demo_surroundings(sites: tuple[Site, ...], *, read_only: bool = False) -> Surroundings:
    """The emulated accounts' secrets and nothing of the user's own."""
    secrets = {variable(NAMES[site.vendor], name): value for site in sites for name, value in site.secrets.items()}
    return Surroundings(
        environ=secrets, keyring=GuardedKeyring(trouble="the demo uses no keyring"), read_only=read_only
    )


def read_sites(line: str) -> tuple[Site, ...]:
    """The first line of `emulate --json`."""
    return tuple(
        Site(
            vendor=vendor,
            connection=site["connection"],
            secrets=site["secrets"],
            jobs=tuple(site["jobs"]),
            outputs=tuple(site.get("outputs", ())),
            titles=tuple(site.get("titles", ())),
        )
        for vendor, site in json.loads(line).items()
    )


def _start_vendors() -> subprocess.Popen[str]:
    options = ["--json", "--story", "--until-stdin-ends", "--bandwidth", _BANDWIDTH]
    command = [sys.executable, "-m", "tui", "emulate", *options]
    return subprocess.Popen(  # noqa: S603  # our own command
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # the terminal's Ctrl-C is not for it
    )


def _read_sites(vendors: subprocess.Popen[str]) -> tuple[Site, ...]:
    line = _pipe(vendors.stdout).readline()
    if not line:
        said = _pipe(vendors.stderr).read().strip()
        raise UsageError(said.removeprefix("jobdeck: ") or "the emulated vendors did not start")
    return read_sites(line)


def fill(door: Door, sites: tuple[Site, ...]) -> None:
    """Track the jobs that are there from the start."""
    for site in sites:
        for number, job in enumerate(site.jobs):
            title = site.titles[number] if site.titles else None
            outputs = site.outputs[number : number + 1]
            door.track(TrackWish(job, NAMES[site.vendor], title, outputs, check=False))


def _fill_and_follow(door: Door, sites: tuple[Site, ...], vendors: subprocess.Popen[str]) -> None:
    work = (door, sites, _pipe(vendors.stdout))
    threading.Thread(target=_track_all, args=work, name="arrivals", daemon=True).start()


def _track_all(door: Door, sites: tuple[Site, ...], arrivals: IO[str]) -> None:
    """Beside the board, which paints its first frame meanwhile."""
    with suppress(JobdeckError):  # the board was left at once
        fill(door, sites)
    for line in arrivals:
        said = json.loads(line)
        wish = TrackWish(said["job"], NAMES[said["vendor"]], said["title"], tuple(said["outputs"]), check=False)
        door.track(wish)


def _stop(vendors: subprocess.Popen[str]) -> None:
    _pipe(vendors.stdin).close()
    try:
        vendors.wait(_JOIN_SECONDS)
    except subprocess.TimeoutExpired:
        vendors.kill()
        vendors.wait()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise RuntimeError("the process was started without this pipe")
    return pipe
