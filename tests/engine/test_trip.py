"""A small file's exchange in one thread: given up at any instant, it leaves the connections of others alone."""

from __future__ import annotations

import gc
import ssl
from collections.abc import Iterator, Mapping

import httpx
import pytest

from tests.engine.talks import OK, Server, answers
from tui.engine.wire.blocking_line import Line, connect_anywhere
from tui.engine.wire.line_pool import Pool
from tui.engine.wire.origin import Origin, origin_of
from tui.engine.wire.trip import Read, Trip

_WORDS = b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n"


class Taker:
    """Takes all of a body."""

    def take(self, status: int, headers: Mapping[str, str], read: Read) -> bool:
        view = memoryview(bytearray(int(headers["content-length"])))
        while status == 200 and view:
            view = view[read(view) :]
        return status == 200


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    yield
    gc.collect()  # a socket that nobody closed warns, and warnings are errors


def origin(server: Server) -> Origin:
    return origin_of(httpx.URL(server.url))


def trip_to(server: Server, pool: Pool) -> Trip:
    trust, where = ssl.create_default_context(), origin(server)
    return Trip(
        pool, where, lambda: Line(where, trust, connect_anywhere), _WORDS, {"connect": 60.0, "read": 60.0}, Taker()
    )


def test_one_that_was_given_up_before_it_began_goes_nowhere() -> None:
    pool = Pool()
    with Server(answers(OK)) as server:
        trip = trip_to(server, pool)
        trip.abort()
        with pytest.raises(httpx.ConnectError):
            trip.go()
        assert server.connections == 0


def test_giving_up_one_that_is_over_does_not_meet_the_next_one_on_its_connection() -> None:
    pool = Pool()
    with Server(answers(OK, OK)) as server:
        first, second = trip_to(server, pool), trip_to(server, pool)
        assert first.go() is None
        first.abort()
        assert second.go() is None
        pool.close()
        assert server.connections == 1


def test_an_answer_that_nobody_takes_any_more_is_closed_with_its_connection() -> None:
    pool = Pool()
    gone = b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"
    with Server(answers(gone), answers(OK)) as server:
        trip = trip_to(server, pool)
        assert trip.go() is not None
        trip.abort()
        trip.leave()
        assert trip_to(server, pool).go() is None
        pool.close()
        assert server.connections == 2


def test_only_what_got_no_answer_is_asked_for_again() -> None:
    """A kept connection may have been closed meanwhile; a body that breaks off is its taker's affair."""
    pool = Pool()
    with Server(answers(OK, OK.replace(b": 5", b": 50")), answers(OK)) as server:
        assert trip_to(server, pool).go() is None
        with pytest.raises(httpx.ReadError, match="in mid-file"):
            trip_to(server, pool).go()
        pool.close()
        assert server.connections == 1


def test_connections_to_many_servers_are_not_all_kept() -> None:
    pool = Pool(most=2)
    with Server(answers(OK, OK)) as one, Server(answers(OK, OK)) as two, Server(answers(OK, OK)) as three:
        for server in (one, two, three):
            assert trip_to(server, pool).go() is None
        kept = [pool.take(origin(server)) for server in (one, two, three)]
        assert [line is not None for line in kept] == [False, True, True]
        for line in kept:
            if line:
                line.close()
