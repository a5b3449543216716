"""A terminal's screen in memory: what stands on it after the bytes that were sent, as far as the board uses it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from rich.cells import cell_len

_PARTS = re.compile(
    r"\x1b\[(?P<marks>[?<>=]?)(?P<words>[\d;:]*)[ $]?(?P<end>[@-~])|\x1b\].*?(?:\x07|\x1b\\)|\x1b.|(?P<one>.)",
    re.DOTALL,
)
_CUT = re.compile(r"\x1b(\[[^@-~]*|\][^\x07\x1b]*\x1b?)?$")


@dataclass
class Glass:
    """Cells of text with the SGR words in force; no wrapping, as the board sets it."""

    width: int
    height: int
    cells: list[list[tuple[str, str]]] = field(default_factory=list)
    x: int = 0
    y: int = 0
    pen: dict[str, str] = field(default_factory=dict)
    _left: str = ""
    _decoder: codecs.IncrementalDecoder = field(default_factory=codecs.getincrementaldecoder("utf-8"))

    def __post_init__(self) -> None:
        self.wipe()

    def wipe(self) -> None:
        """Nothing on the screen."""
        self.cells = [[(" ", "")] * self.width for _ in range(self.height)]

    @property
    def text(self) -> str:
        return "\n".join("".join(text for text, _ in row) for row in self.cells)

    def feed(self, data: bytes) -> None:
        """Take in what was sent; what is cut in two waits for the rest."""
        text = self._left + self._decoder.decode(data)
        cut = _CUT.search(text)
        self._left = cut[0] if cut else ""
        for part in _PARTS.finditer(text[: cut.start()] if cut else text):
            if one := part["one"]:
                self._print(one)
            elif part["end"] == "H" and not part["marks"]:
                row, _, column = part["words"].partition(";")
                self.y, self.x = int(row or 1) - 1, int(column or 1) - 1
            elif part["end"] == "C":
                self.x += int(part["words"] or 1)
            elif part["end"] == "m" and not part["marks"]:
                self._sgr(part["words"])
            elif part["end"] == "h" and part["words"] == "1049":
                self.wipe()

    def _print(self, character: str) -> None:
        if character == "\n":
            self.x, self.y = 0, min(self.y + 1, self.height - 1)
        if character < " ":
            return
        size = cell_len(character)
        if size == 0:
            self._join(character)
        elif self.x < self.width and self.y < self.height:
            row, pen = self.cells[self.y], ";".join(sorted(self.pen.values()))
            if not row[self.x][0]:
                row[self.x - 1] = (" ", row[self.x - 1][1])
            if self.x + size < self.width and not row[self.x + size][0]:
                row[self.x + size] = (" ", row[self.x + size][1])
            row[self.x : self.x + size] = [(character, pen), *[("", pen)] * (size - 1)]
            self.x += size

    def _join(self, character: str) -> None:
        place = self.x - 1
        while place > 0 and not self.cells[self.y][place][0]:
            place -= 1
        text, pen = self.cells[self.y][place]
        self.cells[self.y][place] = (text + character, pen)

    def _sgr(self, words: str) -> None:
        left = words.split(";") if words else ["0"]
        while left:
            size = {"5": 3, "2": 5}[left[1]] if left[0] in ("38", "48") else 1
            said, left = left[:size], left[size:]
            number = int(said[0] or 0)
            if number == 0:
                self.pen.clear()
            elif number in (39, 49):
                self.pen.pop("text" if number == 39 else "behind", None)
            elif 30 <= number <= 38 or 90 <= number <= 97:
                self.pen["text"] = ";".join(said)
            elif 40 <= number <= 48 or 100 <= number <= 107:
                self.pen["behind"] = ";".join(said)
            else:
                self.pen[said[0]] = said[0]
