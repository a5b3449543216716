"""The file while it arrives: `NAME.part` with a record beside it, renamed last and never over another file."""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tui.durable import sync_folder
from tui.engine.fetching.disk import cannot_write, full
from tui.engine.fetching.nameless import give_name, open_nameless
from tui.engine.fetching.names import numbered
from tui.engine.fetching.naming import MOST_ALIKE, Names, first_free, is_file_of, name_once
from tui.engine.fetching.progress import Piece, Progress
from tui.engine.fetching.record import Record, boot_id, read_record, write_record
from tui.engine.locks import lock_file
from tui.errors import DownloadError

SPARE_BYTES = 64 * 1024**2
"""So much of the disk is left to others."""
_SAVE_LEAST = 1024**2


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose part it is."""

    job: str
    output: str


class PartFile:
    """One writer at a time: the file is locked, so that a second program leaves it alone."""

    def __init__(
        self, folder: Path, name: str, owner: Owner, spare: int = SPARE_BYTES, *, is_small: bool = False
    ) -> None:
        """Lock the `.part` file that this output has from before, or a new one. Raises DownloadError.

        A small file that is new has no name and no record while it arrives, where the system can do that: it is
        fetched again sooner than taken up again, and whatever ends the program leaves nothing behind.
        """
        self.folder = folder
        self.name = name
        self._owner = owner
        self._spare = spare
        self._saving = threading.Lock()
        self._unsaved = 0
        self._is_doubtful = False
        self.validator: str | None = None
        self.progress = Progress()
        self._synced: tuple[tuple[int, int], ...] = ()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            nameless = open_nameless(folder) if is_small and not os.path.lexists(folder / f"{name}.part") else None
            self.is_nameless = nameless is not None
            self.path, self._file = nameless or self._open()
            if not self.is_nameless:
                self._take_up_or_let_go()
        except OSError as error:
            raise cannot_write(folder, error) from error

    def _open(self) -> tuple[Path, int]:
        for number in range(MOST_ALIKE):
            path = self.folder / f"{numbered(Path(self.name), number)}.part"
            file = lock_file(path) if self._is_ours(path) else None
            if file is None:
                continue
            if self._is_ours(path):
                return path, file
            os.close(file)
        raise OSError(errno.EEXIST, "too many downloads of that name")

    def _is_ours(self, path: Path) -> bool:
        """Whether the part and its record are this output's, or not there at all."""
        record = read_record(beside(path))
        if record is None:  # made a moment before its program ended, or somebody else's file of that name
            if os.path.lexists(beside(path)):
                return False
            try:
                return path.stat(follow_symlinks=False).st_size == 0
            except FileNotFoundError:
                return True
        return Owner(record.job, record.output) == self._owner

    def _take_up_or_let_go(self) -> None:
        try:
            self._take_up()
        except BaseException:
            self.close()  # its lock would keep the next try away
            raise

    def _take_up(self) -> None:
        record = read_record(beside(self.path))
        if record is not None and record.validator:
            self.validator = record.validator
            length = os.fstat(self._file).st_size
            there = ((first, min(end, length)) for first, end in record.survivors())
            self.progress = Progress(there, record.total)
            self._synced = record.synced
            self.save()
        else:
            self.start_again()

    def start_again(self) -> None:
        """Forget what came. Raises DownloadError."""
        with self._saving:  # a save that is under way ends first
            self.validator = None
            self.progress = Progress()
            self._synced = ()
        self.save()  # first: a record that outlived its bytes would claim those of another object
        try:
            if os.fstat(self._file).st_nlink > 1:
                self._leave_to_its_other_name()
            os.ftruncate(self._file, 0)
        except OSError as error:
            raise cannot_write(self.folder, error) from error

    def _leave_to_its_other_name(self) -> None:
        """A program was ended as it had just named the file: that one is whole, and not to be written again."""
        self.path.unlink()
        fresh = lock_file(self.path)
        if fresh is None:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        os.dup2(fresh, self._file, inheritable=False)
        os.close(fresh)

    def begin_with(self, data: memoryview, validator: str, total: int) -> None:
        """Take in the first bytes of a file of `total` bytes, which came before it had a part. Raises DownloadError."""
        self.validator, self.progress.total = validator, total
        piece = Piece(0, 0, len(data))
        self.write(piece, data)
        self.progress.give_back(piece)

    def need_room(self, total: int) -> None:
        """Raises DiskFullError, with what is missing, when the disk has no room for the rest of `total` bytes."""
        try:
            disk = os.statvfs(self.folder)
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        missing = total - self.progress.size + self._spare - disk.f_bavail * disk.f_frsize
        if missing > 0:
            raise full(self.folder, missing)

    def write(self, piece: Piece, data: memoryview) -> None:
        """Write at the piece's place and move it on. Called from threads. Raises DownloadError."""
        try:
            while data:
                written = os.pwrite(self._file, data, piece.at)
                piece.at += written
                data = data[written:]
                self._unsaved += written
            if self._unsaved >= max(_SAVE_LEAST, (self.progress.total or 0) // 100):
                self.save()
        except OSError as error:
            raise cannot_write(self.folder, error, self._missing()) from error

    def read(self, size: int, at: int) -> bytes:
        """Bytes that were written before. Called from threads. Raises DownloadError."""
        try:
            return os.pread(self._file, size, at)
        except OSError as error:
            raise DownloadError(f"{self.path} cannot be read: {error.strerror}", hint="look at the disk") from error

    def read_into(self, buffer: memoryview, at: int) -> int:
        """The same, into a buffer that is used again and again; returns how many bytes."""
        try:
            return os.preadv(self._file, [buffer], at)
        except OSError as error:
            raise DownloadError(f"{self.path} cannot be read: {error.strerror}", hint="look at the disk") from error

    def save(self, *, sync: bool = False) -> None:
        """Write the record; with `sync`, what is there outlives a crash of the machine too. Raises DownloadError.

        Called from threads too: one of them saves, the others go on; nobody waits while the disk syncs.
        """
        if sync:
            self._sync()
        if self.is_nameless or not self._saving.acquire(blocking=sync):
            return
        try:
            self._unsaved = 0
            there = self._synced if self._is_doubtful else self.progress.there()
            job, output = self._owner.job, self._owner.output
            record = Record(job, output, self.validator, self.progress.total, there, self._synced, boot_id())
            write_record(beside(self.path), record)
        except OSError as error:
            raise cannot_write(self.folder, error, self._missing()) from error
        finally:
            self._saving.release()

    def _sync(self) -> None:
        progress, there = self.progress, self.progress.there()
        try:
            os.fsync(self._file)
        except OSError as error:
            self._is_doubtful = True  # told only once: unsynced bytes may be lost though they can be read
            raise cannot_write(self.folder, error, self._missing()) from error
        with self._saving:
            if progress is self.progress and not self._is_doubtful:
                self._synced = there

    @property
    def is_synced(self) -> bool:
        """Whether all that is there would outlive a crash of the machine."""
        return self._synced == self.progress.there()

    def finish(self, name: str, names: Names | None = None, twin: str | None = None) -> Path:
        """Put the file on the disk for good, under a name that no other file has. Raises DownloadError.

        `names` are those that other downloads are given meanwhile. With its SHA-256 as `twin`, a file of the same
        bytes may have its name already: an earlier program was ended before it had said so.
        """
        self._sync()
        with suppress(DownloadError):  # a program that takes it up before it is named finds it complete
            self.save()
        names = names or Names(lambda _: False)
        final = first_free(self.folder, name, lambda path: self._name_it(path, names, twin))
        with suppress(OSError):  # it has its name
            sync_folder(self.folder)
        with suppress(OSError):
            if not self.is_nameless:
                beside(self.path).unlink(missing_ok=True)
        self.close()
        return final

    def discard(self) -> None:
        """Remove what came."""
        if self._file >= 0 and not self.is_nameless:
            with suppress(OSError):  # a folder that cannot be written lets nothing be removed either
                beside(self.path).unlink(missing_ok=True)
                self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Release the lock; the `.part` file stays."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _name_it(self, final: Path, names: Names, twin: str | None) -> None:
        """Raises FileExistsError when another file has the name."""

        def is_own(path: Path) -> bool:
            return twin is not None and is_file_of(path, self.progress.size, twin)

        if not names.give(final, self._give_name, is_own) and not self.is_nameless:
            with suppress(OSError):  # the file has its name
                self.path.unlink(missing_ok=True)

    def _give_name(self, final: Path) -> None:
        if self.is_nameless:
            try:
                give_name(self._file, final)
            except FileExistsError:
                raise
            except OSError:  # the folder takes no links: go the way of a large file
                self._leave_namelessness()
            else:
                return
        name_once(self.path, final)

    def _leave_namelessness(self) -> None:
        data, nameless = os.pread(self._file, self.progress.size, 0), self._file
        self.is_nameless = False
        self.path, self._file = self._open()
        os.close(nameless)
        os.ftruncate(self._file, 0)  # an earlier part may be longer
        if os.pwrite(self._file, data, 0) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._sync()

    def _missing(self) -> int | None:
        return None if self.progress.total is None else self.progress.total - self.progress.size


def discard_parts(folder: Path, owner: Owner) -> None:
    """Remove what an output has in the folder from before, where nobody is at it. Raises DownloadError."""
    try:
        for found in folder.glob("*.part.json"):
            record, part = read_record(found), found.with_suffix("")
            if record is None or Owner(record.job, record.output) != owner:
                continue
            file = lock_file(part)
            if file is not None:
                part.unlink(missing_ok=True)
                found.unlink(missing_ok=True)
                os.close(file)
    except OSError as error:
        raise cannot_write(folder, error) from error


def beside(part: Path) -> Path:
    """Where the record of a part lies."""
    return part.with_name(f"{part.name}.json")
