"""The board's own themes, and the filter that keeps `NO_COLOR` strictly."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

NAME = "jobdeck"
LIGHT = "jobdeck-light"

JOBDECK = Theme(
    name=NAME,
    primary="#a1c8f9",
    secondary="#d9ce9c",
    accent="#c3b0f5",
    success="#37ae96",
    warning="#ffbb03",
    error="#ff6f59",
    foreground="#d6dae0",
    background="#14171c",
    surface="#1a1e25",
    panel="#20252e",
    dark=True,
    variables={
        "text-muted": "#9aa3b0",
        "primary-muted": "#22344a",
        "border-blurred": "#343c49",
        "block-cursor-background": "#22344a",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "input-selection-background": "#22344a",
        "scrollbar": "#4a5565",
        "scrollbar-hover": "#a1c8f9",
        "scrollbar-active": "#a1c8f9",
        "scrollbar-background": "#14171c",
        "scrollbar-background-hover": "#14171c",
        "scrollbar-background-active": "#14171c",
        "scrollbar-corner-color": "#14171c",
    },
)
"""For dark terminals. A test sees to it that its colours can be read and told apart, by the colour-blind too."""

JOBDECK_LIGHT = Theme(
    name=LIGHT,
    primary="#0b2c8d",
    secondary="#6c6643",
    accent="#5b3f9e",
    success="#0d594d",
    warning="#8b5800",
    error="#851514",
    foreground="#1f2328",
    background="#ffffff",
    surface="#f3f4f6",
    panel="#e9ebee",
    dark=False,
    variables={
        "text-muted": "#59636e",
        "primary-muted": "#dbe7f6",
        "border-blurred": "#c4cad1",
        "block-cursor-background": "#dbe7f6",
        "block-cursor-foreground": "#1f2328",
        "block-cursor-text-style": "bold",
        "input-selection-background": "#dbe7f6",
        "scrollbar": "#8c959f",
        "scrollbar-hover": "#0b2c8d",
        "scrollbar-active": "#0b2c8d",
        "scrollbar-background": "#ffffff",
        "scrollbar-background-hover": "#ffffff",
        "scrollbar-background-active": "#ffffff",
        "scrollbar-corner-color": "#ffffff",
    },
)
"""The same for light terminals."""

OWN = (JOBDECK, JOBDECK_LIGHT)


class NoColours(LineFilter):
    """Takes every colour out, greys included; bold, dim, reverse and underline stay.

    Textual's own answer to `NO_COLOR` turns colours to greys, which are colour codes too.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  # the base's signature
        """Give each segment a style without colours."""
        return [
            Segment(text, None if style is None else style.without_color, control) for text, style, control in segments
        ]
