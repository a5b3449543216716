"""What fetched archives hold, where their vendor puts an index into them: read from the disk, no vendor is asked."""

from __future__ import annotations

from collections.abc import Iterator

from tui.engine.facts.archives import Inventory, PackedFile
from tui.errors import DownloadError
from tui.model import Job
from tui.text import safe_line
from tui.vendors.contract import ListsArchives, Vendor

MOST_SHOWN = 100
"""So many files of one archive are listed on the board."""


def inventories(job: Job, vendor: Vendor, most: int | None = None) -> tuple[Inventory, ...]:
    """What each archive of the job that lies here holds, at most so many files of each. Reads the disk."""
    return tuple(_inventories(job, vendor, most)) if isinstance(vendor, ListsArchives) else ()


def _inventories(job: Job, vendor: ListsArchives, most: int | None) -> Iterator[Inventory]:
    for download in job.downloads:
        if not download.is_whole or download.path is None:
            continue
        try:
            found = vendor.list_archive(download.path)
        except DownloadError:  # moved or changed since it was fetched, or no archive at all
            continue
        shown = tuple(
            PackedFile(safe_line(one.name, 300), one.size, safe_line(one.what, 300) if one.what else None)
            for one in found[:most]
        )
        yield Inventory(download.id, shown, len(found) - len(shown))
