"""The names that `[ui] theme` may have; a test compares them with the themes there are."""

from __future__ import annotations

THEMES = (
    "jobdeck",
    "jobdeck-light",
    "auto",
    "ansi",
    "atom-one-dark",
    "atom-one-light",
    "catppuccin-frappe",
    "catppuccin-latte",
    "catppuccin-macchiato",
    "catppuccin-mocha",
    "dracula",
    "flexoki",
    "gruvbox",
    "monokai",
    "nord",
    "rose-pine",
    "rose-pine-dawn",
    "rose-pine-moon",
    "solarized-dark",
    "solarized-light",
    "textual-dark",
    "textual-light",
    "tokyo-night",
)
"""Ours for dark and for light terminals, the one that suits the terminal, its own colours, and Textual's."""
