"""Any text for Textual's own widgets: it is never read as markup, and no terminal obeys it."""

from __future__ import annotations

from textual.content import Content

from tui.text import safe_block


def plain(text: str) -> Content:
    """What `Static`, `Button` and their like are given; line breaks stay."""
    return Content(safe_block(text))
