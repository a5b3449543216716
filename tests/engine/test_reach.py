"""Addresses in a vendor's replies: which are visited, and that the one that was judged is the one connected to."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.clock import FakeClock
from tests.engine.misbehaving import Misbehaving, Thing
from tests.engine.webs import CONNECTION, PlainVendor, as_vendor, connection, sessions
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.wire.reach import Reach, Zone, zone_of
from tui.engine.wire.sessions import Sessions
from tui.errors import AskError, ConfigError
from tui.model import ProblemKind

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        (PUBLIC, Zone.PUBLIC),
        ("2606:2800:220:1:248:1893:25c8:1946", Zone.PUBLIC),
        ("::ffff:93.184.216.34", Zone.PUBLIC),
        ("64:ff9b::5db8:d822", Zone.PUBLIC),  # NAT64 of a public one
        ("10.0.0.5", Zone.NETWORK),
        ("172.31.255.255", Zone.NETWORK),
        ("192.168.1.1", Zone.NETWORK),
        ("100.64.0.1", Zone.NETWORK),  # a carrier's, or a VPN's
        ("192.0.2.1", Zone.NETWORK),  # documentation
        ("198.18.0.1", Zone.NETWORK),
        ("fd12:3456::1", Zone.NETWORK),
        ("fec0::1", Zone.NETWORK),
        ("::ffff:10.0.0.5", Zone.NETWORK),
        ("2002:0a00:0005::1", Zone.NETWORK),  # 6to4 of 10.0.0.5
        ("64:ff9b::a00:5", Zone.NETWORK),
        ("127.0.0.1", Zone.MACHINE),
        ("127.8.9.10", Zone.MACHINE),
        ("0.0.0.0", Zone.MACHINE),
        ("::", Zone.MACHINE),
        ("::1", Zone.MACHINE),
        ("::ffff:127.0.0.1", Zone.MACHINE),
        ("64:ff9b::7f00:1", Zone.MACHINE),
        ("169.254.169.254", Zone.NOBODY),
        ("::ffff:169.254.169.254", Zone.NOBODY),
        ("2002:a9fe:a9fe::", Zone.NOBODY),
        ("64:ff9b::a9fe:a9fe", Zone.NOBODY),
        ("169.254.1.1", Zone.NOBODY),
        ("168.63.129.16", Zone.NOBODY),
        ("100.100.100.200", Zone.NOBODY),
        ("192.0.0.192", Zone.NOBODY),
        ("fd00:ec2::254", Zone.NOBODY),
        ("fe80::1", Zone.NOBODY),
        ("fe80::1%eth0", Zone.NOBODY),
        ("224.0.0.1", Zone.NOBODY),
        ("ff02::1", Zone.NOBODY),
        ("240.0.0.1", Zone.NOBODY),
        ("255.255.255.255", Zone.NOBODY),
    ],
)
def test_how_near_an_address_is(address: str, zone: Zone) -> None:
    assert zone_of(address) is zone


def at(**hosts: str) -> Callable[[str, int], list[str]]:
    """A look-up in this table; a host's dots are written as `_` in it, and an address stands for itself."""

    def look_up(host: str, port: int) -> list[str]:
        return hosts.get(host.replace(".", "_").replace("-", "_"), host).split()

    return look_up


@pytest.mark.parametrize(
    ("home", "there", "visited"),
    [
        (PUBLIC, PUBLIC, True),
        (PUBLIC, "10.0.0.5", False),
        (PUBLIC, "127.0.0.1", False),
        (PUBLIC, "169.254.169.254", False),
        ("10.0.0.1", PUBLIC, True),
        ("10.0.0.1", "10.0.0.5", True),
        ("10.0.0.1", "fd12::5", True),
        ("10.0.0.1", "127.0.0.1", False),
        ("10.0.0.1", "169.254.169.254", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "10.0.0.5", True),
        ("127.0.0.1", "169.254.169.254", False),
        ("169.254.169.254", "169.254.169.253", False),
        (f"10.0.0.1 {PUBLIC}", "10.0.0.5", False),  # a home that is both counts as the farther one
    ],
)
def test_nothing_nearer_than_the_connections_own_host_is_visited(home: str, there: str, visited: bool) -> None:
    reach = Reach(CONNECTION, at(vendor_example=home, files_example=there))
    if visited:
        assert reach.addresses("files.example", 443) == (there,)
        return
    with pytest.raises(AskError, match=r"leads to files\.example, an address ") as caught:
        reach.addresses("files.example", 443)
    assert caught.value.kind is ProblemKind.BAD_REPLY
    assert 'add "files.example" to allowed_hosts of [connections.plant]' in caught.value.hint


async def test_a_connection_whose_address_leads_nowhere_is_the_settings_fault() -> None:
    rooms, _ = sessions(lambda _: httpx.Response(200))
    with pytest.raises(ConfigError, match="plant: base_url names no possible host"):
        await rooms.of(connection(base_url="https://10.0.0.300"))


def test_its_own_host_and_named_ones_are_visited_wherever_they_are() -> None:
    table = at(vendor_example="127.0.0.1", files_example="10.0.0.5", more_example="10.0.0.6")
    reach = Reach(connection(base_url=f"https://{PUBLIC}", allowed_hosts=("Files.example", "::1", "10.0.0.7")), table)
    assert reach.addresses("files.example", 443) == ("10.0.0.5",)
    assert reach.addresses("::1", 443) == ("::1",)
    assert reach.addresses("10.0.0.7", 443) == ("10.0.0.7",)
    with pytest.raises(AskError):
        reach.addresses("more.example", 443)
    assert Reach(CONNECTION, table).addresses("vendor.example", 443) == ("127.0.0.1",)


def test_of_a_host_with_several_addresses_only_the_permitted_ones_are_used() -> None:
    reach = Reach(CONNECTION, at(vendor_example=PUBLIC, files_example=f"10.0.0.5 {PUBLIC} 127.0.0.1"))
    assert reach.addresses("files.example", 443) == (PUBLIC,)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://files.example/x?sig=canary", "with http"),
        ("https://user@files.example/x?sig=canary", "a user or a password"),
        ("https://user:canary@files.example/x", "a user or a password"),
        ("https://:canary@files.example/x", "a user or a password"),
        ("ftp://files.example/canary", "no web address"),
        ("file:///etc/canary", "no web address"),
        ("canary", "no web address"),
        ("https:canary", "no web address"),
        ("https://[canary", "no address"),
        ("https://files.example:99999/canary", "no address"),
    ],
)
async def test_an_address_that_is_wrong_by_itself_is_not_asked(url: str, why: str) -> None:
    rooms, web = sessions(lambda _: httpx.Response(200))
    session = await rooms.of(CONNECTION)
    with pytest.raises(AskError, match=why) as fetched:
        await session.fetch(url)
    with pytest.raises(AskError) as streamed:
        async with session.stream_file(url, signed_in=False, headers={}):
            pass
    assert not web.sent
    assert "canary" not in str(fetched.value) + str(streamed.value)
    await rooms.close()


async def test_a_user_in_an_address_at_home_is_refused_too() -> None:
    rooms, web = sessions(lambda _: httpx.Response(200))
    with pytest.raises(AskError, match="a user or a password"):
        await (await rooms.of(CONNECTION)).send("GET", "https://ops:other@vendor.example/status")
    assert not web.sent
    await rooms.close()


async def test_http_is_taken_where_the_connection_itself_is_http() -> None:
    rooms, _ = sessions(lambda _: httpx.Response(200))
    session = await rooms.of(connection(base_url="http://vendor.example"))
    assert (await session.fetch("http://files.example/x")).status == 200
    await rooms.close()


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


def real_sessions() -> Sessions:
    clock = FakeClock()
    finder = SecretFinder({}, GuardedKeyring(trouble="none here"), clock)
    return Sessions(clock, finder, lambda _: as_vendor(PlainVendor()))


async def fetched_from(server: Misbehaving, **settings: Any) -> bytes:
    """What a session with a public home gets from this machine."""
    rooms = real_sessions()
    session = await rooms.of(connection(base_url=f"http://{PUBLIC}", **settings))
    try:
        return (await session.fetch(f"{server.origin}/out.bin")).body
    finally:
        await rooms.close()


async def test_over_real_sockets_this_machine_is_out_of_reach_unless_it_is_named(no_proxy: None) -> None:
    with Misbehaving(Thing(b"a service of this machine", etag='"1"')) as server:
        with pytest.raises(AskError, match=r"127\.0\.0\.1, an address of this machine: not visited") as caught:
            await fetched_from(server)
        assert caught.value.not_sent
        assert not server.asked
        assert await fetched_from(server, allowed_hosts=("127.0.0.1",)) == b"a service of this machine"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "localhost", "[::1]", "0"])
@pytest.mark.parametrize("proxy", [None, "http://127.0.0.1:9"])
async def test_however_it_is_written_and_behind_a_proxy(host: str, proxy: str | None, no_proxy: None) -> None:
    rooms = real_sessions()
    session = await rooms.of(connection(base_url=f"http://{PUBLIC}", proxy=proxy))
    with pytest.raises(AskError, match="an address of this machine: not visited"):
        await session.fetch(f"http://{host}:9/x")
    await rooms.close()


async def test_names_are_a_proxys_business_but_for_hosts_that_it_is_not_used_for(
    no_proxy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "direct.example")
    asked: list[str] = []

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["10.0.0.5"] if host == "direct.example" else [PUBLIC]

    reach = Reach(connection(base_url=f"https://{PUBLIC}"), look_up)
    await reach.refuse_behind_proxy("https://files.example/x")
    assert not asked
    with pytest.raises(AskError, match=r"direct\.example"):
        await reach.refuse_behind_proxy("https://direct.example/x")


def test_the_address_that_was_judged_is_the_one_that_is_connected_to() -> None:
    answers = iter([["127.0.0.1"], ["10.9.9.9"]])
    asked: list[str] = []

    def changing(host: str, port: int) -> list[str]:
        """Good when it is judged, another one when somebody asks again."""
        asked.append(host)
        return ["127.0.0.1"] if host == "vendor.example" else next(answers)

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with Reach(CONNECTION, changing).connect("files.example", port, 5.0) as line:
            assert line.getpeername() == ("127.0.0.1", port)
    assert asked.count("files.example") == 1
