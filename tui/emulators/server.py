"""The emulated world: servers on loopback in one process, started and stopped together."""

from __future__ import annotations

import random
import secrets
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from email.utils import format_datetime
from pathlib import Path
from typing import Self

import trustme
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from tui.clock import Clock, SystemClock
from tui.emulators.aspera.site import AsperaSite
from tui.emulators.autodesk.site import AutodeskSite
from tui.emulators.description import WorldDescription
from tui.emulators.enos.rsa import RsaDoor
from tui.emulators.enos.site import EnosSite
from tui.emulators.faults import Faults
from tui.emulators.jaggaer.site import JaggaerSite
from tui.emulators.octoplant.site import OctoplantSite
from tui.emulators.sending import Sender
from tui.emulators.signing import Key
from tui.emulators.site import Arrival, Site, Surroundings
from tui.emulators.store import Store
from tui.emulators.stream import Stream
from tui.emulators.worldtime import WorldTime

HOST = "127.0.0.1"
_SERVERS = ("autodesk", "enos", "aspera", "jaggaer", "octoplant", "store")
_LARGEST_BODY = 4_000_000
_PATIENCE = 0.2
"""Seconds that requests under way are given when the world stops."""
_LAST_PORT = 65_535


class EmulatedVendors:
    """Five vendors and a store; use it as `async with EmulatedVendors() as world`.

    `port` is the first port to take, the others follow at the next free ones; None takes any. `bandwidth` is bytes a
    second for each body, None for as fast as it goes. `tls_names` are those that octoplant's certificate lists. With
    `rsa` EnOS takes the tokens of the vendor's Python SDK too. Raises OSError when `port` itself is taken.
    """

    store: Store
    autodesk: AutodeskSite
    enos: EnosSite
    aspera: AsperaSite
    jaggaer: JaggaerSite
    octoplant: OctoplantSite

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        seed: str = "jobdeck",
        port: int | None = None,
        bandwidth: int | None = None,
        tls_names: Sequence[str] = ("localhost", HOST),
        rsa: bool = False,
    ) -> None:
        self.clock = clock or SystemClock()
        self._tls_names = tls_names
        self._rsa = rsa
        self._seed = seed
        self._port = port
        self._bandwidth = bandwidth
        self._exit = AsyncExitStack()

    @property
    def sites(self) -> tuple[Site, ...]:
        """The five vendors."""
        return (self.autodesk, self.enos, self.aspera, self.jaggaer, self.octoplant)

    def describe(self) -> WorldDescription:
        """How to reach the vendors, and what they have."""
        return WorldDescription({site.name: site.describe() for site in self.sites})

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._start(stack)
            self._exit = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    async def arrivals(self) -> AsyncIterator[Arrival]:
        """New jobs, each handed out when its time has come; never ends. One iterator at a time."""
        stream = Stream(random.Random(f"{self._seed}/stream"), [site.name for site in self.sites])
        sites = {site.name: site for site in self.sites}
        while True:
            ticket = stream.next()
            await self.clock.sleep(ticket.born - self._time.seconds())
            for site in self.sites:
                site.forget()
            yield sites[ticket.vendor].newcomer(ticket.number, ticket.born)

    async def _start(self, stack: AsyncExitStack) -> None:
        self._time = WorldTime(self.clock)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jobdeck-emulators-")))
        ca_file = folder / "octoplant.pem"
        tls = _certificate(ca_file, self._tls_names)
        sockets = dict(zip(_SERVERS, _take_ports(len(_SERVERS), self._port), strict=True))
        for taken in sockets.values():
            stack.callback(taken.close)
        hosts = {name: f"{HOST}:{taken.getsockname()[1]}" for name, taken in sockets.items()}
        key = Key("AKIDEXAMPLE000000001", secrets.token_urlsafe(30))
        self.store = Store(self.clock, hosts["store"], key, self._bandwidth)
        self._build(hosts, ca_file)
        stack.push_async_callback(self.autodesk.close)
        stack.push_async_callback(self.enos.close)
        for site in self.sites:
            context = tls if site is self.octoplant else None
            app = _app(self.clock, site.faults, site.sender, site.routes(), site.middlewares())
            await _serve(stack, sockets[site.name], app, context)
            stack.callback(site.faults.clear)
        routes = [*self.enos.inner_routes(), *self.aspera.inner_routes(), *self.store.routes()]
        await _serve(stack, sockets["store"], _app(self.clock, self.store.faults, self.store.sender, routes))
        stack.callback(self.store.faults.clear)

    def _build(self, hosts: Mapping[str, str], ca_file: Path) -> None:
        def around(name: str, scheme: str = "http") -> Surroundings:
            return Surroundings(self._time, self.store, self._seed, f"{scheme}://{hosts[name]}", self._bandwidth)

        self.autodesk = AutodeskSite(around("autodesk"))
        self.enos = EnosSite(around("enos"))
        if self._rsa:
            self.enos.gateway.rsa = RsaDoor()
        self.aspera = AsperaSite(around("aspera"))
        self.jaggaer = JaggaerSite(around("jaggaer"))
        self.octoplant = OctoplantSite(around("octoplant", "https"), ca_file)


def _app(
    clock: Clock, faults: Faults, sender: Sender, routes: list[web.RouteDef], middlewares: Sequence[Middleware] = ()
) -> web.Application:
    app = web.Application(middlewares=[_faulty(clock, faults, sender), *middlewares], client_max_size=_LARGEST_BODY)
    app.add_routes(routes)
    return app


async def _serve(
    stack: AsyncExitStack, taken: socket.socket, app: web.Application, tls: ssl.SSLContext | None = None
) -> None:
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=_PATIENCE)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, taken, ssl_context=tls).start()


def _faulty(clock: Clock, faults: Faults, sender: Sender) -> Middleware:
    """What goes wrong on purpose; all that is answered bears the world's own time, unless a site has one of its own."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        instead = await faults.instead(request)
        response = await handler(request) if instead is None else instead
        if not response.prepared:
            response.headers.setdefault("Date", format_datetime(clock.now(), usegmt=True))
        return await sender.spoil(request, response) if instead is None else response

    return middleware


def _certificate(ca_file: Path, names: Sequence[str]) -> ssl.SSLContext:
    """A server context for these names; the authority that signed it is written to `ca_file`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context


def _take_ports(count: int, first: int | None) -> list[socket.socket]:
    if first is None:
        return [_listen(0) for _ in range(count)]
    taken = [_listen(first)]
    port = first
    while len(taken) < count and port < _LAST_PORT:
        port += 1
        try:
            taken.append(_listen(port))
        except OSError:
            continue
    return taken


def _listen(port: int) -> socket.socket:
    return socket.create_server((HOST, port), backlog=256)
