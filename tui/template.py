"""Texts with named fields, `{connection}/{title}`, as config.toml has them; `{{` and `}}` stand for the braces."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from string import Formatter


def wrong_field(text: str, fields: Collection[str]) -> str | None:
    """What is wrong with a template that may hold these fields; None when nothing is."""
    known = " ".join(f"{{{name}}}" for name in fields)
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return f"has a brace without its other half; fields: {known}"
    for _, name, form, conversion in parts:
        if name is not None and (name not in fields or form or conversion):
            return f"has no field {{{name}}}; fields: {known}"
    return None


def filled(text: str, values: Mapping[str, str]) -> str:
    """The template with its fields' values; it was found right by `wrong_field`."""
    return "".join(literal + (values[name] if name else "") for literal, name, _, _ in Formatter().parse(text))
