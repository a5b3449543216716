"""How a file begins, for people: text, JSON and CSV in order, an image's size, anything else in hexadecimal digits.

Pure: from the first bytes to inert text. Nothing is decoded but the headers that give an image's size.
"""

from __future__ import annotations

import codecs
import csv
import json
import struct
from collections.abc import Sequence

from tui.engine.border import inert_report
from tui.engine.facts.archives import Preview
from tui.model import Safe
from tui.text import safe_block, safe_line
from tui.untrusted_json import read_json
from tui.wording import size as size_text

_HEX_BYTES = 1024
_MOST_COLUMNS = 24
_WIDEST = 40
_PNG = b"\x89PNG\r\n\x1a\n"
_GIFS = (b"GIF87a", b"GIF89a")
_JPEG = b"\xff\xd8\xff"
_NO_FRAMES = frozenset({0xC4, 0xC8, 0xCC})
"""JPEG markers among C0 to CF that start no frame."""
_MAGIC = (
    (b"PK\x03\x04", "ZIP archive"),
    (b"%PDF-", "PDF document"),
    (b"\x1f\x8b", "gzip file"),
    (b"\x7fELF", "program (ELF)"),
    (b"AC10", "AutoCAD drawing"),
    (b"Kaydara FBX", "FBX model"),
    (b"PAR1", "Parquet file"),
    (b"SQLite format 3\0", "SQLite database"),
)


def preview_of(name: str, head: bytes, size: int | None) -> Preview:
    """What can be shown of a file of this name that begins so; `size` is its length in bytes where that is known."""
    if not head:
        return Preview(Safe("empty file"), Safe(""))
    is_cut = size is None or len(head) < size
    if image := _image(head):
        return Preview(image, Safe(""), safe_line(size_text(size)))
    text = _text(head, is_cut=is_cut)
    if text is None:
        kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "binary file")
        shown = head[:_HEX_BYTES]
        return Preview(safe_line(kind), safe_block(_hexdump(shown)), _cut_note(len(shown), size))
    kind, shown_text = _in_order(name.lower(), text, is_cut=is_cut)
    return Preview(safe_line(kind), inert_report(shown_text), _cut_note(len(head), size))


def _cut_note(count: int, size: int | None) -> Safe:
    """How much of it is shown; nothing where that is all."""
    if count == size:
        return Safe("")
    return safe_line(f"the first {size_text(count)}{'' if size is None else f' of {size_text(size)}'}")


# ── images ──


def _image(head: bytes) -> Safe | None:
    """The kind and the size in pixels."""
    if head.startswith(_PNG):
        return _measured("PNG", struct.unpack(">II", head[16:24]) if len(head) >= 24 else None)
    if head.startswith(_GIFS):
        return _measured("GIF", struct.unpack("<HH", head[6:10]) if len(head) >= 10 else None)
    if head.startswith(_JPEG):
        return _measured("JPEG", _jpeg_size(head))
    return None


def _measured(kind: str, pixels: Sequence[int] | None) -> Safe:
    return safe_line(f"{kind} image" if pixels is None else f"{kind} image, {pixels[0]} × {pixels[1]} pixels")


def _jpeg_size(head: bytes) -> tuple[int, int] | None:
    """Width and height from the first frame's header; None where it lies further on."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], struct.unpack(">H", head[at + 2 : at + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAMES:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 1 if marker == 0xFF else 2 + length
    return None


# ── text ──


def _text(head: bytes, *, is_cut: bool) -> str | None:
    """The bytes as text; None where they are none. A character that is cut in two at the end is left out."""
    for mark, coding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            return head.removeprefix(mark).decode(coding, "replace")
    if b"\0" in head:
        return None
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(head, final=not is_cut)
    except UnicodeDecodeError:
        # Exports of Windows programs: bytes above 127 among words; a binary file has control characters too.
        controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
        return None if controls else head.decode("cp1252", "replace")


def _in_order(name: str, text: str, *, is_cut: bool) -> tuple[str, str]:
    """What kind of text it is, and the text laid out where that is possible."""
    if name.endswith((".csv", ".tsv")):
        return "table", _columns(text, is_cut=is_cut) or text
    if name.endswith(".json") or text.lstrip()[:1] in ("{", "["):
        try:
            return "JSON", json.dumps(read_json(text), indent=2, ensure_ascii=False)
        except ValueError:  # cut, or JSON by its name only
            return ("JSON" if name.endswith(".json") else "text"), text
    return "text", text


def _columns(text: str, *, is_cut: bool) -> str | None:
    """The table with its columns aligned; None where it is not a simple one. A line of one cell is a remark."""
    lines = text.splitlines()[: -1 if is_cut else None]
    first = lines[0] if lines else ""
    mark = max(",;\t", key=first.count)
    try:
        rows = [[cell.rstrip() for cell in row] for row in csv.reader(lines, delimiter=mark) if row]
    except csv.Error:
        return None
    count = len(rows[0]) if rows else 0
    if not 1 < count <= _MOST_COLUMNS or any(len(row) not in (1, count) for row in rows):
        return None
    widths = [max(len(cell) for cell in column) for column in zip(*(row for row in rows if len(row) > 1), strict=True)]
    if max(widths) > _WIDEST or any("\n" in cell for row in rows for cell in row):
        return None
    return "\n".join(
        "  ".join(f"{cell:<{wide}}" for cell, wide in zip(row, widths, strict=False)).rstrip() for row in rows
    )


def _hexdump(data: bytes) -> str:
    lines = []
    for at in range(0, len(data), 16):
        row = data[at : at + 16]
        digits = " ".join(f"{byte:02x}" for byte in row)
        letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{at:04x}  {digits:<47}  {letters}")
    return "\n".join(lines)
