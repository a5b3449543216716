"""The command looks into archives at the vendors: what is in them, and single files of them."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from argparse import Namespace
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from tests.board.fakes import make_job
from tests.cli import plain_fetch
from tests.cli.conftest import Command, World
from tests.cli.test_every_vendor import track, watch, what_to_fetch
from tui.cli.inside import contents_json, contents_lines, take_members
from tui.engine.engine import Engine
from tui.engine.facts.archives import Contents, Member, Preview
from tui.errors import UsageError
from tui.model import Output, Safe

MEMBERS = (
    Member(0, "logs/", Safe("logs/"), 0, 0, is_folder=True),
    Member(1, "a\x1b.txt", Safe("a␛.txt"), 1234, 400, datetime(2026, 3, 2, 8, 15, 4)),
    Member(2, "key", Safe("key"), 5, 5, is_locked=True),
)


def test_an_archive_is_listed_and_one_file_of_it_fetched(connected: Command, world: World, tmp_path: Path) -> None:
    key = track(connected, world, "jaggaer", "quick")
    job = watch(connected, world, key)[-1]
    (output,) = [one["name"] for one in job["outputs"]]
    content = asyncio.run(plain_fetch.jaggaer(world.vendors, what_to_fetch("jaggaer", world, job)))
    archive = zipfile.ZipFile(io.BytesIO(content))

    told = json.loads(connected("show", key, "--inside", output, "--json"))["inside"]
    assert (told["output"], told["fetched"], told["preview"]) == (output, False, None)
    assert [(one["name"], one["size"]) for one in told["members"]] == [
        (one.filename, one.file_size) for one in archive.infolist()
    ]
    wanted = archive.namelist()[0]
    (line,) = connected("download", key, "--member", wanted, "--to", "got", "--json").splitlines()
    taken = json.loads(line)
    assert (taken["member"], taken["verified"], taken["output"]) == (wanted, "zip", output)
    assert (tmp_path / taken["path"]).read_bytes() == archive.read(wanted)
    assert len(list((tmp_path / "got").iterdir())) == 1
    (row,) = json.loads(connected("show", key, "--json"))["downloads"]
    assert (row["member"], row["output"], row["state"], row["verified"]) == (wanted, output, "done", "zip")
    assert row["path"] == taken["path"]
    assert json.loads(connected("list", "is:downloaded", "--json")) == [], "one file of it is not the result"
    assert "has no member nothing" in connected("download", key, "--member", "nothing", code=1)


def test_without_ranges_it_says_what_to_do(connected: Command, world: World) -> None:
    key = track(connected, world, "octoplant", "quick")
    output = watch(connected, world, key)[-1]["outputs"][0]["name"]
    assert "download it, then look inside" in connected("show", key, "--inside", output, code=1)


def test_members_are_lines_for_people_and_objects_for_programs() -> None:
    assert list(contents_lines(Contents(MEMBERS))) == [
        "  folder                       logs/",
        "  1.2 kB  2026-03-02 08:15:04  a␛.txt",
        "  locked                       key",
    ]
    told = contents_json("out.zip", Contents(MEMBERS, is_here=True))
    assert told["fetched"] is True
    assert told["preview"] is None
    members = cast("list[dict[str, object]]", told["members"])
    assert members[1] == {
        "name": "a␛.txt",
        "size": 1234,
        "packed": 400,
        "modified": "2026-03-02T08:15:04",
        "folder": False,
        "locked": False,
    }


def test_another_file_shows_how_it_begins() -> None:
    contents = Contents(preview=Preview(Safe("JSON"), Safe("{}"), Safe("the first 2 B of 5 B")))
    assert list(contents_lines(contents)) == ["no archive, but JSON (the first 2 B of 5 B)", "{}"]
    assert contents_json("a", contents)["members"] is None


@pytest.mark.parametrize(
    ("outputs", "named", "extract", "words"),
    [
        (("a.zip",), [], True, "do not go together"),
        (("a.zip", "b.zip"), [], False, "of which output"),
        (("a.zip", "b.zip"), ["a.zip", "b.zip"], False, "of which output"),
    ],
)
async def test_a_member_needs_one_output(outputs: tuple[str, ...], named: list[str], extract: bool, words: str) -> None:
    job = make_job(1, outputs=tuple(Output(name) for name in outputs))
    options = Namespace(extract=extract, output=named, member=["x"], json=False)
    with pytest.raises(UsageError, match=words):
        await take_members(cast("Engine", None), job, options, None)
