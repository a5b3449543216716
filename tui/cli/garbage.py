"""When Python looks for garbage: rarely, and never while somebody presses keys, if that can wait.

An answer's hundreds of objects die by themselves. Python's usual measure has ten thousand jobs looked through for
cycles every few seconds: a sixth of what asking costs, and screen and engine stand still alike, 45 ms for 1,000 jobs.
What stays on the board is therefore put where nobody looks; all of it is looked through when nobody is at the keys.
"""

from __future__ import annotations

import gc

_YOUNG, _OLDER, _ALL = 10_000, 20, 10
"""After so many new objects the youngest are looked through; after so many such looks what is older, too; after so
many of those all, where nobody ever rests."""
_DUE = 1
"""So many looks at what is older before all is looked through in a quiet moment."""


def look_rarely() -> None:
    """Collect garbage rarely (`gc.set_threshold`), since most objects here stay; for every command."""
    gc.set_threshold(_YOUNG, _OLDER, _ALL)


def hold() -> None:
    """No garbage collection while modules are loaded: saves a sixth of the start."""
    gc.disable()


def begin() -> None:
    """The first screen is painted: what there is stays."""
    gc.freeze()
    look_rarely()
    gc.enable()


def sweep() -> None:
    """Look through everything, if that is due: nobody is at the keys now."""
    if gc.get_count()[2] >= _DUE:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
