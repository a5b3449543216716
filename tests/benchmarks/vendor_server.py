"""Vendors that cost next to nothing, for measurements: octoplant's orders and Autodesk's lists, with faults in turn.

`vendor_server ORIGINS [FAULTY]` prints its ports, one an origin; once its stdin closes, a line of JSON on what it saw.
FAULTY is the share of time, in percent, during which an origin does something wrong.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import sys
import time
from collections import Counter, defaultdict
from enum import Enum, auto

WINDOW = 15.0
"""Seconds for which a fault lasts."""
_NEWS_EVERY = 300.0
"""Seconds for which a job says the same: of ten answers, 30 seconds apart, one is new."""
_HTML = b"<!doctype html><title>Sign in</title>" + b" " * 2000
_BOMB = gzip.compress(b"[" * 60_000_000, 9)
_DEEP = b"[" * 200_000


class Fault(Enum):
    """What an origin may do wrong."""

    NONE = auto()
    UNAVAILABLE = auto()
    BUSY = auto()
    HANGS = auto()
    CLOSES = auto()
    SLOW = auto()
    FLAPS = auto()
    HTML = auto()
    BOMB = auto()
    DEEP = auto()
    HUGE = auto()
    REDIRECTS = auto()


class Seen:
    """What was asked of each origin."""

    def __init__(self) -> None:
        self.by_second: dict[int, Counter[int]] = defaultdict(Counter)
        self.faults: Counter[str] = Counter()
        self.connections = 0
        self.most_connections = 0

    def told(self) -> str:
        """The sum of it, as JSON."""
        most = 0
        for seconds in self.by_second.values():
            for start in range(min(seconds), max(seconds) + 1):
                most = max(most, sum(seconds[second] for second in range(start, start + 60)))
        total = sum(sum(seconds.values()) for seconds in self.by_second.values())
        faults = dict(self.faults)
        return json.dumps(
            {"requests": total, "busiest_minute": most, "most_connections": self.most_connections, "faults": faults}
        )


def fault_now(origin: int, percent: int) -> Fault:
    """The same for a whole window, another one in the next."""
    chance = random.Random(f"{origin} {int(time.monotonic() / WINDOW)}")
    if chance.random() * 100 >= percent:
        return Fault.NONE
    return chance.choice([fault for fault in Fault if fault is not Fault.NONE])


def _answer(status: str, body: bytes, *headers: str, kind: str = "application/json") -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


_TOKEN = _answer("200 OK", b'{"access_token": "t", "token_type": "Bearer", "expires_in": 3599}')
_BAD = {
    Fault.UNAVAILABLE: _answer("503 Service Unavailable", b"{}"),
    Fault.BUSY: _answer("429 Too Many Requests", b"{}", "Retry-After: 5"),
    Fault.HTML: _answer("200 OK", _HTML, kind="text/html"),
    Fault.BOMB: _answer("200 OK", _BOMB, "Content-Encoding: gzip"),
    Fault.DEEP: _answer("200 OK", _DEEP),
    Fault.REDIRECTS: _answer("302 Found", b"", "Location: /elsewhere"),
}


def _step(name: str) -> int:
    """How far a job is; each goes on at a moment of its own."""
    return int(time.monotonic() / _NEWS_EVERY + int.from_bytes(name.encode()) % 1000 / 1000)


def _workitem(name: str) -> dict[str, object]:
    return {
        "id": name,
        "status": "inprogress",
        "progress": f"step {_step(name)}",
        "stats": {"timeQueued": "2026-03-02T08:15:00Z"},
    }


def good(method: str, path: str, body: bytes) -> bytes:
    """The vendor's answer."""
    if path.endswith("/token"):
        return _TOKEN
    name = path.rsplit("/", 1)[-1]
    if method == "POST":
        return _answer("200 OK", json.dumps({"results": [_workitem(one) for one in json.loads(body)]}).encode())
    if "workitems" in path:
        return _answer("200 OK", json.dumps(_workitem(name)).encode())
    operation = {
        "name": name,
        "metadata": {"state": "STATE_RUNNING", "currentSubProcess": "Export", "finishedSubProcesses": _step(name)},
        "done": False,
    }
    return _answer("200 OK", json.dumps(operation).encode())


class Origin(asyncio.Protocol):
    """One connection to one origin."""

    def __init__(self, number: int, percent: int, seen: Seen) -> None:
        self._number = number
        self._percent = percent
        self._seen = seen
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._wire = transport
        self._seen.connections += 1
        self._seen.most_connections = max(self._seen.most_connections, self._seen.connections)

    def connection_lost(self, exc: Exception | None) -> None:
        self._seen.connections -= 1

    def data_received(self, data: bytes) -> None:
        self._data += data
        while b"\r\n\r\n" in self._data:
            head, _, rest = self._data.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            length = next((int(one.partition(":")[2]) for one in lines if one.lower().startswith("content-length")), 0)
            if len(rest) < length:
                return
            self._data = rest[length:]
            method, path, _ = lines[0].split(" ", 2)
            self._hear(method, path, rest[:length])

    def _hear(self, method: str, path: str, body: bytes) -> None:
        self._seen.by_second[self._number][int(time.monotonic())] += 1
        fault = fault_now(self._number, self._percent) if self._percent else Fault.NONE
        if fault is Fault.FLAPS:
            fault = random.choice([Fault.NONE, Fault.UNAVAILABLE, Fault.CLOSES])
        self._seen.faults[fault.name.lower()] += 1
        if fault in _BAD:
            self._wire.write(_BAD[fault])
        elif fault is Fault.CLOSES:
            self._wire.abort()
        elif fault is Fault.HUGE:
            self._wire.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n")
            self._send_much(50_000_000)
        elif fault is Fault.SLOW:
            asyncio.get_running_loop().call_later(2.0, self._write, good(method, path, body))
        elif fault is Fault.NONE:
            self._write(good(method, path, body))

    def _write(self, answer: bytes) -> None:
        if not self._wire.is_closing():
            self._wire.write(answer)

    def _send_much(self, left: int) -> None:
        if left and not self._wire.is_closing():
            self._wire.write(b" " * 500_000)
            asyncio.get_running_loop().call_later(0.005, self._send_much, left - 500_000)


async def serve(origins: int, percent: int) -> None:
    """Until stdin ends."""
    loop, seen = asyncio.get_running_loop(), Seen()
    servers = [
        await loop.create_server(lambda number=number: Origin(number, percent, seen), "127.0.0.1", 0)  # type: ignore[misc]
        for number in range(origins)
    ]
    sys.stdout.write(" ".join(str(server.sockets[0].getsockname()[1]) for server in servers) + "\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)
    sys.stdout.write(seen.told() + "\n")


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
