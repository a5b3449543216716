"""`jobdeck show JOB --inside OUTPUT` and `jobdeck download JOB --member NAME`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from tui.cli.as_json import Json, one_line
from tui.errors import DownloadError, UsageError
from tui.model import Job, OutputKind
from tui.wording import size

if TYPE_CHECKING:
    from tui.engine.engine import Engine
    from tui.engine.facts.archives import Contents, Member, TakenMember

_MOST_LIKE = 5


def contents_json(output: str, contents: Contents) -> Json:
    """What is in an output; `members` is null for what is no archive, `preview` for an archive."""
    said = contents.preview
    return {
        "output": output,
        "fetched": contents.is_here,
        "members": None if said else [_member_json(one) for one in contents.members],
        "preview": {"kind": said.kind, "text": said.text, "note": said.note or None} if said else None,
    }


def contents_lines(contents: Contents) -> Iterator[str]:
    """One line a member: its size, its time, its name; or how another file begins."""
    if contents.preview is not None:
        said = contents.preview
        yield f"no archive, but {said.kind}{f' ({said.note})' if said.note else ''}"
        if said.text:
            yield said.text
    for one in contents.members:
        told = "folder" if one.is_folder else "locked" if one.is_locked else size(one.size)
        at = "" if one.at is None else f"{one.at:%Y-%m-%d %H:%M:%S}"
        yield f"{told:>8}  {at:<19}  {one.name}"


async def take_members(engine: Engine, job: Job, options: Namespace, folder: Path | None) -> None:
    """Fetch the named members of one output and print their paths. Raises JobdeckErrors."""
    if options.extract:
        raise UsageError("--member and --extract do not go together", hint="leave one of them away")
    output = _output(job, options.output)
    contents = await engine.inside.look(job.key, output)
    if contents.preview is not None:
        raise DownloadError(f"{output} is no archive, but {contents.preview.kind}", hint="leave --member away")
    wanted = tuple(one for name in options.member for one in _named(contents.members, name))

    def told(taken: TakenMember) -> None:
        print(one_line(_taken_json(job, output, taken)) if options.json else taken.path, flush=True)

    await engine.inside.take(job.key, output, wanted, folder, told)


def _output(job: Job, named: list[str]) -> str:
    if len(named) == 1:
        return named[0]
    files = [one.name for one in job.snapshot.outputs if one.kind is OutputKind.FILE]
    if named or len(files) != 1:
        raise UsageError(
            "--member needs to know of which output", hint=f"say one --output: {', '.join(files) or 'none'}"
        )
    return files[0]


def _named(members: tuple[Member, ...], name: str) -> tuple[Member, ...]:
    """All members of that name: an archive may hold several."""
    found = tuple(one for one in members if name in (one.name, one.raw))
    if not found:
        like = get_close_matches(name, [one.name for one in members], _MOST_LIKE, 0.4)
        hint = f"like it: {', '.join(like)}" if like else "show JOB --inside OUTPUT lists them"
        raise DownloadError(f"the archive has no member {name}", hint=hint)
    return found


def _member_json(member: Member) -> Json:
    return {
        "name": member.name,
        "size": member.size,
        "packed": member.packed,
        "modified": None if member.at is None else member.at.isoformat(),
        "folder": member.is_folder,
        "locked": member.is_locked,
    }


def _taken_json(job: Job, output: str, taken: TakenMember) -> Json:
    return {
        "job": job.key,
        "output": output,
        "member": taken.name,
        "path": str(taken.path),
        "bytes": taken.bytes,
        "verified": "zip",
    }
