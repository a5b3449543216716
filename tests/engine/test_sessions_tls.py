"""TLS and time-outs on real sockets: octoplant's emulator with its own certificate, and servers that keep silent."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.emulators.thread import EmulatorThread
from tests.engine.talks import nobody
from tests.engine.webs import PlainVendor, as_vendor
from tui import vendors
from tui.clock import SystemClock
from tui.emulators.server import EmulatedVendors
from tui.emulators.site import SiteDescription
from tui.engine.secrets.finder import SecretFinder
from tui.engine.secrets.keyring_guard import GuardedKeyring
from tui.engine.secrets.ways import variable
from tui.engine.wire.live_session import LiveSession
from tui.engine.wire.sessions import Sessions
from tui.engine.wire.trust import trust_of
from tui.errors import AskError, ConfigError
from tui.model import Connection, ProblemKind


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture(scope="module")
def site() -> Iterator[SiteDescription]:
    with EmulatorThread(EmulatedVendors(seed="tls")) as world:
        yield world.description["octoplant"]


def plant(site: SiteDescription, **changes: object) -> Connection:
    options = {"username": str(site.connection["username"])}
    ca_file = Path(str(site.connection["ca_file"]))
    connection = Connection("plant", "octoplant", site.base_url, options=options, ca_file=ca_file)
    return replace(connection, **changes)  # type: ignore[arg-type]


async def proved(site: SiteDescription, connection: Connection) -> str:
    """What octoplant's probe says through a real session."""
    environ = {variable("plant", name): value for name, value in site.secrets.items()}
    clock = SystemClock()
    rooms = Sessions(clock, SecretFinder(environ, GuardedKeyring(trouble="none here"), clock), vendors.load)
    try:
        return await vendors.load("octoplant").probe(await rooms.of(connection))
    finally:
        await rooms.close()


async def test_with_its_ca_file_the_login_works(site: SiteDescription) -> None:
    assert await proved(site, plant(site))


async def test_a_certificate_of_an_older_server_is_taken_where_its_file_is_named(
    site: SiteDescription, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, made = httpx.create_ssl_context, []

    def strict(**settings: Any) -> ssl.SSLContext:
        made.append(usual(**settings))
        made[-1].verify_flags |= ssl.VERIFY_X509_STRICT  # as Python does from 3.13 on
        return made[-1]

    monkeypatch.setattr(httpx, "create_ssl_context", strict)
    assert await proved(site, plant(site))
    assert [context.verify_flags & ssl.VERIFY_X509_STRICT for context in made] == [0] * len(made) != []
    assert {context.verify_mode for context in made} == {ssl.CERT_REQUIRED}


async def test_without_it_the_certificate_is_refused_with_what_to_do(site: SiteDescription) -> None:
    with pytest.raises(AskError) as caught:
        await proved(site, plant(site, ca_file=None))
    assert caught.value.kind is ProblemKind.TLS
    assert caught.value.message.startswith("TLS failed: unable to get local issuer certificate")
    assert "ca_file" in caught.value.hint


async def test_insecure_takes_any_certificate(site: SiteDescription) -> None:
    assert await proved(site, plant(site, ca_file=None, insecure=True))


async def test_a_presigned_url_is_never_fetched_past_a_certificate(site: SiteDescription) -> None:
    for connection, trusted in (
        (plant(site, ca_file=None, insecure=True), False),
        (plant(site, insecure=True), True),
        (plant(site), True),
    ):
        clock = SystemClock()
        rooms = Sessions(
            clock, SecretFinder({}, GuardedKeyring(trouble="none here"), clock), lambda _: as_vendor(PlainVendor())
        )
        fetching = (await rooms.of(connection)).fetch(f"{site.base_url}/nothing")
        if trusted:
            assert (await fetching).status == 404
        else:
            with pytest.raises(AskError, match="TLS failed"):
                await fetching
        await rooms.close()


async def test_another_name_in_the_certificate_is_refused_unless_it_is_named(site: SiteDescription) -> None:
    aside = site.base_url.replace("127.0.0.1", "127.1")  # the same machine by a name that no certificate has
    with pytest.raises(AskError) as caught:
        await proved(site, plant(site, base_url=aside))
    assert caught.value.kind is ProblemKind.TLS
    assert "tls_server_name" in caught.value.hint
    assert await proved(site, plant(site, base_url=aside, tls_server_name="localhost"))
    with pytest.raises(AskError) as caught:
        await proved(site, plant(site, tls_server_name="elsewhere.example"))
    assert caught.value.kind is ProblemKind.TLS


async def test_plain_http_where_tls_is_due(site: SiteDescription) -> None:
    with pytest.raises(AskError) as caught:
        await proved(site, plant(site, base_url=site.base_url.replace("https", "http")))
    assert caught.value.kind in (ProblemKind.UNREACHABLE, ProblemKind.BAD_REPLY)


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


async def bare(base_url: str, silence: float = 20.0) -> tuple[Sessions, LiveSession]:
    clock = SystemClock()
    rooms = Sessions(
        clock, SecretFinder({}, GuardedKeyring(trouble="none here"), clock), lambda _: as_vendor(PlainVendor())
    )
    return rooms, await rooms.of(Connection("plant", "plain", base_url, timeout=silence))


async def test_a_server_that_says_nothing_is_unreachable(silent: socket.socket) -> None:
    rooms, session = await bare(f"http://127.0.0.1:{silent.getsockname()[1]}", silence=0.1)
    with pytest.raises(AskError) as caught:
        await session.send("GET", "/x?password=hunter2")
    assert (caught.value.kind, caught.value.message) == (ProblemKind.UNREACHABLE, "no answer in 0.1 s")
    await rooms.close()


async def test_nobody_there_is_unreachable() -> None:
    with nobody() as port:
        rooms, session = await bare(f"http://127.0.0.1:{port}")
        with pytest.raises(AskError) as caught:
            await session.send("GET", "/x?password=hunter2")
    assert caught.value.kind is ProblemKind.UNREACHABLE
    assert "hunter2" not in caught.value.message
    await rooms.close()


async def test_a_name_that_no_host_can_have_is_no_crash() -> None:
    rooms, session = await bare(f"http://{'x' * 70}.example")
    with pytest.raises(AskError):
        await session.send("GET", "/x")
    await rooms.close()


async def test_the_systems_authorities_are_asked_where_the_connection_says_so(site: SiteDescription) -> None:
    assert await proved(site, plant(site, trust="system"))  # its own file counts as well
    with pytest.raises(AskError, match="TLS failed"):
        await proved(site, plant(site, trust="system", ca_file=None))


def test_an_ssl_cert_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("no certificate")
    connection = Connection("plant", "octoplant", "https://plant.example", ca_file=tmp_path / "any.pem")
    for name in ("nosuch.pem", "empty.pem"):
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / name))
        with pytest.raises(ConfigError, match=f"SSL_CERT_FILE names no certificates .*{name}"):
            trust_of(connection)
