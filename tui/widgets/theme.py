"""The board's own theme, and the filter that keeps `NO_COLOR` strictly."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

NAME = "jobdeck"

JOBDECK = Theme(
    name=NAME,
    primary="#7ab8f5",
    secondary="#c8b06b",
    accent="#b79df2",
    success="#7fcf8f",
    warning="#e8b450",
    error="#f2777a",
    foreground="#d6dae0",
    background="#14171c",
    surface="#1a1e25",
    panel="#20252e",
    dark=True,
    variables={
        "text-muted": "#8a93a1",
        "primary-muted": "#2b3a50",
        "border-blurred": "#343c49",
        "block-cursor-background": "#2b3a50",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "input-selection-background": "#2b3a50",
        "scrollbar": "#4a5565",
        "scrollbar-hover": "#7ab8f5",
        "scrollbar-active": "#7ab8f5",
        "scrollbar-background": "#14171c",
        "scrollbar-background-hover": "#14171c",
        "scrollbar-background-active": "#14171c",
        "scrollbar-corner-color": "#14171c",
    },
)


class NoColours(LineFilter):
    """Takes every colour out, greys included; bold, dim, reverse and underline stay.

    Textual's own answer to `NO_COLOR` turns colours to greys, which are colour codes too.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  # the base's signature
        """Give each segment a style without colours."""
        return [
            Segment(text, None if style is None else style.without_color, control) for text, style, control in segments
        ]
