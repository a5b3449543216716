"""For each vendor against the emulators: track, watch to the end, show, download, compared byte for byte."""

from __future__ import annotations

import asyncio
import json
import subprocess
import zipfile
from collections.abc import Callable, Coroutine
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.cli import plain_fetch
from tests.cli.conftest import Command, World

Fetch = Callable[[Any, str], Coroutine[Any, Any, bytes]]

JOB_KEYS = frozenset(
    {
        "key",
        "connection",
        "vendor",
        "id",
        "title",
        "state",
        "vendor_status",
        "notice",
        "progress",
        "submitted_at",
        "started_at",
        "finished_at",
        "tracked_at",
        "checked_at",
        "next_check_at",
        "stale",
        "problem",
        "stages",
        "stats",
        "report",
        "outputs",
        "downloads",
    }
)


def track(jobdeck: Command, world: World, vendor: str, cast: str) -> str:
    site = world.description[vendor]
    words = ["track", "-c", vendor, site.cast[cast]]
    if site.outputs:
        words += ["--output", site.outputs[list(site.cast).index(cast)]]
    return jobdeck(*words).strip()


def watch(jobdeck: Command, world: World, key: str, code: int = 0) -> list[dict[str, Any]]:
    """Watch a job to its end, while the emulated time passes as fast as it is asked for."""
    process = jobdeck.start("watch", key, "--json", "--timeout", "90")
    assert process.stdout is not None
    lines = [json.loads(process.stdout.readline())]
    for _ in range(10):  # enough for every quick job, and too little for EnOS to find our clock wrong
        world.pass_time(20)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.25)
            break
    out, err = process.communicate(timeout=100)
    assert process.returncode == code, err
    return lines + [json.loads(line) for line in out.splitlines()]


def what_to_fetch(vendor: str, world: World, job: dict[str, Any]) -> str:
    site = world.description[vendor]
    if vendor == "autodesk":
        return site.outputs[list(site.cast).index("quick")]
    if vendor == "jaggaer":
        return site.cast["quick"]
    if vendor == "aspera":
        return next(str(output["value"]) for output in job["outputs"] if output["kind"] == "file")
    return str(job["id"])


@pytest.mark.parametrize("vendor", ["autodesk", "enos", "aspera", "jaggaer", "octoplant"])
def test_from_track_to_the_same_bytes(vendor: str, connected: Command, world: World, tmp_path: Path) -> None:
    key = track(connected, world, vendor, "quick")

    lines = watch(connected, world, key)
    assert [line["key"] for line in lines] == [key] * len(lines)
    assert lines[0]["state"] in ("waiting", "running")
    assert lines[-1]["state"] == "succeeded"
    states = [line["state"] for line in lines]
    assert all(one != other for one, other in pairwise(states))

    job = json.loads(connected("show", key, "--json"))
    assert job.keys() >= JOB_KEYS
    assert job["state"] == "succeeded"
    assert job["problem"] is None
    assert any(output["kind"] == "file" for output in job["outputs"])

    answers = [json.loads(line) for line in connected("download", key, "--to", "got", "--json").splitlines()]
    (answer,) = answers
    got = Path(tmp_path / answer["path"]).read_bytes()
    fetch: Fetch = getattr(plain_fetch, vendor)
    assert got == asyncio.run(fetch(world.vendors, what_to_fetch(vendor, world, job)))
    assert answer["bytes"] == len(got)
    assert [path.name for path in (tmp_path / "got").iterdir()] == [Path(answer["path"]).name]
    stored = json.loads(connected("show", key, "--json"))["downloads"]
    assert [(one["state"], one["bytes"]) for one in stored] == [("done", len(got))]


@pytest.mark.parametrize("vendor", ["autodesk", "enos", "aspera", "jaggaer", "octoplant"])
def test_a_failed_job_ends_watch_with_1(vendor: str, connected: Command, world: World) -> None:
    key = track(connected, world, vendor, "failing")
    assert watch(connected, world, key, code=1)[-1]["state"] == "failed"
    assert "jobdeck:" in connected("download", key, code=1)


def test_what_a_failed_job_left_is_fetched_and_is_no_success(connected: Command, world: World, tmp_path: Path) -> None:
    site = world.description["autodesk"]
    world.pass_time(60)
    there = what_to_fetch("autodesk", world, {})
    key = connected("track", "-c", "autodesk", site.cast["failing"], "--output", there).strip()
    said = connected("download", key, "--to", "got", code=1)
    assert "the job ended as failed" in said
    (got,) = (tmp_path / "got").iterdir()
    assert got.name == Path(there).name
    with zipfile.ZipFile(got) as archive:
        member = archive.namelist()[0]
    assert "the job ended as failed" in connected("download", key, "--member", member, "--to", "more", code=1)
    assert list((tmp_path / "more").iterdir())


def test_the_report_is_kept(connected: Command, world: World) -> None:
    key = track(connected, world, "autodesk", "failing")
    watch(connected, world, key, code=1)
    report = connected("show", key, "--report")
    assert "Error" in report
    connected.environ.clear()  # without secrets nobody can be asked any more
    assert connected("show", key, "--report") == report
    assert json.loads(connected("show", key, "--json"))["report"]["bytes"] == len(report.encode())


def test_tokens_in_links_are_masked_unless_revealed(connected: Command, world: World) -> None:
    key = track(connected, world, "aspera", "fasp")
    watch(connected, world, key)
    masked = connected("show", key, "--json")
    assert "fasp://" in masked
    assert "token=ATM" not in masked
    revealed = connected("show", key, "--json", "--reveal")
    assert "token=ATM" in revealed
    assert all(b"token=ATM" not in path.read_bytes() for path in connected.state.iterdir())


def test_what_an_octoplant_archive_holds_is_shown(connected: Command, world: World, tmp_path: Path) -> None:
    key = track(connected, world, "octoplant", "quick")
    watch(connected, world, key)
    path = Path(connected("download", key, "--to", "got").strip())
    assert "ProjectTree.json" in connected("show", key)
    (tmp_path / path).write_bytes(b"something else")
    assert "ProjectTree.json" not in connected("show", key)
