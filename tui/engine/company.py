"""How many programs ask on one state folder: each takes an equal part of what an account may send."""

from __future__ import annotations

from pathlib import Path

from tui.engine.locks import Claims
from tui.engine.wire.quota import Quotas

SEEN_AFTER = 1.5
"""Seconds after which all others have looked and know of a program that joined them: they look once a second."""
_MOST = 64
"""So many programs are told apart; more of them count as one."""


class Company:
    """The programs that ask by themselves (board, `watch`), each with one number of a file that all have open.

    The kernel lets go of it however a program ends. Where the folder cannot be written to, or its file system has no
    locks, each is alone, as it is before it joins.
    """

    def __init__(self, path: Path, quotas: Quotas) -> None:
        self._claims = Claims(path)
        self._quotas = quotas
        self._place: int | None = None
        self._programs = 1
        self._is_in = False

    def join(self) -> None:
        """Count from now on, and take a share. Who joins others logs in and asks once, then has nothing saved up."""
        self._is_in = True
        self.look()
        if self._programs > 1:
            self._quotas.join_others(SEEN_AFTER)

    def look(self) -> None:
        """See who has come and gone, and share anew; nothing for a program that has not joined."""
        if not self._is_in:
            return
        try:
            programs = self._count()
        except OSError:
            programs = 1
        if programs != self._programs:
            self._programs = programs
            self._quotas.share_between(programs)

    def leave(self) -> None:
        """Leave all to the others."""
        self._is_in = False
        self._place = None
        self._claims.close()

    def _count(self) -> int:
        if self._place is None:
            self._place = next((place for place in range(_MOST) if self._claims.take(place)), None)
        ours = _MOST if self._place is None else self._place
        return 1 + self._claims.of_others(0, ours) + self._claims.of_others(ours + 1, _MOST)
