"""Where an address in a vendor's reply may lead: it is the vendor's word, and not the user's.

A vendor, or whoever speaks in its name, could point at this machine, at its network or at a cloud's metadata service
(facts: downloads, section 3.2). So a host's address is looked up once, judged, and that very address connected to.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.request import proxy_bypass

import httpx

from tui.address import host_of
from tui.engine.wire.daemon import in_daemon, let_be
from tui.errors import AskError, ConfigError
from tui.model import Connection, ProblemKind

_NAT64 = IPv6Network("64:ff9b::/96")
_METADATA = frozenset(
    map(ip_address, ("168.63.129.16", "169.254.169.254", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"))
)
"""Where Azure, most others, Alibaba, Oracle and Amazon tell a machine its credentials."""

_LAST_PORT = 65_535

LookUp = Callable[[str, int], Iterable[str]]
"""The addresses of a host; blocks. Raises OSError."""


class Zone(IntEnum):
    """How near an address is. A vendor may name what is no nearer than the connection's own host."""

    PUBLIC = 0
    NETWORK = 1
    MACHINE = 2
    NOBODY = 3
    """Link-local, metadata, multicast and reserved: no vendor has a file there."""


_WORDS = {
    Zone.NETWORK: "an address of a private network",
    Zone.MACHINE: "an address of this machine",
    Zone.NOBODY: "an address where no file of a vendor's can be",
}


def zone_of(address: str) -> Zone:
    """The zone of an address in numbers. Raises ValueError for a name."""
    ip = _inner(ip_address(address))
    if ip.is_loopback or ip.is_unspecified:
        return Zone.MACHINE
    if ip in _METADATA or ip.is_link_local or ip.is_multicast or ip.is_reserved:
        return Zone.NOBODY
    if isinstance(ip, IPv6Address) and ip.is_site_local:
        return Zone.NETWORK
    return Zone.PUBLIC if ip.is_global else Zone.NETWORK


def _inner(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or ip


def look_up(host: str, port: int) -> tuple[str, ...]:
    """What the system says are the host's addresses, in its order. Blocks. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


class Reach:
    """What one connection may be sent to by its vendor. Errors are AskErrors that name the host, never the URL."""

    def __init__(self, connection: Connection, look_up: LookUp = look_up) -> None:
        """Raises ConfigError for a connection whose own address leads nowhere."""
        try:
            own = httpx.URL(connection.base_url)
        except httpx.InvalidURL:  # e.g. https://10.0.0.300
            told = f"{connection.name}: base_url names no possible host"
            raise ConfigError(told, hint="look at base_url") from None
        self._name = connection.name
        self._own = own.raw_host.decode("ascii")
        self._own_port = own.port or 0
        self._takes_http = own.scheme == "http"
        self._allowed = frozenset(map(host_of, connection.allowed_hosts))
        self._look_up = look_up

    def refuse(self, url: str) -> httpx.URL:
        """The address; raises for one that says by itself that it is not to be visited."""
        try:
            parts = httpx.URL(url)
        except (httpx.InvalidURL, ValueError):
            raise self._refusal("what is no address") from None
        if (parts.port or 0) > _LAST_PORT or b"%" in parts.raw_host:
            raise self._refusal("what is no address")
        if parts.scheme not in ("http", "https") or not parts.host:
            raise self._refusal("what is no web address")
        if parts.userinfo:
            raise self._refusal("an address with a user or a password in it")
        if parts.scheme == "http" and not self._takes_http:
            raise self._refusal("an address with http, where everybody can read along")
        return parts

    def connect(self, host: str, port: int, seconds: float | None) -> socket.socket:
        """A line to the host, by an address that it may have. Blocks. Raises AskError or OSError."""
        trouble = OSError("the host has no address")
        for address in self.addresses(host, port):
            try:
                return socket.create_connection((address, port), seconds)
            except OSError as error:
                trouble = error
        raise trouble

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The host's addresses that may be visited. Blocks. Raises AskError when there are none, or OSError."""
        found = tuple(self._look_up(host, port))
        if host == self._own or host in self._allowed:
            return found
        if all(zone_of(one) is Zone.PUBLIC for one in found):
            return found
        home = min(self._home(), Zone.MACHINE)
        good = tuple(one for one in found if zone_of(one) <= home)
        if not good:
            raise self._refusal(
                f"{host}, {_WORDS[min(map(zone_of, found))]}",
                hint=f'if that is right, add "{host}" to allowed_hosts of [connections.{self._name}]',
            )
        return good

    async def refuse_behind_proxy(self, url: str) -> None:
        """The same for a host that a proxy connects to: by what stands in the address, since the proxy looks it up.

        A host that the proxy is not used for is looked up here.
        """
        parts = httpx.URL(url)
        host, port = parts.raw_host.decode("ascii"), parts.port or 0
        if not (_is_number(host) or host == "localhost" or host.endswith(".localhost") or proxy_bypass(host)):
            return
        try:
            await in_daemon(lambda: self.addresses(host, port), let_be, left=let_be)
        except OSError:  # whoever connects will say so
            return

    def _home(self) -> Zone:
        """Where the connection's own host is: the farthest of its addresses."""
        try:
            return min(map(zone_of, self._look_up(self._own, self._own_port)), default=Zone.PUBLIC)
        except OSError:
            return Zone.PUBLIC

    def _refusal(self, what: str, hint: str = "ask the vendor, or who stands between") -> AskError:
        return AskError(ProblemKind.BAD_REPLY, f"the vendor's reply leads to {what}: not visited", hint=hint)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        # What the system reads as a number all the same: 127.1, 0x7f000001, 2130706433.
        return host.rpartition(".")[2][:1].isdigit()
    return True
