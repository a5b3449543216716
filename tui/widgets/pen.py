"""How a style is said to a terminal (SGR): as little as takes it from the style before to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

RESET = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Pen:
    """A style as SGR parameters: attributes such as bold, the colour of the text, the colour behind it."""

    attributes: str = ""
    text: str = ""
    behind: str = ""

    def after(self, before: Pen) -> str:
        """What turns the pen before into this one; empty when they are the same."""
        if self == before:
            return ""
        if self.attributes != before.attributes:
            parts = ["0", self.attributes, self.text, self.behind]
        else:
            parts = [
                (self.text or "39") if self.text != before.text else "",
                (self.behind or "49") if self.behind != before.behind else "",
            ]
        return f"\x1b[{';'.join(filter(None, parts))}m"


PLAIN = Pen()
"""What a terminal writes with after a reset."""


@lru_cache(maxsize=4096)
def pen_of(style: Style | None, colours: ColorSystem) -> Pen:
    """The pen of a style. Links in a style are never sent."""
    pen = PLAIN
    codes = Strip.render_ansi(style, colours).split(";") if style else []
    while codes and codes[0]:
        size = {"38": {"5": 3, "2": 5}, "48": {"5": 3, "2": 5}}.get(codes[0], {}).get(codes[1] if codes[1:] else "", 1)
        said, codes = ";".join(codes[:size]), codes[size:]
        number = int(said.partition(";")[0])
        if 30 <= number <= 39 or 90 <= number <= 97:
            pen = replace(pen, text="" if number == 39 else said)
        elif 40 <= number <= 49 or 100 <= number <= 107:
            pen = replace(pen, behind="" if number == 49 else said)
        else:
            pen = replace(pen, attributes=f"{pen.attributes};{said}" if pen.attributes else said)
    return pen
