"""The last look at each line where signs are ASCII: words from the rooms below, and Textual's own, know no glyphs."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_SIGNS = {ord("…"): "~", ord("×"): "x"} | dict.fromkeys((*range(0x2400, 0x2422), 0xFFFD), "?")
"""What stands for an ellipsis, a times sign, and a control that `safe_line` made visible; each is one cell wide."""


class AsciiSigns(LineFilter):
    """Puts ASCII in the place of the signs that our own words have; a vendor's letters stay as they are."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  # the base's signature
        """Give each segment a text without our signs."""
        return [
            segment if segment.text.isascii() else segment._replace(text=segment.text.translate(_SIGNS))
            for segment in segments
        ]
