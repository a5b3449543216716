"""Believable text in rows of equal width, so that the bytes at any offset can be worked out.

A loom renders a few thousand rows once; every further block of rows is one of them with another day stamped in.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache

ROWS_A_BLOCK = 2048
_VARIANTS = 4
_DAY = b"0000-00-00"
_FIRST_DAY = date(2019, 1, 1)
_DAYS = 2500
_SECONDS_A_ROW = 42

RowMaker = Callable[[random.Random, int], str]


class Loom:
    """One kind of text: what stands before the rows, what a row looks like, and what stands behind them."""

    def __init__(self, name: str, make_row: RowMaker, *, width: int, head: str = "", tail: str = "") -> None:
        self.name = name
        self.width = width
        self.head = head.encode()
        self.tail = tail.encode()
        self._make_row = make_row

    def size(self, rows: int) -> int:
        """Bytes of a text with that many rows."""
        return len(self.head) + rows * self.width + len(self.tail)

    def rows_for(self, size: int) -> int:
        """How many rows come nearest to that many bytes."""
        return max(1, round((size - len(self.head) - len(self.tail)) / self.width))

    def pieces(self, rows: int, day: int, first: int, stop: int) -> Iterator[bytes]:
        """The bytes from `first` up to `stop` of a text with that many rows; `day` is where its calendar starts."""
        body = len(self.head)
        end = body + rows * self.width
        if first < body:
            yield self.head[first:stop]
        step = ROWS_A_BLOCK * self.width
        at = max(first, body)
        while at < min(stop, end):
            number, skip = divmod(at - body, step)
            take = min(step - skip, min(stop, end) - at)
            block = self._block(day + number)
            yield block if take == step else block[skip : skip + take]
            at += take
        if stop > end:
            yield self.tail[max(first - end, 0) : stop - end]

    def _block(self, day: int) -> bytes:
        stamp = (_FIRST_DAY + timedelta(days=day % _DAYS)).isoformat().encode()
        return _variants(self)[day % _VARIANTS].replace(_DAY, stamp)

    def weave(self) -> tuple[bytes, ...]:
        """Render the blocks that all texts of this kind are made of."""
        rng = random.Random(self.name)
        return tuple("".join(self._row(rng, row) for row in range(ROWS_A_BLOCK)).encode() for _ in range(_VARIANTS))

    def _row(self, rng: random.Random, row: int) -> str:
        return self._make_row(rng, row).ljust(self.width - 1)[: self.width - 1] + "\n"


@lru_cache(maxsize=16)
def _variants(loom: Loom) -> tuple[bytes, ...]:
    return loom.weave()


def _clock(row: int) -> str:
    minutes, second = divmod(row * _SECONDS_A_ROW, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"


def _turbine(rng: random.Random, row: int) -> str:
    wind = rng.triangular(0, 25, 8)
    power = min(2300.0, 2.9 * wind**3)
    state = rng.choices(("ok", "derated", "stopped"), (94, 4, 2))[0]
    turbine = f"WT{rng.randint(1, 36):02d}"
    return f"0000-00-00T{_clock(row)}Z,{turbine},{wind:5.2f},{power:7.1f},{rng.gauss(9, 4):5.1f},{state}"


def _log_line(rng: random.Random, row: int) -> str:
    level = rng.choices(("INFO ", "DEBUG", "WARN "), (80, 17, 3))[0]
    text = rng.choice(("item stored", "checksum matches", "segment moved", "lock taken", "lock freed", "index updated"))
    return f"0000-00-00 {_clock(row)} {level} worker-{rng.randint(1, 8)} {text} ({rng.randint(1, 9999):4d} ms)"


def _component(rng: random.Random, row: int) -> str:
    path = rf"\\Plant\\Line {rng.randint(1, 6)}\\PLC {rng.randint(1, 999):03d}"
    check = f"{rng.getrandbits(64):016x}"
    return f'{{"day":"0000-00-00","time":"{_clock(row)}","path":"{path}","version":{row % 90:2d},"crc":"{check}"}},'


def _bid(rng: random.Random, row: int) -> str:
    lot, supplier = row % 400 + 1, rng.randint(1, 60)
    return f"0000-00-00,LOT-{lot:04d},SUP-{supplier:03d},{rng.uniform(3, 9800):9.2f},EUR,{rng.randint(1, 20):2d}"


def _vertex(rng: random.Random, row: int) -> str:
    if row % 64 == 0:
        return f"g panel-0000-00-00-{row:04d}"
    return f"v {rng.gauss(0, 40):11.6f} {rng.gauss(0, 40):11.6f} {rng.gauss(0, 9):11.6f}"


TURBINES = Loom(
    "turbines", _turbine, width=64, head="time,turbine,wind_m_s,power_kw,nacelle_c,state\n", tail="# end of export\n"
)
LOG = Loom("log", _log_line, width=72)
COMPONENTS = Loom("components", _component, width=120, head='{"components":[\n', tail='{"end":true}]}\n')
BIDS = Loom("bids", _bid, width=56, head="day,lot,supplier,price,currency,rank\n")
MESH = Loom("mesh", _vertex, width=48, head="# exported scene\n", tail="# end of scene\n")
