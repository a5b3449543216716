"""How files begin: laid out where that helps, inert in any case."""

from __future__ import annotations

import json
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.engine.inside.preview import preview_of
from tui.model import Secret
from tui.redact import remember


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 640, 480, 8, 2, 0, 0, 0))
GIF = b"GIF89a" + struct.pack("<HH", 32, 16) + b"\x80\0\0"
JPEG = (
    b"\xff\xd8"
    + b"\xff\xe0"
    + struct.pack(">H", 16)
    + bytes(14)
    + b"\xff\xff\xc2"
    + struct.pack(">HBHHB", 17, 8, 50, 70, 3)
)


@pytest.mark.parametrize(
    ("name", "head", "kind", "text"),
    [
        ("a.png", PNG, "PNG image, 640 × 480 pixels", ""),
        ("a.gif", GIF, "GIF image, 32 × 16 pixels", ""),
        ("a.jpg", JPEG, "JPEG image, 70 × 50 pixels", ""),
        ("a.png", PNG[:12], "PNG image", ""),
        ("a.jpg", JPEG[:20], "JPEG image", ""),
        ("a.gif", GIF[:8], "GIF image", ""),
        ("a.txt", b"", "empty file", ""),
        ("a.txt", "größer\n".encode(), "text", "größer\n"),
        ("a.txt", b"\xef\xbb\xbfmarked", "text", "marked"),
        ("a.txt", "wide".encode("utf-16"), "text", "wide"),
        ("a.txt", "größer".encode("cp1252"), "text", "größer"),
        ("a.json", b'{"b":[1],"a":"\xc3\xa9"}', "JSON", '{\n  "b": [\n    1\n  ],\n  "a": "é"\n}'),
        ("reply", b" [true]", "JSON", "[\n  true\n]"),
        ("a.json", b"not json", "JSON", "not json"),
        ("a.txt", b"[section]\nx=1", "text", "[section]\nx=1"),
        ("a.csv", b"id;name\n1;Line 3\n22;x\n", "table", "id  name\n1   Line 3\n22  x"),
        ("a.csv", b"a,b  \n1,2\n# the end\n", "table", "a  b\n1  2\n# the end"),
        ("a.csv", b"only one column\nhere\n", "table", "only one column\nhere\n"),
        ("a.csv", b"a,b\n1,2,3\n", "table", "a,b\n1,2,3\n"),
        ("a.tsv", b'a\tb\n"1"\t2\n', "table", "a  b\n1  2"),
        ("a.dwg", b"AC1032\0\x01", "AutoCAD drawing", f"0000  {'41 43 31 30 33 32 00 01':<47}  AC1032.."),
        ("a.bin", b"\0\xff", "binary file", f"0000  {'00 ff':<47}  .."),
    ],
)
def test_each_kind_is_shown_in_its_way(name: str, head: bytes, kind: str, text: str) -> None:
    preview = preview_of(name, head, len(head))
    assert (preview.kind, preview.text) == (kind, text)


def test_what_is_left_out_is_told() -> None:
    text = "ä".encode() * 10
    preview = preview_of("a.txt", text[:-1], 5_000_000)
    assert (preview.text, preview.note) == ("ä" * 9, "the first 19 B of 5.0 MB")
    assert preview_of("a.txt", b"x", None).note == "the first 1 B"
    assert preview_of("a.bin", bytes(65_536), 10**9).note == "the first 1.0 kB of 1.0 GB"
    assert preview_of("a.bin", b"\0", 1).note == ""
    assert preview_of("a.png", PNG, 77_000).note == "77.0 kB"
    cut = preview_of("a.csv", b"a,b\n1,2\n3,", 100)
    assert cut.text == "a  b\n1  2"
    assert preview_of("a.json", b'{"a": [1, ', 100).text == '{"a": [1, '


def test_json_that_is_made_to_do_harm_is_shown_as_it_stands() -> None:
    deep = b"[" * 60_000
    assert preview_of("a.json", deep, len(deep)).text == deep.decode()
    huge = b"[" + b"9" * 9_000 + b"]"
    assert preview_of("a.json", huge, len(huge)).text == huge.decode()


def test_a_live_secret_and_controls_are_never_shown() -> None:
    remember(Secret("canary-in-a-file"))
    preview = preview_of("a.txt", b"key canary-in-a-file \x1b]0;x\x07 \xc2\x9b31m", 50)
    assert "canary" not in preview.text
    assert "␛]0;x␇" in preview.text
    assert "\x9b" not in preview.text
    escaped = json.dumps({"a": "\x1b[31m\u202e"}).encode()
    assert "\x1b" not in preview_of("a.json", escaped, len(escaped)).text


@given(
    st.sampled_from(["a.txt", "a.json", "a.csv", "a.png", "x"]),
    st.binary(max_size=300),
    st.none() | st.integers(0, 900),
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_become_inert_text(name: str, head: bytes, size: int | None) -> None:
    preview = preview_of(name, head, size)
    assert all(character.isprintable() or character in "\n\t" or ord(character) > 127 for character in preview.text)
    assert not set(preview.text + preview.kind) & {chr(code) for code in [*range(9), *range(11, 32), *range(127, 160)]}


@given(st.sampled_from([PNG[:8], b"GIF87a", b"\xff\xd8\xff"]), st.binary(max_size=60))
@settings(max_examples=100, deadline=None)
def test_no_image_header_is_believed_blindly(magic: bytes, rest: bytes) -> None:
    assert " image" in preview_of("x", magic + rest, None).kind
