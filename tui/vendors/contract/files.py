"""A job's results: where their bytes are, and what a vendor may be able to do about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from tui.errors import AskError
from tui.model import Output, Reference, Secret
from tui.vendors.contract.session import Reply, Session


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a file behind an address of its own; `first` and `last` are inclusive offsets in the file."""

    url: str = field(repr=False)
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Link:
    """Where the bytes of an output are right now. Made right before use, never stored.

    With `signed_in` the request goes through the connection's session (login, TLS settings); otherwise through a
    bare client that sends no header of ours. `parts`, when given, are the whole file in pieces, sorted by offset.
    `url` is hidden from `repr` since it may be a bearer secret.
    """

    url: str = field(repr=False)
    signed_in: bool = False
    size: int | None = None
    sha1: str | None = None
    file_name: str | None = None
    parts: tuple[Part, ...] = ()
    is_zip: bool = False
    """Whether the vendor says that it is a ZIP: its members' CRCs are then the check of last resort."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """A command of another program that fetches a link; its secrets travel in `environ`, never in `argv`.

    `files` are texts that the command reads: written (0600) before it runs, removed afterwards. `needs` are variables
    of the user's own environment that it cannot do without.
    """

    argv: tuple[str, ...]
    environ: Mapping[str, Secret]
    files: Mapping[Path, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of a place's files; `outputs` have names that `NamesOutputs.read_outputs` takes. `more` asks on."""

    outputs: tuple[Output, ...]
    more: str | None = None


@dataclass(frozen=True, slots=True)
class Packed:
    """One file in an archive that was fetched; `what` is what the vendor's own index says of it. Size in bytes."""

    name: str
    size: int
    what: str | None = None


@runtime_checkable
class NamesOutputs(Protocol):
    """A vendor whose answers do not name a job's output files, so that the user must (`Reference.outputs`)."""

    def read_outputs(self, text: str) -> tuple[str, ...]:
        """The outputs that the text names, in the form `Reference.outputs` keeps. Raises UsageError when none."""
        ...


@runtime_checkable
class Reveals(Protocol):
    """A vendor whose `link` outputs hold tokens that snapshots do not keep."""

    async def reveal(self, session: Session, ref: Reference, output: Output) -> str:
        """The output's value with its tokens, asked anew. Raises AskError."""
        ...


@runtime_checkable
class HandsOver(Protocol):
    """A vendor whose `link` outputs are fetched by another program."""

    @property
    def programs(self) -> tuple[str, ...]:
        """The programs that can fetch them, the best first."""
        ...

    def hand_over(self, link: str, program: str, folder: Path) -> HandOver:
        """The command that fetches the revealed link into the folder. Raises UsageError if the link is unusable."""
        ...


@runtime_checkable
class Browses(Protocol):
    """A vendor whose files can be looked through."""

    async def browse(self, session: Session, place: str, more: str | None = None) -> Shelf:
        """One page of the files at `place` (Autodesk: `BUCKET` or `BUCKET/PREFIX`). Raises AskError, UsageError."""
        ...


@runtime_checkable
class ListsArchives(Protocol):
    """A vendor whose archives say what is in them."""

    def list_archive(self, path: Path) -> tuple[Packed, ...]:
        """The files in a fetched archive. Reads the index only. Raises DownloadError for what is no archive."""
        ...


@runtime_checkable
class ExplainsFiles(Protocol):
    """A vendor that says in words, in place of a file or behind a part of it, why the file cannot be had."""

    def file_error(self, reply: Reply) -> AskError | None:
        """The vendor's error in an answer that is no good file; None where there is none in it.

        `reply.body` is the end of what came (64 KB are enough), with the answer's own status and headers.
        """
        ...
