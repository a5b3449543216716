"""When Python looks for garbage: never while somebody presses keys, if that can wait.

It looks through all that lives, and stops screen and engine alike for that time: 45 ms with 1,000 jobs on the board.
What stays is therefore put where it does not look; all of it is looked through when nobody is at the keys.
"""

from __future__ import annotations

import gc

_DUE, _LATEST = 10, 50
"""So many looks at what is younger before all is looked through: as Python does it, and where somebody never rests."""


def hold() -> None:
    """Nothing is looked through while the program is loaded, all of which stays: that is a sixth of the start."""
    gc.disable()


def begin() -> None:
    """The first screen is painted: what there is stays."""
    gc.freeze()
    young, older, _ = gc.get_threshold()
    gc.set_threshold(young, older, _LATEST)
    gc.enable()


def sweep() -> None:
    """Look through everything, if that is due: nobody is at the keys now."""
    if gc.get_count()[2] >= _DUE:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
