"""Fetching one member of an archive to the disk: under another name until it is right, never over another file."""

from __future__ import annotations

from pathlib import Path

from tui.engine.facts.archives import Member, TakenMember
from tui.engine.fetching.names import safe_name
from tui.engine.fetching.part_file import Owner, PartFile
from tui.engine.fetching.progress import Piece
from tui.engine.inside.archive import chunks_of
from tui.engine.inside.opened import Opened
from tui.model import JobKey


def take(opened: Opened, member: Member, folder: Path, job: JobKey) -> TakenMember:
    """Fetch a member into the folder. Blocks. Raises DownloadError, and what reading the archive raises."""
    archive = opened.archive
    name = safe_name(member.raw)
    part = PartFile(folder, name, Owner(job, f"{opened.name}: {member.raw}"))
    try:
        part.start_again()
        part.need_room(member.size)
        piece = Piece(0, 0, None)
        for chunk in chunks_of(archive, member):
            part.write(piece, memoryview(chunk))
        path = part.finish(name)
    except BaseException:
        part.discard()
        raise
    return TakenMember(member.name, path, piece.at)
