"""What is on the disk: the board and the store that keeps it, which can be read before there is an engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tui.clock import Clock
from tui.engine.board import Board
from tui.engine.storage.store import Store


@dataclass(frozen=True, slots=True)
class Kept:
    """The board, and its store."""

    store: Store
    board: Board

    @classmethod
    def open(cls, database: Path, clock: Clock) -> Self:
        """Open the database; reads nothing yet. Raises StateError."""
        store = Store(database)
        return cls(store, Board(store, clock))
