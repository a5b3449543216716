"""The dialogs, each loaded when it is first opened: at the board's start nobody waits for what few runs show."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.screens.arrange import ColumnsDialog, OrderDialog
    from tui.screens.browse import BrowseDialog
    from tui.screens.confirm import Confirm
    from tui.screens.connect.choose import PasteDialog
    from tui.screens.connect.flow import Connecting
    from tui.screens.connect.listing import ConnectionsDialog
    from tui.screens.help import HelpDialog
    from tui.screens.lately import LatelyDialog
    from tui.screens.lift import LiftDialog
    from tui.screens.outputs import Do, OutputsDialog
    from tui.screens.save_text import SaveTextDialog
    from tui.screens.saving import SaveFilterDialog
    from tui.screens.start import StartDialog
    from tui.screens.track import TrackDialog

__all__ = [
    "BrowseDialog",
    "ColumnsDialog",
    "Confirm",
    "Connecting",
    "ConnectionsDialog",
    "Do",
    "HelpDialog",
    "LatelyDialog",
    "LiftDialog",
    "OrderDialog",
    "OutputsDialog",
    "PasteDialog",
    "SaveFilterDialog",
    "SaveTextDialog",
    "StartDialog",
    "TrackDialog",
]

_ROOMS = {
    "BrowseDialog": "browse",
    "ColumnsDialog": "arrange",
    "Confirm": "confirm",
    "Connecting": "connect.flow",
    "ConnectionsDialog": "connect.listing",
    "Do": "outputs",
    "HelpDialog": "help",
    "LatelyDialog": "lately",
    "LiftDialog": "lift",
    "OrderDialog": "arrange",
    "OutputsDialog": "outputs",
    "PasteDialog": "connect.choose",
    "SaveFilterDialog": "saving",
    "SaveTextDialog": "save_text",
    "StartDialog": "start",
    "TrackDialog": "track",
}
"""The room that each stands in, below `tui.screens`."""


def __getattr__(name: str) -> object:
    """Python's hook for a name that a module does not have yet. Raises AttributeError."""
    if name not in _ROOMS:
        raise AttributeError(f"no such dialog: {name}")
    return getattr(import_module(f"tui.screens.{_ROOMS[name]}"), name)
