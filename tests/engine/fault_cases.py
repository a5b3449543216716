"""What a file's server can do wrong, and how a download must end under it: a list, one line a fault."""

from __future__ import annotations

import hashlib
import io
import random
import zipfile
import zlib
from dataclasses import dataclass
from enum import Enum, auto

from tests.engine.misbehaving import SLOW_DOWN, Framing, Script, Thing, Turn
from tui.vendors.contract import Link

CONTENT = random.Random(1).randbytes(400_000)
OTHER = random.Random(2).randbytes(400_000)
LONGER = random.Random(3).randbytes(450_001)
SIZE = len(CONTENT)
THING = Thing(CONTENT)
WEAK = Thing(CONTENT, etag='W/"version-1"')
UNMARKED = Thing(CONTENT, etag=None)
UNKNOWN = Link("")
SIZED = Link("", size=SIZE)
HASHED = Link("", sha1=hashlib.sha1(CONTENT).hexdigest())
OLD = Thing(CONTENT, etag=None, modified="Mon, 02 Mar 2026 08:00:00 GMT")
FRESH = Thing(CONTENT, etag=None, modified="Mon, 02 Mar 2026 08:14:57 GMT")
"""It may have changed twice within its second (RFC 9110, 8.8.2.2)."""
CUT = Turn(cut_after=20_000)


def _archive(content: bytes) -> Thing:
    """A ZIP with the content as its one member, under the same ETag whatever the content."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("data.bin"), content)
    return Thing(packed.getvalue(), media_type="application/zip")


class End(Enum):
    """How a download may end. In no case is there a wrong file under the final name."""

    RIGHT = auto()
    FAILED = auto()
    PAUSED = auto()
    """For want of room."""
    EITHER = auto()


@dataclass(frozen=True, slots=True)
class Case:
    """One fault."""

    name: str
    script: Script
    end: End = End.RIGHT
    says: str = ""
    """What the failure's sentence has in it, a regular expression."""
    thing: Thing = THING
    link: Link = UNKNOWN
    output: str = "out.bin"
    goes_on: bool = False
    """Whether what came is kept: next to nothing is sent twice."""
    timeout: float = 60.0
    waits: float = 0.0
    """One wait is at least so long, seconds."""


def _once(name: str, *turns: Turn, **more: object) -> Case:
    return Case(name, Script(turns), **more)  # type: ignore[arg-type]


def _always(name: str, turn: Turn, *before: Turn, **more: object) -> Case:
    return Case(name, Script(before, turn), End.FAILED, **more)  # type: ignore[arg-type]


def _claims(first: int, last: int, total: int) -> Turn:
    return Turn(claims=(first, last, total))


def _says(name: str, value: str | None, **more: object) -> Turn:
    return Turn(headers=((name, value),), **more)  # type: ignore[arg-type]


BROKEN_LINES = (
    _once("cut", CUT, goes_on=True),
    _once("cut ten times", *[CUT] * 10, goes_on=True),
    _once("cut before the first byte", Turn(cut_after=0), goes_on=True),
    _once("reset", Turn(cut_after=20_000, reset=True)),
    _always("cut before the first byte, always", Turn(cut_after=0), says="broke|short"),
    _always("cut, then nothing more", Turn(cut_after=0), CUT, says="broke|short"),
    _once("hangs before the headers", Turn(hang_after=-1), timeout=1.0),
    _once("hangs in the body", Turn(hang_after=20_000), timeout=1.0, goes_on=True),
    _always("hangs, always", Turn(hang_after=-1), timeout=0.1, says="no answer"),
    _once("slow headers", Turn(slow_headers=True)),
    _once("short chunked", Turn(framing=Framing.CHUNKED, cut_after=20_000), goes_on=True),
    _once("whole chunked", Turn(framing=Framing.CHUNKED), Turn(framing=Framing.CHUNKED)),
    Case("chunked for good, cut twice", Script((CUT, CUT), Turn(framing=Framing.CHUNKED))),
)
SWAPPED = (
    _once("another object of the same size", Turn(cut_after=20_000, then=Thing(OTHER, etag='"version-2"'))),
    _once("another object, longer", Turn(cut_after=20_000, then=Thing(LONGER, etag='"version-2"'))),
    _once(
        "swapped twice",
        *(Turn(cut_after=20_000, then=Thing(one, etag=f'"{one[:1].hex()}"')) for one in (OTHER, LONGER)),
    ),
    _once(
        "swapped without a word, the hash is known",
        Turn(cut_after=20_000, then=Thing(OTHER)),
        link=HASHED,
        end=End.FAILED,
        says="SHA-1",
    ),
    _once(
        "swapped without a word, an archive",
        Turn(cut_after=20_000, then=_archive(OTHER)),
        thing=_archive(CONTENT),
        output="out.zip",
        end=End.FAILED,
        says="(?i)zip|archive",
    ),
    _once("swapped, no ETag, longer", Turn(cut_after=20_000, then=Thing(LONGER, etag=None)), thing=UNMARKED),
    _once("swapped, no ETag, same size", Turn(cut_after=20_000, then=Thing(OTHER, etag=None)), thing=UNMARKED),
    _once("swapped, weak ETag, same size", Turn(cut_after=20_000, then=Thing(OTHER, etag=WEAK.etag)), thing=WEAK),
    _once("the ETag changes on a 206", CUT, Turn(ignores_conditions=True, then=Thing(OTHER, etag='"version-2"'))),
    _once("the ETag is gone on a 206", CUT, _says("ETag", None), end=End.EITHER),
)
RANGES = (
    Case("no ranges at all", Script(rest=Turn(ignores_range=True))),
    Case("no ranges, cut", Script((Turn(cut_after=20_000, ignores_range=True),), Turn(ignores_range=True))),
    _once("200 to a Range, once", CUT, Turn(ignores_range=True)),
    _once("first byte is wrong", CUT, _claims(1, 1, 0), end=End.EITHER),
    _once("last byte is too far", CUT, _claims(0, 1, 0), end=End.EITHER),
    _once("total is wrong", CUT, _claims(0, 0, 5), end=End.EITHER),
    _once("total is wrong first", _claims(0, 0, 5), CUT, end=End.EITHER),
    Case("total is always wrong", Script((CUT,), _claims(0, 0, 5)), End.EITHER),
    Case("first byte is always wrong", Script((CUT,), _claims(1, 1, 0)), End.EITHER),
    _once("another unit", CUT, _says("Content-Range", "items 0-9/10"), end=End.EITHER),
    _once("no Content-Range", CUT, _says("Content-Range", None), end=End.EITHER),
    _once("garbage", CUT, _says("Content-Range", "bytes \xff-/"), end=End.EITHER),
    _once("too many digits", CUT, _says("Content-Range", f"bytes 0-{'9' * 5000}/{'9' * 5000}"), end=End.EITHER),
    _once("206 with too many bytes", CUT, Turn(extra=500), end=End.EITHER),
    _once("206 with too few bytes", CUT, Turn(extra=-500)),
    Case("206 always with too few bytes", Script((CUT,), Turn(extra=-500)), End.EITHER),
    Case("206 always with too many bytes", Script((CUT,), Turn(extra=500)), End.EITHER),
    _once("412", CUT, Turn(status=412)),
    _once("416", CUT, Turn(status=416)),
    _always("412, always", Turn(status=412), CUT),
    _always("416, always", Turn(status=416), CUT),
    Case("cut, weak ETag", Script((CUT,)), thing=WEAK),
    Case("cut, an old Last-Modified", Script((CUT,)), thing=OLD),
    Case("cut, a fresh Last-Modified", Script((CUT,)), thing=FRESH),
    Case("cut, no validator", Script((CUT,)), thing=UNMARKED),
    Case("206 to a plain GET", Script((Turn(status=206),)), End.EITHER),
    Case("an empty file", Script(), thing=Thing(b"")),
    Case("one byte", Script(), thing=Thing(b"x")),
)
BUSY = (
    _once("SlowDown with Retry-After", Turn(503, SLOW_DOWN, (("Retry-After", "7"),)), waits=7.0),
    _once("SlowDown", Turn(503, SLOW_DOWN)),
    _once("SlowDown in the middle", CUT, Turn(503, SLOW_DOWN), Turn(503, SLOW_DOWN), goes_on=True),
    _once("429", Turn(429, headers=(("Retry-After", "3"),)), waits=3.0, goes_on=True),
    _once("429 in the middle", CUT, Turn(429, headers=(("Retry-After", "3"),)), goes_on=True),
    _once("500, 502, 504", CUT, *(Turn(one) for one in (500, 502, 504)), goes_on=True),
    _once("408, 425", CUT, Turn(408), Turn(425), goes_on=True),
    _always("SlowDown, always", Turn(503, SLOW_DOWN), says="503"),
    _always("SlowDown, always, after a start", Turn(503, SLOW_DOWN), CUT, says="503"),
    _always("404", Turn(404), says="not there"),
    _always("410 after a start", Turn(410), CUT, says="not there"),
    _always("a teapot", Turn(418), says="418"),
)
LINKS = (
    _once("dies in the middle", Turn(cut_after=20_000, kills_link=True), goes_on=True),
    _once("dies again and again", *[Turn(cut_after=20_000, kills_link=True)] * 6, goes_on=True),
    Case("never works", Script(signatures_live=False), End.FAILED, says="refused"),
    _always("401, always", Turn(401), says="refused"),
    _once("403 once", Turn(403, b"<Error/>")),
)
_PAGE = b"<!doctype html><html><title>Sign in</title></html>"
_HTML = (("Content-Type", "text/html; charset=utf-8"),)
_XML = (("Content-Type", "application/xml"),)
_JSON = (("Content-Type", "application/json"),)
CONTENTS = (
    _always("a web page", Turn(200, _PAGE, _HTML), says="web page"),
    _always("a web page in place of the rest", Turn(200, _PAGE, _HTML), CUT, says="web page"),
    _always("S3's error with 200", Turn(200, SLOW_DOWN, _XML), says="error"),
    _always("S3's error without a type", Turn(200, SLOW_DOWN), says="error"),
    _always("JSON in place of a ZIP", Turn(200, b'{"error": "gone"}', _JSON), says="error|JSON", output="out.zip"),
    Case(
        "a file name beyond ASCII",
        Script((CUT,), _says("Content-Disposition", 'attachment; filename="caf\xe9\xff.bin"')),
    ),
    _always("gzip", Turn(packed=True, ignores_range=True), says="packs"),
    _once("gzip, once, in the middle", CUT, Turn(packed=True), end=End.EITHER),
    Case("gzip, the size is known", Script(rest=Turn(packed=True)), End.FAILED, link=SIZED),
    Case(
        "endless, the size is known",
        Script(rest=Turn(framing=Framing.CLOSE, ignores_range=True, endless=True)),
        End.EITHER,
        link=SIZED,
    ),
    Case(
        "endless chunks, the size is known",
        Script(rest=Turn(framing=Framing.CHUNKED, ignores_range=True, endless=True)),
        End.EITHER,
        link=SIZED,
    ),
    Case("more than the vendor said", Script(), End.FAILED, thing=Thing(LONGER), link=SIZED, says="450001|due|size"),
    Case("less than the vendor said", Script(), End.FAILED, thing=Thing(CONTENT[:-9]), link=SIZED),
    Case("not the vendor's hash", Script(), End.FAILED, thing=Thing(OTHER), link=HASHED, says="SHA-1"),
    Case(
        "an archive with a broken member",
        Script(),
        End.FAILED,
        thing=Thing(b"PK\x03\x04" + zlib.compress(b"no archive"), media_type="application/zip"),
        output="out.zip",
        says="(?i)zip|archive",
    ),
)
_CLOSE = Turn(framing=Framing.CLOSE, ignores_range=True)
_CLOSE_CUT = Turn(framing=Framing.CLOSE, ignores_range=True, cut_after=20_000)
LENGTHS = (
    Case("no length", Script(rest=_CLOSE)),
    Case("no length, cut, the size is known", Script((_CLOSE_CUT,), _CLOSE), link=SIZED),
    Case("no length, cut, the hash is known", Script((_CLOSE_CUT,), _CLOSE), End.EITHER, link=HASHED),
    _once(
        "length too large",
        _says("Content-Length", str(SIZE + 1000), cut_after=SIZE, ignores_range=True),
        end=End.EITHER,
    ),
    Case(
        "length always too large",
        Script(rest=_says("Content-Length", "500000", cut_after=SIZE, ignores_range=True)),
        End.FAILED,
    ),
    Case(
        "length too small, the hash is known",
        Script(rest=_says("Content-Length", "1000", cut_after=SIZE, ignores_range=True)),
        End.FAILED,
        link=HASHED,
    ),
    Case(
        "length too small, the size is known",
        Script(rest=_says("Content-Length", "1000", cut_after=SIZE, ignores_range=True)),
        End.FAILED,
        link=SIZED,
    ),
    Case(
        "length is negative",
        Script(rest=_says("Content-Length", "-5", cut_after=SIZE, ignores_range=True)),
        End.EITHER,
        link=SIZED,
    ),
    Case(
        "length is garbage",
        Script(rest=_says("Content-Length", "12abc", cut_after=SIZE, ignores_range=True)),
        End.EITHER,
        link=SIZED,
    ),
    Case(
        "length is huge",
        Script(rest=_says("Content-Length", str(10**17), cut_after=SIZE, ignores_range=True)),
        End.PAUSED,
        says="missing",
    ),
    Case(
        "length has 5,000 digits",
        Script(rest=_says("Content-Length", "9" * 5000, cut_after=SIZE, ignores_range=True)),
        End.FAILED,
    ),
)
ALL = (*BROKEN_LINES, *SWAPPED, *RANGES, *BUSY, *LINKS, *CONTENTS, *LENGTHS)
